/**
 * AdamW (Loshchilov and Hutter 2019), in PyTorch's order of operations. Each element is computed
 * in float64 from f32 loads and rounded once where it is stored; the update uses the unrounded
 * moments.
 */
import type { AdamwConfig } from './config.ts';
import type { StepInput, StepOutput } from './types.ts';

/**
 * One step: mu = beta1·mu + (1 − beta1)·d; nu = beta2·nu + (1 − beta2)·d²;
 * θ = θ·(1 − rate·weightDecay) − rate/(1 − beta1^t) · mu / (√nu / √(1 − beta2^t) + eps).
 */
export function stepAdamw(config: AdamwConfig, input: StepInput): StepOutput {
  const { beta1, beta2, eps, weightDecay } = config;
  const { master, state, direction, learningRate, scale } = input;
  const mu = state.arrays['mu']!;
  const nu = state.arrays['nu']!;
  const power1 = state.scalars[0]! * beta1;
  const power2 = state.scalars[1]! * beta2;
  const keep = 1 - learningRate * weightDecay;
  const stepSize = learningRate / (1 - power1);
  const correction = Math.sqrt(1 - power2);
  const nextMaster = new Float32Array(master.length);
  const nextMu = new Float32Array(master.length);
  const nextNu = new Float32Array(master.length);
  /** 0 until a stored number isn't finite: then NaN, for ever. */
  let taint = 0;
  for (let i = 0; i < master.length; i++) {
    const d = direction[i]! * scale;
    const m = beta1 * mu[i]! + (1 - beta1) * d;
    const v = beta2 * nu[i]! + (1 - beta2) * (d * d);
    nextMaster[i] = master[i]! * keep - stepSize * (m / (Math.sqrt(v) / correction + eps));
    nextMu[i] = m;
    nextNu[i] = v;
    taint += nextMaster[i]! * 0 + nextMu[i]! * 0 + nextNu[i]! * 0;
  }
  const scalars = Float64Array.of(power1, power2);
  return {
    master: nextMaster,
    state: { arrays: { mu: nextMu, nu: nextNu }, scalars },
    finite: taint === 0,
  };
}
