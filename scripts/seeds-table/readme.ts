/** Puts the table into a Markdown document, between markers that it keeps. */

const BEGIN = '<!-- seeds-table -->';
const END = '<!-- /seeds-table -->';
const HEADING = '## What it reaches';
/** Without markers the section goes before this one, or to the end. */
const BEFORE = '\n## Licence\n';

/** The document with `table` between the markers; they are added, with a heading, if missing. */
export function withTable(document: string, table: string): string {
  const part = `${BEGIN}\n${table}\n${END}`;
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END, begin);
  if (begin >= 0 && end >= 0) {
    return document.slice(0, begin) + part + document.slice(end + END.length);
  }
  const section = `${HEADING}\n\n${part}\n`;
  const at = document.indexOf(BEFORE);
  if (at < 0) return `${document.trimEnd()}\n\n${section}`;
  return `${document.slice(0, at)}\n${section}${document.slice(at)}`;
}
