/** The plain mean of the languages, which every other method is compared with. */
import { z } from 'zod';
import { presentLanguages } from './mask.ts';
import type { Aggregator } from './types.ts';

export const mean: Aggregator = {
  name: 'mean',
  doc: `w = 1/k for each of the k languages present. Solves nothing, and d may harm a language:
leastDescent in the certificate says so. Rows are taken as they are unless normalize says l2: then
d is the direction of the mean of unit rows.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k)',
  stateLength: () => 0,
  weigh({ m, mask, state }) {
    const present = presentLanguages(mask);
    const weights = new Float64Array(m);
    for (const language of present) weights[language] = 1 / present.length;
    const solution = { problem: 'none', gap: Number.NaN, iterations: 0, converged: true } as const;
    return { weights, state, solution };
  },
};
