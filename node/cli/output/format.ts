/** Numbers and columns for people. Pure: every function gives text and touches nothing. */
import { stripVTControlCharacters } from 'node:util';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three digits: `12 B`, `4.19 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value, unit)} ${BYTE_UNITS[unit]}`;
}

function threeDigits(value: number, unit: number): string {
  if (unit === 0 || value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Two decimals, or `–` where there is no number. */
export function formatLoss(loss: number | null): string {
  return loss === null ? '–' : loss.toFixed(2);
}

const GROUP_WORDS: Readonly<Record<string, string>> = {
  bucket: 'bucket by bucket',
  layer: 'layer by layer',
  model: 'for the whole model',
  refined: 'in refined groups',
};

/** What one set of weights applies to, as a config says it. */
export function formatGroups(groups: string | readonly unknown[]): string {
  return typeof groups === 'string' ? (GROUP_WORDS[groups] ?? groups) : 'in groups of its own';
}

/** More numbers of a list than these would fill the screen. */
const LIST_MAX = 8;

/** A method and its options: `cagrad c=0.4`, `psmgd of=(cagrad c=0.4) preference=2,1`. */
export function formatMethod({ name, ...options }: { readonly name: string }): string {
  const said = Object.entries(options).map(([key, value]) => ` ${key}=${formatOption(value)}`);
  return `${name}${said.join('')}`;
}

function formatOption(value: unknown): string {
  if (Array.isArray(value)) {
    return `${value.slice(0, LIST_MAX).join(',')}${value.length > LIST_MAX ? ',…' : ''}`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const shown = formatMethod({ name: '', ...value });
  return shown.includes(' ') ? `(${shown})` : shown;
}

/** Whole per cent; 0 of 0 is 0. */
export function formatShare(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;
}

/** The first digits of a hash, enough for people. */
export function shortHash(hash: string): string {
  return `${hash.slice(0, 8)}…`;
}

/** Characters that a text takes on the screen, colours apart. */
export function visibleLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/**
 * The segments, joined by two spaces, in lines of at most `columns`. What fits into no more than
 * `linesMax` of them is left out, and so is a segment that is longer than a line.
 */
export function wrapSegments(
  segments: readonly string[],
  columns: number,
  linesMax: number,
): string[] {
  const lines: string[] = [];
  for (const segment of segments.filter((one) => visibleLength(one) <= columns)) {
    const last = lines.at(-1);
    const longer = `${last}  ${segment}`;
    if (last !== undefined && visibleLength(longer) <= columns) lines[lines.length - 1] = longer;
    else if (lines.length < linesMax) lines.push(segment);
    else break;
  }
  return lines;
}

/**
 * The segments, joined by a dot, in as many lines as they take: a segment that would pass `columns`
 * begins a new line, below the end of `head`. A segment that is longer than a line has its own.
 */
export function wrapAll(head: string, segments: readonly string[], columns: number): string[] {
  const indent = ' '.repeat(visibleLength(head));
  const lines: string[] = [];
  for (const segment of segments) {
    const last = lines.at(-1);
    const longer = `${last} · ${segment}`;
    if (last !== undefined && visibleLength(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(`${last === undefined ? head : indent}${segment}`);
  }
  return lines;
}

/** Rows of cells as lines, every column as wide as its widest cell, two spaces between. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => visibleLength(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - visibleLength(cell)))
      .join('  ')
      .trimEnd(),
  );
}
