/**
 * From the bytes of one file to documents: plain text, one non-empty line a document, or JSONL of
 * `{text}`. It reads no files.
 */
import { DataRecordError } from './errors.ts';

/** The kinds of file that are read, by the ending of the name. */
export type TextFormat = 'plain' | 'jsonl';

export interface Records {
  readonly documents: string[];
  /** Records that hold nothing but white space; they are no documents. */
  readonly empty: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The format of a file with this name, or undefined where it is none that is read. */
export function formatOf(path: string): TextFormat | undefined {
  if (path.endsWith('.txt')) return 'plain';
  return path.endsWith('.jsonl') ? 'jsonl' : undefined;
}

/**
 * The documents of a file. A byte-order mark at its head and carriage returns at line ends belong
 * to no document. Throws a DataRecordError with `path` and line.
 */
export function readRecords(bytes: Uint8Array, format: TextFormat, path: string): Records {
  const documents: string[] = [];
  let empty = 0;
  for (const { line, number } of decodedLines(bytes, path)) {
    const blank = line.trim() === '';
    if (blank && format === 'jsonl') continue;
    const text = format === 'jsonl' ? textOf(line, path, number) : line;
    if (blank || text.trim() === '') empty++;
    else documents.push(text);
  }
  return { documents, empty };
}

/** Lines without their ends, numbered from 1. UTF-8 has no line feed inside a character. */
function* decodedLines(bytes: Uint8Array, path: string) {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let number = 1; start < bytes.length; number++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const next = feed === -1 ? bytes.length : feed + 1;
    let end = feed === -1 ? bytes.length : feed;
    if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
    let line: string;
    try {
      line = decoder.decode(bytes.subarray(start, end));
    } catch (cause) {
      throw new DataRecordError(
        path,
        number,
        'not valid UTF-8. Convert the file to UTF-8, for example with iconv.',
        { cause },
      );
    }
    yield { line, number };
    start = next;
  }
}

/** The text of one line of JSONL. */
function textOf(line: string, path: string, number: number): string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataRecordError(path, number, `not JSON (${reason}). Fix the line.`, { cause });
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new DataRecordError(path, number, `${kindOf(record)}, expected {"text": "…"}.`);
  }
  const text = (record as Record<string, unknown>)['text'];
  if (text === undefined) {
    const keys = Object.keys(record).join(', ') || 'none';
    throw new DataRecordError(path, number, `no text, only the keys: ${keys}. Name it "text".`);
  }
  if (typeof text !== 'string') {
    throw new DataRecordError(
      path,
      number,
      `text is ${kindOf(text)}, expected a string. Fix the line.`,
    );
  }
  if (!text.isWellFormed()) {
    throw new DataRecordError(path, number, 'text holds half of a surrogate pair. Fix the line.');
  }
  return text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'an object'
      : `a ${typeof value}`;
}
