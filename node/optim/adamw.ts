/**
 * AdamW (Loshchilov and Hutter 2019), in PyTorch's order of operations. Each element is computed
 * in float64 from f32 loads and rounded once where it is stored; the update uses the unrounded
 * moments.
 */
import { createAdamwSimd } from './adamw-simd.ts';
import type { AdamwConfig } from './config.ts';
import type { StepInput, StepOutput } from './types.ts';

/** What is the same for all elements of a step. */
export interface AdamwFactors {
  readonly beta1: number;
  /** 1 − beta1. */
  readonly rest1: number;
  readonly beta2: number;
  /** 1 − beta2. */
  readonly rest2: number;
  /** 1 − rate·weightDecay. */
  readonly keep: number;
  /** rate / (1 − beta1^t). */
  readonly stepSize: number;
  /** √(1 − beta2^t). */
  readonly correction: number;
  readonly eps: number;
  readonly scale: number;
}

interface Arrays {
  readonly master: Float32Array;
  readonly mu: Float32Array;
  readonly nu: Float32Array;
}

/** Writes the next arrays; whether all that is stored is finite. */
export type AdamwLoop = (
  factors: AdamwFactors,
  input: Arrays & { readonly direction: Float32Array },
  output: Arrays,
) => boolean;

/**
 * One step: mu = beta1·mu + (1 − beta1)·d; nu = beta2·nu + (1 − beta2)·d²;
 * θ = θ·(1 − rate·weightDecay) − rate/(1 − beta1^t) · mu / (√nu / √(1 − beta2^t) + eps).
 */
export function stepAdamw(
  config: AdamwConfig,
  input: StepInput,
  loop: AdamwLoop = fastest(),
): StepOutput {
  const { beta1, beta2, eps, weightDecay } = config;
  const { master, state, direction, learningRate, scale } = input;
  const power1 = state.scalars[0]! * beta1;
  const power2 = state.scalars[1]! * beta2;
  const factors = {
    ...{ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, eps, scale },
    keep: 1 - learningRate * weightDecay,
    stepSize: learningRate / (1 - power1),
    correction: Math.sqrt(1 - power2),
  };
  const next = {
    master: new Float32Array(master.length),
    mu: new Float32Array(master.length),
    nu: new Float32Array(master.length),
  };
  const { mu, nu } = state.arrays as { mu: Float32Array; nu: Float32Array };
  const finite = loop(factors, { master, mu, nu, direction }, next);
  const scalars = Float64Array.of(power1, power2);
  return { master: next.master, state: { arrays: { mu: next.mu, nu: next.nu }, scalars }, finite };
}

/** The loop in plain JavaScript: what the other one is held to, and stands in for. */
export const plainAdamw: AdamwLoop = (factors, input, output) => {
  const { beta1, rest1, beta2, rest2, keep, stepSize, correction, eps, scale } = factors;
  const { master, mu, nu, direction } = input;
  /** 0 until a stored number isn't finite: then NaN, for ever. */
  let taint = 0;
  for (let i = 0; i < master.length; i++) {
    const d = direction[i]! * scale;
    const m = beta1 * mu[i]! + rest1 * d;
    const v = beta2 * nu[i]! + rest2 * (d * d);
    output.master[i] = master[i]! * keep - stepSize * (m / (Math.sqrt(v) / correction + eps));
    output.mu[i] = m;
    output.nu[i] = v;
    taint += output.master[i]! * 0 + output.mu[i]! * 0 + output.nu[i]! * 0;
  }
  return taint === 0;
};

let chosen: AdamwLoop | undefined;

/** Made when it is first needed, once a thread. */
function fastest(): AdamwLoop {
  chosen ??= createAdamwSimd() ?? plainAdamw;
  return chosen;
}
