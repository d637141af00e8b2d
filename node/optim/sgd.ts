/** Gradient descent with optional momentum and coupled weight decay, as PyTorch's SGD. */
import type { SgdConfig } from './config.ts';
import type { StepInput, StepOutput } from './types.ts';

/**
 * One step: g = d + weightDecay·θ; with momentum mu = momentum·mu + g, and g = mu; θ = θ − rate·g.
 * In float64 from f32 loads, rounded once where stored. No dampening, no Nesterov.
 */
export function stepSgd(config: SgdConfig, input: StepInput): StepOutput {
  const { momentum, weightDecay } = config;
  const { master, state, direction, learningRate, scale } = input;
  const mu = state.arrays['mu'];
  const nextMaster = new Float32Array(master.length);
  const nextMu = mu === undefined ? undefined : new Float32Array(master.length);
  /** 0 until a stored number isn't finite: then NaN, for ever. */
  let taint = 0;
  for (let i = 0; i < master.length; i++) {
    let g = direction[i]! * scale + weightDecay * master[i]!;
    if (nextMu !== undefined) {
      g = momentum * mu![i]! + g;
      nextMu[i] = g;
      taint += nextMu[i]! * 0;
    }
    nextMaster[i] = master[i]! - learningRate * g;
    taint += nextMaster[i]! * 0;
  }
  const arrays: Record<string, Float32Array> = nextMu === undefined ? {} : { mu: nextMu };
  return { master: nextMaster, state: { arrays, scalars: state.scalars }, finite: taint === 0 };
}
