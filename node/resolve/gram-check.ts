/** Whether numbers that somebody typed in, or computed elsewhere, can be a Gram matrix. */
import { shownValue } from '../schema/index.ts';
import { GramError } from './errors.ts';
import { LANGUAGES_MAX } from './types.ts';

/** Rounding that the two halves of a matrix may differ by, as a share of √(Gᵢᵢ·Gⱼⱼ). */
const SYMMETRY_MAX = 1e-6;

/**
 * An inner product may be this many times √(Gᵢᵢ·Gⱼⱼ), which it is at most but for rounding. Sums of
 * n products in float32 are off by some √n·2⁻²⁴ of that if they are added up one by one, which is
 * this for 2²⁸ of them, and by much less as libraries add them up. What isn't rounding is far
 * beyond it: a wrong order, cosines beside squares, matrices of different rows. Sums in bfloat16
 * are beyond it too, and what they say of rows that are nearly parallel is noise.
 */
const EXCESS_MAX = 1 + 2 ** -10;

/** The m of m·m numbers; throws a GramError for what has none. `what`: its name in messages. */
export function sizeOf(gram: ArrayLike<number>, what = 'gram'): number {
  const given: unknown = gram;
  const expected = `expected m·m numbers, row by row, with m from 1 to ${LANGUAGES_MAX}`;
  if (typeof given !== 'object' || given === null || !('length' in given)) {
    throw new GramError(`${what} is ${shownValue(given)}, ${expected}`);
  }
  const first: unknown = gram[0];
  if (typeof first === 'object' && first !== null) {
    throw new GramError(`${what} is a list of lists, ${expected}, in one: ${what}.flat()`);
  }
  const m = Math.round(Math.sqrt(gram.length));
  if (m * m === gram.length && m >= 1 && m <= LANGUAGES_MAX) return m;
  throw new GramError(`${what} has ${gram.length} numbers, ${expected}`);
}

/** How a matrix is judged. */
export interface Judged {
  /** What messages call it. */
  readonly what?: string;
  /** An inner product may be this many times the product of two norms. */
  readonly excessMax?: number;
}

/** The matrix, symmetric to the bit, with zeros where a row is masked. */
export function checkedGram(
  gram: ArrayLike<number>,
  m: number,
  mask: Uint8Array,
  { what = 'gram', excessMax = EXCESS_MAX }: Judged = {},
): Float64Array {
  const place = (i: number, j: number) => `${what}[${i * m + j}] (row ${i}, column ${j})`;
  const notFinite = (i: number, j: number) =>
    new GramError(`${place(i, j)} is ${shownValue(gram[i * m + j])}, expected a finite number`);
  const clean = new Float64Array(m * m);
  const norms = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    if (mask[i] === 0) continue;
    const square = gram[i * m + i]!;
    if (!isFiniteNumber(square)) throw notFinite(i, i);
    if (square < 0) {
      throw new GramError(`${place(i, i)} is ${square}, and no squared norm is below 0`);
    }
    norms[i] = Math.sqrt(square);
  }
  for (let i = 0; i < m; i++) {
    if (mask[i] === 0) continue;
    for (let j = 0; j <= i; j++) {
      if (mask[j] === 0) continue;
      const lower = gram[i * m + j]!;
      const upper = gram[j * m + i]!;
      if (!isFiniteNumber(lower)) throw notFinite(i, j);
      if (!isFiniteNumber(upper)) throw notFinite(j, i);
      const size = norms[i]! * norms[j]!;
      if (Math.abs(lower - upper) > SYMMETRY_MAX * size) {
        const both = `${place(j, i)} is ${upper} and ${place(i, j)} is ${lower}`;
        throw new GramError(`${what} is not symmetric: ${both}`);
      }
      const entry = lower === upper ? lower : lower + (upper - lower) / 2;
      if (Math.abs(entry) > excessMax * size && i !== j)
        throw tooLarge(place(j, i), what, entry, size);
      clean[i * m + j] = entry;
      clean[j * m + i] = entry;
    }
  }
  return clean;
}

/**
 * A matrix of m rows whose entries are finite and symmetric; whether rows have it, its solver's gap
 * says.
 */
export function checkedSquare(
  gram: ArrayLike<number>,
  m: number,
  mask: Uint8Array,
  what = 'gram',
): Float64Array {
  const size = sizeOf(gram, what);
  if (size === m) return checkedGram(gram, m, mask, { what, excessMax: Number.POSITIVE_INFINITY });
  throw new GramError(`${what} has ${gram.length} numbers, expected ${m * m}: m·m for ${m} rows`);
}

/** False also for what JavaScript would take for a number, such as '7'. */
const isFiniteNumber = (value: unknown) => Number.isFinite(value);

function tooLarge(place: string, what: string, entry: number, size: number): GramError {
  return new GramError(
    `${place} is ${entry}, and the norms of these two rows, by the diagonal, have the product ` +
      `${size}, which no inner product exceeds. Compute all of ${what} from the same rows, in ` +
      'float32 or float64.',
  );
}
