/**
 * What the methods made of rows promise, checked on the rows of one matrix after another: every
 * coordinate against the definition in exact arithmetic, with the draws that there should have
 * been; for tests only. It shares no code with the methods.
 */
import { type ResolveOptions, resolveRows } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { numberOf, whole } from './exact.ts';
import type { MatrixOfRows } from './matrices.ts';

export interface RowPromises {
  readonly configuration: Configuration;
  /** Rows that `resolveRows` asks for at least. */
  readonly rowsMin: number;
}

type Configuration =
  | { readonly aggregator: 'graddrop'; readonly leak?: number }
  | { readonly aggregator: 'trimmed-mean'; readonly trim?: number };

export const rowPromises: readonly RowPromises[] = [
  { configuration: { aggregator: 'graddrop' }, rowsMin: 1 },
  { configuration: { aggregator: 'graddrop', leak: 0.3 }, rowsMin: 1 },
  { configuration: { aggregator: 'graddrop', leak: 1 }, rowsMin: 1 },
  { configuration: { aggregator: 'trimmed-mean' }, rowsMin: 3 },
  { configuration: { aggregator: 'trimmed-mean', trim: 0 }, rowsMin: 1 },
  { configuration: { aggregator: 'trimmed-mean', trim: 3 }, rowsMin: 7 },
];

interface Worst {
  readonly violations: readonly string[];
  readonly line: string;
}

/** A coordinate as it is defined: d, and what d is added up from. */
interface Defined {
  readonly value: number;
  readonly size: number;
}

/** Rounding to float32, and of sums in float64, half a digit each. */
const ROUNDED_ONCE = 2 ** -24;
const ROUNDED_TERM = 2 ** -53;
/** The least float32. */
const SUBNORMAL = 2 ** -149;
/** Below this a float32 has fewer digits. */
const FULL_DIGITS_MIN = 2 ** -120;
/** Standard deviations that a share of draws may be off by. */
const DEVIATIONS_MAX = 4;

/** How often the positive ones were kept, against how often they should have been. */
interface Tally {
  kept: number;
  expected: number;
  variance: number;
}

export function holdsOnRows(promise: RowPromises, matrices: readonly MatrixOfRows[]): Worst {
  const { configuration, rowsMin } = promise;
  const violations: string[] = [];
  const tally: Tally = { kept: 0, expected: 0, variance: 0 };
  let worst = 0;
  for (const [seed, { label, rows: given }] of matrices.entries()) {
    if (given.length < rowsMin) continue;
    const fail = (what: string) => violations.push(`${label}: ${what}`);
    const rows = asFloat32(given);
    const options = { ...configuration, seed };
    const { direction } = resolveRows(rows, options);
    const defined = definitionOf(rows, configuration, seed, tally);
    const errors = (d: Float32Array) => defined.map((each, j) => errorOf(each, d[j]!, rows.length));
    worst = Math.max(worst, ...errors(direction));
    if (!errors(direction).every((error) => error <= 1)) fail('not what is defined');
    const turned = resolveRows(rows.toReversed(), options).direction;
    if (!errors(turned).every((error) => error <= 1)) fail('the order of rows matters');
    if (!isTwice(direction, rows, options)) fail('rows twice as long do not give d twice as long');
    if (rows.length > rowsMin && !isDeleted(rows, options)) fail('a mask is not a deletion');
    if (!withstands(rows, configuration, seed)) fail('false rows lead out of the others');
  }
  const { kept, expected, variance } = tally;
  const deviations = (kept - expected) / Math.sqrt(variance);
  if (Math.abs(deviations) > DEVIATIONS_MAX) violations.push(`${kept} kept, not ${expected}`);
  const line = `${JSON.stringify(configuration)}: ${worst.toFixed(2)} of the rounding allowed`;
  const drawn = `, positive kept ${deviations.toFixed(2)} deviations from as often as expected`;
  return { violations, line: variance === 0 ? line : line + drawn };
}

/** Times the power of two that brings the longest entries into float32's range, if they aren't. */
function asFloat32(rows: readonly number[][]): Float32Array[] {
  const most = Math.max(...rows.flat().map(Math.abs));
  const exponent = most === 0 ? 0 : Math.floor(Math.log2(most));
  const factor = 2 ** (Math.max(-120, Math.min(110, exponent)) - exponent);
  return rows.map((row) => Float32Array.from(row, (value) => value * factor));
}

/** By coordinate. */
function definitionOf(
  rows: readonly Float32Array[],
  configuration: Configuration,
  seed: number,
  tally: Tally,
): Defined[] {
  const random = createStream('rows', seed);
  return Array.from(rows[0]!, (_, j) => {
    const column = rows.map((row) => whole(row[j]!));
    if (configuration.aggregator === 'trimmed-mean') return trimmed(column, configuration.trim);
    return dropped(column, random.nextFloat(), configuration.leak, tally);
  });
}

/** The mean of what is left. */
function trimmed(column: readonly bigint[], trim = 1): Defined {
  const left = column.toSorted((a, b) => (a < b ? -1 : 1)).slice(trim, column.length - trim);
  const size = left.reduce((sum, value) => sum + (value < 0n ? -value : value), 0n);
  const sum = left.reduce((a, b) => a + b);
  return { value: numberOf(sum, 1) / left.length, size: numberOf(size, 1) / left.length };
}

/** Positive ones are kept with probability ½(1 + Σg/Σ|g|) = Σ⁺/(Σ⁺ − Σ⁻), others else. */
function dropped(column: readonly bigint[], draw: number, leak = 0, tally: Tally): Defined {
  const sumOf = (sign: 1 | -1) => {
    return column.filter((value) => value * BigInt(sign) > 0n).reduce((a, b) => a + b, 0n);
  };
  const [up, down] = [sumOf(1), sumOf(-1)];
  const size = up - down;
  if (size === 0n) return { value: 0, size: 0 };
  const isUp = whole(draw) * size < whole(1) * up;
  const share = numberOf(up, 1) / numberOf(size, 1);
  tally.kept += isUp ? 1 : 0;
  tally.expected += share;
  tally.variance += share * (1 - share);
  const [kept, rest] = isUp ? [up, down] : [down, up];
  const value = numberOf(whole(1) * kept + whole(leak) * rest, 2);
  return { value, size: numberOf(size, 1) };
}

/** As a multiple of what rounding is allowed to make of it. */
function errorOf({ value, size }: Defined, found: number, k: number): number {
  const allowed = ROUNDED_ONCE * Math.abs(value) + (k + 2) * ROUNDED_TERM * size + SUBNORMAL;
  const error = Math.abs(found - value) / allowed;
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** To the bit, where a float32 has all its digits. */
function isTwice(d: Float32Array, rows: readonly Float32Array[], options: ResolveOptions) {
  const doubled = rows.map((row) => row.map((value) => 2 * value));
  const { direction } = resolveRows(doubled, options);
  return d.every((value, j) => Math.abs(value) < FULL_DIGITS_MIN || direction[j] === 2 * value);
}

/** Whether leaving the first row out by mask gives the bits of never having had it. */
function isDeleted(rows: readonly Float32Array[], options: ResolveOptions): boolean {
  const mask = Uint8Array.from(rows, (_, i) => (i === 0 ? 0 : 1));
  const masked = resolveRows(rows, { ...options, mask }).direction;
  const { direction } = resolveRows(rows.slice(1), options);
  return direction.every((value, j) => Object.is(value, masked[j]));
}

/** Whether d is among the other rows when `trim` of them are anything; others promise nothing. */
function withstands(rows: readonly Float32Array[], configuration: Configuration, seed: number) {
  if (configuration.aggregator !== 'trimmed-mean') return true;
  const { trim = 1 } = configuration;
  const honest = rows.slice(trim);
  const random = createStream('false rows', seed);
  const liars = rows.slice(0, trim).map((row) => row.map(() => (random.nextFloat() - 0.5) * 2e38));
  const { direction } = resolveRows([...liars, ...honest], configuration);
  return direction.every((value, j) => {
    const column = honest.map((row) => row[j]!);
    return value >= Math.min(...column) && value <= Math.max(...column);
  });
}
