/**
 * The optimizer of one bucket: AdamW and SGD, schedule and clipping, in arithmetic that gives the
 * same bits on every machine. Pure: what goes in stays as it is.
 *
 * ```ts
 * import { createState, learningRateAt, optimizerSchema, step } from '../optim/index.ts';
 *
 * const config = optimizerSchema.parse({ name: 'adamw', learningRate: 0.1, schedule: 'cosine' });
 * let master = Float32Array.of(1, -2);
 * let state = createState(config, master.length);
 * for (let s = 0; s < 10; s++) {
 *   const direction = master; // the gradient of ½‖θ‖²
 *   const learningRate = learningRateAt(config, s, 10);
 *   ({ master, state } = step(config, { master, state, direction, learningRate, scale: 1 }));
 * }
 * ```
 */
import { assert } from '../../protocol/assert.ts';
import { stepAdamw } from './adamw.ts';
import type { OptimizerConfig } from './config.ts';
import { stepSgd } from './sgd.ts';
import { assertState } from './state.ts';
import type { StepInput, StepOutput } from './types.ts';

export { clipScale, squaredNorm } from './clip.ts';
export type { OptimizerConfig } from './config.ts';
export { optimizerSchema } from './config.ts';
export { learningRateAt } from './schedule.ts';
export {
  assertState,
  createState,
  stateArrayNames,
  stateBytes,
  stateScalarCount,
} from './state.ts';
export type { ShardState, StepInput, StepOutput } from './types.ts';

/**
 * One step of the configured optimizer on one bucket, into new memory. A direction that isn't
 * finite gives `finite: false`, never an exception.
 */
export function step(config: OptimizerConfig, input: StepInput): StepOutput {
  const { length } = input.master;
  assert(input.direction.length === length, `direction has ${input.direction.length} of ${length}`);
  assertState(config, length, input.state);
  return config.name === 'adamw' ? stepAdamw(config, input) : stepSgd(config, input);
}
