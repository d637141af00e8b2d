/** Krum: the gradients that have the nearest neighbours, against those that somebody made up. */
import { z } from 'zod';
import { presentOf, weighedOf } from '../present.ts';
import { ascending } from '../ranking.ts';
import { unitScaled } from '../scale.ts';
import type { Aggregator } from '../types.ts';

interface Options {
  readonly nByzantine: number;
  readonly nSelected: number;
}

export const krum: Aggregator<Options> = {
  name: 'krum',
  doc: `The mean of the nSelected rows with the least sum of squared distances to their k −
nByzantine − 2 nearest neighbours (Blanchard et al., NeurIPS 2017); of equal sums the lowest
index. Withstands nByzantine false rows where k ≥ 2·nByzantine + 3. With fewer than nByzantine +
3 rows present one neighbour is looked at, and no more rows are taken than there are. TorchJD
adds distances that are not squared, and refuses fewer rows.`,
  schema: z.strictObject({
    nByzantine: z.number().int().nonnegative().max(256).default(1),
    nSelected: z.number().int().positive().max(256).default(1),
  }),
  normalizeDefault: 'none',
  cost: 'O(k² log k)',
  stateLength: () => 0,
  weigh(input, { nByzantine, nSelected }) {
    const present = presentOf(input);
    const { k } = present;
    const scores = scoresOf(unitScaled(present.gram, k), k, Math.max(1, k - nByzantine - 2));
    const chosen = ascending(scores).subarray(0, nSelected);
    const weights = new Float64Array(k);
    for (const row of chosen) weights[row] = 1 / chosen.length;
    return weighedOf(input, present, weights);
  },
};

/** By row: Σ of the squared distances to its nearest neighbours, itself left out. */
function scoresOf(gram: Float64Array, k: number, neighbours: number): Float64Array {
  const scores = new Float64Array(k);
  const distances = new Float64Array(k);
  /** The farthest others, which do not count, from the least far to the farthest. */
  const left = new Float64Array(Math.max(0, k - 1 - neighbours));
  for (let i = 0; i < k; i++) {
    const own = gram[i * k + i]!;
    left.fill(-1);
    for (let j = 0; j < k; j++) {
      const square = own + gram[j * k + j]! - 2 * gram[i * k + j]!;
      distances[j] = Math.max(0, square);
      if (j !== i) insert(left, distances[j]!);
    }
    const limit = left.length === 0 ? Number.POSITIVE_INFINITY : left[0]!;
    let nearer = 0;
    for (let j = 0; j < k; j++) {
      if (j === i || !(distances[j]! < limit)) continue;
      nearer++;
      scores[i]! += distances[j]!;
    }
    // Those as far as the nearest that is left out.
    if (left.length > 0) scores[i]! += (neighbours - nearer) * limit;
  }
  return scores;
}

/** Puts a value into an ascending list of the largest, whose least falls out. */
function insert(largest: Float64Array, value: number): void {
  if (largest.length === 0 || value <= largest[0]!) return;
  let at = 0;
  for (; at + 1 < largest.length && largest[at + 1]! < value; at++) largest[at] = largest[at + 1]!;
  largest[at] = value;
}
