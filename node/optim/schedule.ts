/** The learning rate of each step: linear warm-up, then constant or half a cosine. */
import { assert } from '../../protocol/assert.ts';
import type { OptimizerConfig } from './config.ts';
import { cosine } from './fixed-functions.ts';

/**
 * The rate of the update that leads from `step` to `step + 1`, 0 ≤ step < steps. In the warm-up
 * learningRate · (step + 1) / warmupSteps, so that no step is wasted on a rate of 0; then with
 * `cosine` learningRate · ½ (1 + cos(π · (step − warmupSteps) / (steps − warmupSteps))), which
 * would be 0 at `steps`.
 */
export function learningRateAt(
  config: Pick<OptimizerConfig, 'learningRate' | 'schedule' | 'warmupSteps'>,
  step: number,
  steps: number,
): number {
  assert(Number.isInteger(step) && step >= 0 && step < steps, `step ${step} of ${steps}`);
  const { learningRate, schedule, warmupSteps } = config;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  if (schedule === 'constant') return learningRate;
  const progress = (step - warmupSteps) / (steps - warmupSteps);
  return learningRate * (0.5 * (1 + cosine(Math.PI * progress)));
}
