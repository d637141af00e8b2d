/** Krum: the gradients that have the nearest neighbours, against those that somebody made up. */
import { z } from 'zod';
import { presentOf, weighedOf } from '../present.ts';
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
    const order = Array.from(scores.keys()).sort((i, j) => scores[i]! - scores[j]! || i - j);
    const chosen = order.slice(0, nSelected);
    const weights = new Float64Array(k);
    for (const row of chosen) weights[row] = 1 / chosen.length;
    return weighedOf(input, present, weights);
  },
};

/** By row: Σ of the squared distances to its nearest neighbours, itself left out. */
function scoresOf(gram: Float64Array, k: number, neighbours: number): Float64Array {
  return Float64Array.from({ length: k }, (_, i) => {
    const distances = new Float64Array(k - 1);
    for (let j = 0, next = 0; j < k; j++) {
      if (j === i) continue;
      const square = gram[i * k + i]! + gram[j * k + j]! - 2 * gram[i * k + j]!;
      distances[next++] = Math.max(0, square);
    }
    return distances
      .sort()
      .subarray(0, neighbours)
      .reduce((a, b) => a + b, 0);
  });
}
