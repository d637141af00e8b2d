/** The direction d = Σ wᵢgᵢ: summed in float64 in language order, rounded once. */
import { assert } from '../../protocol/assert.ts';

/** Elements at a time, so that the float64 sums stay in the cache. */
const BLOCK = 2048;

/**
 * Writes d into `out`. Each element begins at 0 and gets wᵢgᵢ from the first language to the
 * last; rows that are null or whose weight is 0 add nothing.
 */
export function combine(
  rows: readonly (Float32Array | null)[],
  weights: ArrayLike<number>,
  out: Float32Array,
): void {
  assert(weights.length === rows.length, `${weights.length} weights, ${rows.length} rows`);
  const used = rows.flatMap((row, i) => {
    const weight = weights[i]!;
    if (row === null || weight === 0) return [];
    assert(row.length === out.length, `row ${i} has ${row.length} values, expected ${out.length}`);
    return [{ row, weight }];
  });
  const sums = new Float64Array(Math.min(BLOCK, out.length));
  for (let start = 0; start < out.length; start += BLOCK) {
    const count = Math.min(BLOCK, out.length - start);
    sums.fill(0);
    for (let k = 0; k < used.length; k += 4) addFour(sums, used, k, start, count);
    for (let i = 0; i < count; i++) out[start + i] = sums[i]!;
  }
}

interface Scaled {
  readonly row: Float32Array;
  readonly weight: number;
}

/**
 * Four rows in one pass over the sums, one after the other; weight 0 stands in for those beyond.
 */
function addFour(
  sums: Float64Array,
  used: readonly Scaled[],
  k: number,
  start: number,
  count: number,
): void {
  const first = used[k]!;
  const none = { row: first.row, weight: 0 };
  const { row: p, weight: a } = first;
  const { row: q, weight: b } = used[k + 1] ?? none;
  const { row: r, weight: c } = used[k + 2] ?? none;
  const { row: s, weight: d } = used[k + 3] ?? none;
  for (let i = 0; i < count; i++) {
    const j = start + i;
    sums[i] = sums[i]! + a * p[j]! + b * q[j]! + c * r[j]! + d * s[j]!;
  }
}
