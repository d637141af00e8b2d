/** The direction d = Σ wᵢgᵢ: summed in float64 in language order, rounded once. */
import { GramError } from './errors.ts';
import { commonLength, kernel, type Row } from './kernel/index.ts';

/**
 * Writes d into `out`. Each element begins at 0 and gets wᵢgᵢ from the first language to the
 * last; rows that are null or whose weight is 0 add nothing. Throws a GramError where weights or
 * rows don't fit.
 */
export function combine(
  rows: readonly (Row | null)[],
  weights: ArrayLike<number>,
  out: Float32Array,
): void {
  if (weights.length !== rows.length) {
    throw new GramError(`${weights.length} weights for ${rows.length} rows, expected as many`);
  }
  const used = rows.flatMap((row, i) => {
    const weight = weights[i]!;
    return row === null || weight === 0 ? [] : [{ row, weight }];
  });
  commonLength(
    rows.map((row, i) => (weights[i] === 0 ? null : row)),
    out.length,
  );
  kernel().combine(
    out,
    used.map(({ row }) => row),
    used.map(({ weight }) => weight),
  );
}
