/** PSMGD: another method's weights, found every few steps and kept in between. */
import { z } from 'zod';
import { FORMULA } from '../present.ts';
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
  readonly every: number;
}

export const psmgd: Aggregator<Options> = {
  name: 'psmgd',
  doc: `The weights of the method \`of\`, a name or a name with options, found in every
\`every\`th step that the group has rows in and kept in between (Xu et al., 2024, arXiv
2412.10961). every 4. In between d may harm a language and nothing is solved, so there is no
gap. Where the languages present change, weights are found anew. A run of ours has every
language's gradient in each step anyway, so what is saved is the solving, not the backward
passes that the paper saves.`,
  schema: z.strictObject({
    of: wrappedSchema(),
    every: z.number().int().positive().max(1_000_000).default(4),
  }),
  normalizeDefault: 'l2',
  cost: 'that of the wrapped method, shared by the steps between',
  usesPreference: true,
  rowsMin: ({ of }) => wrappedRowsMin(of),
  stateLength: (m, { of }) => 1 + 2 * m + wrappedStateLength(of, m),
  weigh(input, { of, every }) {
    const { m, mask, state } = input;
    // State: steps until weights are found anew; by language weight and mask; the method's own.
    const same = mask.every((bit, i) => state[1 + m + i] === bit);
    const next = state.slice();
    if (state[0]! > 0 && same) {
      next[0] = state[0]! - 1;
      // Of a state that somebody made up no weight may be at a language that is masked.
      const weights = state.slice(1, 1 + m).map((weight, i) => (mask[i] === 1 ? weight : 0));
      return { weights, state: next, solution: FORMULA };
    }
    const found = weighWrapped(of, { ...input, state: state.slice(1 + 2 * m) });
    next[0] = every - 1;
    next.set(found.weights, 1);
    next.set(mask, 1 + m);
    next.set(found.state, 1 + 2 * m);
    return { weights: found.weights, state: next, solution: found.solution };
  },
};
