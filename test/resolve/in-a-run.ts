/** Resolving as a run does, which goes on with fewer rows than a method is defined for. */
import {
  aggregatorSchema,
  createAggregatorState,
  resolveGroup,
  type WeighResult,
} from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import type { Configuration } from './configurations.ts';

export function resolveInRun(
  gram: ArrayLike<number>,
  { aggregator: name, ...options }: Configuration,
): WeighResult {
  const config = aggregatorSchema.parse({ name, ...options });
  const m = Math.sqrt(gram.length);
  const input = {
    grams: [Float64Array.from(gram)],
    mask: new Uint8Array(m).fill(1),
    losses: new Float64Array(m).fill(Number.NaN),
    random: createStream('resolve', 0),
    state: createAggregatorState(config, m),
  };
  return resolveGroup(input, config);
}
