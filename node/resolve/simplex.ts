/** Projection onto the simplex: the nearest weights that are ≥ 0 and sum to 1. */

/**
 * By sorting: what is above a common level stays, less that level (Held, Wolfe and Crowder 1974).
 */
export function ontoSimplex(values: Float64Array): Float64Array {
  const most = values.reduce((a, b) => Math.max(a, b));
  // Relative to the largest, whose own weight then loses no digit to the others' sizes.
  const shifted = values.map((value) => value - most);
  const sorted = shifted.slice().sort().reverse();
  let sum = 0;
  let level = 0;
  for (let count = 1; count <= sorted.length; count++) {
    const value = sorted[count - 1]!;
    sum += value;
    const next = (sum - 1) / count;
    if (value <= next) break;
    level = next;
  }
  return shifted.map((value) => Math.max(0, value - level));
}
