/** Capped MGDA: the shortest combination in which no language has more than its cap. */
import { z } from 'zod';
import { boundedMinNorm } from '../bounded-min-norm.ts';
import { presentOf, weighedOf } from '../present.ts';
import type { Aggregator } from '../types.ts';

interface Options {
  readonly cap: number;
}

export const mgdaCapped: Aggregator<Options> = {
  name: 'mgda-capped',
  doc: `w = argmin wᵀGw over the simplex with wᵢ ≤ cap (Hu and Yu 2025, by way of the conditional
value at risk): one gradient that is short or made up can't take all the weight, as it does with
mgda. d harms the languages that reached the cap, if any; ⟨gᵢ, d⟩ ≥ the price of the cap for the
others. A cap below 1/k counts as 1/k, which is the mean; from 1 on this is mgda. Solved exactly, by
Wolfe's algorithm over the corners of the capped simplex, and by an active set on rows where the
longest hides the others from it. There is no reference code.`,
  schema: z.strictObject({ cap: z.number().positive().max(1).default(0.5) }),
  normalizeDefault: 'l2',
  cost: 'O(k²) a change of the support, some 2k of them',
  stateLength: () => 0,
  weigh(input, { cap }) {
    const present = presentOf(input);
    const { k, gram } = present;
    const bounds = {
      low: new Float64Array(k),
      high: new Float64Array(k).fill(Math.max(cap, 1 / k)),
    };
    const { weights, ...rest } = boundedMinNorm(gram, k, bounds);
    return weighedOf(input, present, weights, { problem: 'min-norm', ...rest });
  },
};
