/** MGDA: the shortest vector in the convex hull of the gradients. */
import { z } from 'zod';
import { expand, presentLanguages, restrict } from './mask.ts';
import { minNorm } from './min-norm.ts';
import type { Aggregator } from './types.ts';

export const mgda: Aggregator = {
  name: 'mgda',
  doc: `w = argmin wᵀGw over the simplex (Désidéri 2012; Sener and Koltun 2018), solved exactly by
Wolfe's active set, two languages by formula. ⟨gᵢ, d⟩ ≥ ‖d‖² for every language present: d
harms none of them, and d = 0 means Pareto stationary. Raw rows favour the shortest
gradient, hence normalize: l2 by default. The
reference codes iterate until their steps are small (TorchJD by Frank-Wolfe, LibMTL by a
projected line search), LibMTL keeps two tasks within 0.001 … 0.999, and either may return a d
that harms a language; this doesn't.`,
  schema: z.strictObject({}),
  normalizeDefault: 'l2',
  cost: 'O(k²) a change of the support, about as many as the support has rows',
  stateLength: () => 0,
  weigh({ gram, m, mask, state }) {
    const present = presentLanguages(mask);
    const { weights, gap, iterations, converged } = minNorm(
      restrict(gram, m, present),
      present.length,
    );
    const solution = { problem: 'min-norm', gap, iterations, converged } as const;
    return { weights: expand(weights, present, m), state, solution };
  },
};
