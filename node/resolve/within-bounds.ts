/** Weights that sum to 1 within bounds, and how far they can move. */
import type { Bounds } from './bounded-min-norm.ts';

/**
 * Weights within the bounds whose sum is 1 but for rounding: the shortest rows get what the sum
 * lacks, the longest lose what is too much.
 */
export function allowed(
  gram: Float64Array,
  m: number,
  { low, high }: Bounds,
  start: Float64Array,
): Float64Array {
  const weights = start.map((weight, i) => Math.min(high[i]!, Math.max(low[i]!, weight)));
  let rest = 1;
  for (const weight of weights) rest -= weight;
  const square = (i: number) => gram[i * m + i]!;
  const byLength = Array.from(weights.keys()).sort((i, j) => square(i) - square(j));
  for (const i of rest > 0 ? byLength : byLength.reverse()) {
    const before = weights[i]!;
    weights[i] = Math.min(high[i]!, Math.max(low[i]!, before + rest));
    rest -= weights[i]! - before;
  }
  return weights;
}

/**
 * Weights that went `most` times along the change of some rows, or up to the first bound, which is
 * met to the bit by the row that is leaving; −1 where none is met.
 */
export function moved(
  { low, high }: Bounds,
  from: Float64Array,
  rows: readonly number[],
  change: Float64Array,
  most: number,
): { weights: Float64Array; leaving: number } {
  const weights = from.slice();
  let step = most;
  let leaving = -1;
  let bound = 0;
  rows.forEach((row, k) => {
    const target = weights[row]! + most * change[k]!;
    const limit = change[k]! < 0 ? low[row]! : high[row]!;
    if (change[k]! < 0 ? target > limit : target < limit) return;
    const ratio = change[k] === 0 ? most : (limit - weights[row]!) / change[k]!;
    if (!(ratio < step || leaving < 0)) return;
    step = Math.min(most, ratio);
    leaving = row;
    bound = limit;
  });
  rows.forEach((row, k) => {
    const value = weights[row]! + step * change[k]!;
    weights[row] = row === leaving ? bound : Math.min(high[row]!, Math.max(low[row]!, value));
  });
  return { weights, leaving };
}
