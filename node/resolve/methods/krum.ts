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
index. Withstands nByzantine false rows where k ≥ 2·nByzantine + 3. It is defined for nByzantine +
3 rows and more, and for nSelected; where a group of a run has fewer in a step, one neighbour is
looked at, and no more rows are taken than there are. TorchJD adds distances that are not
squared.`,
  schema: z.strictObject({
    nByzantine: z.number().int().nonnegative().max(256).default(1),
    nSelected: z.number().int().positive().max(256).default(1),
  }),
  normalizeDefault: 'none',
  cost: 'O(k² log k)',
  rowsMin: ({ nByzantine, nSelected }) => Math.max(nByzantine + 3, nSelected),
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
  const squares = new Float64Array(k);
  for (let i = 0; i < k; i++) squares[i] = gram[i * k + i]!;
  /** The farthest so far, which do not count, from the least far to the farthest. */
  const farthest = new Float64Array(Math.max(0, k - 1 - neighbours));
  for (let i = 0; i < k; i++) {
    const own = squares[i]!;
    farthest.fill(0);
    let score = 0;
    for (let j = 0; j < k; j++) {
      if (j === i) continue;
      const square = own + squares[j]! - 2 * gram[i * k + j]!;
      score += square > 0 ? leftOver(farthest, square) : 0;
    }
    scores[i] = score;
  }
  return scores;
}

/** Puts a value into the ascending list of the largest; what falls out, or the value itself. */
function leftOver(largest: Float64Array, value: number): number {
  if (largest.length === 0 || value <= largest[0]!) return value;
  const least = largest[0]!;
  let at = 0;
  for (; at + 1 < largest.length && largest[at + 1]! < value; at++) largest[at] = largest[at + 1]!;
  largest[at] = value;
  return least;
}
