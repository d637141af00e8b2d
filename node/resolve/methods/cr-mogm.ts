/** CR-MOGM: another method's weights, smoothed over the steps. */
import { z } from 'zod';
import type { Aggregator } from '../types.ts';
import {
  type Wrapped,
  weighWrapped,
  wrappedRowsMin,
  wrappedSchema,
  wrappedStateLength,
} from '../wrapped.ts';

interface Options {
  readonly of: Wrapped;
  readonly momentum: number;
}

export const crMogm: Aggregator<Options> = {
  name: 'cr-mogm',
  doc: `w = momentum · w of the step before + (1 − momentum) · w of the method \`of\`, which is
a name, or a name with options (Zhou et al., NeurIPS 2022: without it stochastic MGDA and its
kin need not converge). momentum 0.9. w is kept by (group, language); a language's first weight
is the method's own, and where one is absent its memory stays. A promise of the wrapped method
to harm nobody is lost. TorchJD refuses another number of rows, where this goes on.`,
  schema: z.strictObject({
    of: wrappedSchema(),
    momentum: z.number().min(0).max(1).default(0.9),
  }),
  normalizeDefault: 'l2',
  cost: 'that of the wrapped method',
  usesPreference: true,
  rowsMin: ({ of }) => wrappedRowsMin(of),
  stateLength: (m, { of }) => 2 * m + wrappedStateLength(of, m),
  weigh(input, { of, momentum }) {
    const { m, mask, state } = input;
    // State: by language its weight of the step before, then 1 where it has one, then the method's.
    const fresh = weighWrapped(of, { ...input, state: state.slice(2 * m) });
    const next = state.slice();
    next.set(fresh.state, 2 * m);
    const weights = fresh.weights.map((weight, i) => {
      if (mask[i] !== 1) return 0;
      const mixed = state[m + i] === 1 ? momentum * state[i]! + (1 - momentum) * weight : weight;
      next[i] = mixed;
      next[m + i] = 1;
      return mixed;
    });
    return {
      weights,
      state: next,
      solution: { ...fresh.solution, problem: 'none', gap: Number.NaN },
    };
  },
};
