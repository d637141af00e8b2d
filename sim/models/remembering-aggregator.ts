/**
 * An aggregator whose weights depend on every step before, so that a state that is lost, stale or
 * handed to the wrong group changes bits at once. For the simulator only.
 */
import { z } from 'zod';
import { type Aggregator, aggregatorByName } from '../../node/resolve/index.ts';

const mgda = aggregatorByName('mgda');

/** State: how many steps it has seen, then the last weights by language. */
export const rememberingAggregator: Aggregator = {
  name: 'remembering',
  doc: 'w = ½ mgda + ½ w of the step before, over the languages present. For the simulator.',
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  stateLength: (m) => 1 + m,
  weigh(input) {
    const { m, mask, state } = input;
    const fresh = mgda.weigh({ ...input, state: new Float64Array(0) }, {}).weights;
    const share = state[0] === 0 ? 0 : 0.5;
    const mixed = fresh.map((weight, i) => {
      return mask[i] === 1 ? (1 - share) * weight + share * state[1 + i]! : 0;
    });
    const sum = mixed.reduce((total, weight) => total + weight, 0);
    const weights = mixed.map((weight) => weight / sum);
    const next = new Float64Array(1 + m);
    next[0] = state[0]! + 1;
    for (let i = 0; i < m; i++) next[1 + i] = mask[i] === 1 ? weights[i]! : state[1 + i]!;
    const solution = { problem: 'none', gap: Number.NaN, iterations: 0, converged: true } as const;
    return { weights, state: next, solution };
  },
};
