/**
 * Gram matrices of rows, and their sums. Every product of two f32 is exact in float64; what rounds
 * is the addition, whose order is fixed (kernel/types.ts says which), so that all machines find
 * the same bits.
 */
import { assert } from '../../protocol/assert.ts';
import { commonLength, kernel, type Row } from './kernel/index.ts';

/**
 * G of m rows of equal length, m·m; a row that is null gives zeros. The order of additions is the
 * same for every pair, so equal rows give equal entries. Throws a GramError for unequal lengths.
 */
export function gramOfRows(rows: readonly (Row | null)[]): Float64Array {
  const present = rows.flatMap((row, index) => (row === null ? [] : [index]));
  const given = present.map((index) => rows[index]!);
  const length = commonLength(rows);
  const sums = new Float64Array(given.length ** 2);
  kernel().addProducts(sums, given, 0, length);
  return expandTriangle(sums, present, rows.length);
}

/** m·m numbers, symmetric, from the upper triangle of those of `present`; the others are 0. */
export function expandTriangle(
  sums: Float64Array,
  present: readonly number[],
  m: number,
): Float64Array {
  const gram = new Float64Array(m * m);
  const k = present.length;
  present.forEach((i, a) => {
    for (let b = a; b < k; b++) {
      const j = present[b]!;
      gram[i * m + j] = sums[a * k + b]!;
      gram[j * m + i] = sums[a * k + b]!;
    }
  });
  return gram;
}

/** The sum of Gram matrices of one size, element by element, in the order given. */
export function addGrams(grams: readonly Float64Array[]): Float64Array {
  const first = grams[0];
  assert(first !== undefined, 'a sum of no Gram matrices has no size');
  const sum = first.slice();
  for (const gram of grams.slice(1)) {
    assert(gram.length === sum.length, `${gram.length} numbers, expected ${sum.length}`);
    for (let i = 0; i < sum.length; i++) sum[i]! += gram[i]!;
  }
  return sum;
}
