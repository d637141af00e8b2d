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

/** The m of m·m numbers; throws a GramError for what has none. */
export function sizeOf(gram: ArrayLike<number>): number {
  const given: unknown = gram;
  const expected = `expected m·m numbers, row by row, with m from 1 to ${LANGUAGES_MAX}`;
  if (typeof given !== 'object' || given === null || !('length' in given)) {
    throw new GramError(`gram is ${shownValue(given)}, ${expected}`);
  }
  const first: unknown = gram[0];
  if (typeof first === 'object' && first !== null) {
    throw new GramError(`gram is a list of lists, ${expected}, in one: gram.flat()`);
  }
  const m = Math.round(Math.sqrt(gram.length));
  if (m * m === gram.length && m >= 1 && m <= LANGUAGES_MAX) return m;
  throw new GramError(`gram has ${gram.length} numbers, ${expected}`);
}

/** The matrix, symmetric to the bit, with zeros where a row is masked. */
export function checkedGram(gram: ArrayLike<number>, m: number, mask: Uint8Array): Float64Array {
  const clean = new Float64Array(m * m);
  const norms = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    if (mask[i] === 0) continue;
    const square = gram[i * m + i]!;
    if (!isFiniteNumber(square)) throw notFinite(gram, m, i, i);
    if (square < 0) {
      throw new GramError(`${place(m, i, i)} is ${square}, and no squared norm is below 0`);
    }
    norms[i] = Math.sqrt(square);
  }
  for (let i = 0; i < m; i++) {
    if (mask[i] === 0) continue;
    for (let j = 0; j <= i; j++) {
      if (mask[j] === 0) continue;
      const lower = gram[i * m + j]!;
      const upper = gram[j * m + i]!;
      if (!isFiniteNumber(lower)) throw notFinite(gram, m, i, j);
      if (!isFiniteNumber(upper)) throw notFinite(gram, m, j, i);
      const size = norms[i]! * norms[j]!;
      if (Math.abs(lower - upper) > SYMMETRY_MAX * size) {
        const both = `${place(m, j, i)} is ${upper} and ${place(m, i, j)} is ${lower}`;
        throw new GramError(`gram is not symmetric: ${both}`);
      }
      const entry = lower === upper ? lower : lower + (upper - lower) / 2;
      if (Math.abs(entry) > EXCESS_MAX * size && i !== j) throw tooLarge(entry, size, m, j, i);
      clean[i * m + j] = entry;
      clean[j * m + i] = entry;
    }
  }
  return clean;
}

/** False also for what JavaScript would take for a number, such as '7'. */
const isFiniteNumber = (value: unknown) => Number.isFinite(value);

const place = (m: number, i: number, j: number) => `gram[${i * m + j}] (row ${i}, column ${j})`;

function notFinite(gram: ArrayLike<number>, m: number, i: number, j: number): GramError {
  const value = shownValue(gram[i * m + j]);
  return new GramError(`${place(m, i, j)} is ${value}, expected a finite number`);
}

function tooLarge(entry: number, size: number, m: number, i: number, j: number): GramError {
  return new GramError(
    `${place(m, i, j)} is ${entry}, and the norms of these two rows, by the diagonal, have the ` +
      `product ${size}, which no inner product exceeds. Compute all of gram from the same rows, ` +
      'in float32 or float64.',
  );
}
