/** CAGrad: the direction near to the mean that is best for the language it serves worst. */
import { z } from 'zod';
import { cagradDual } from '../cagrad-dual.ts';
import { DoubledProducts } from '../doubled.ts';
import { gapIn } from '../gap.ts';
import { presentOf, weighedOf } from '../present.ts';
import type { Aggregator, Solution } from '../types.ts';

interface Options {
  readonly c: number;
  readonly rescale: 'none' | 'linear' | 'square';
}

export const cagrad: Aggregator<Options> = {
  name: 'cagrad',
  doc: `d = argmax minᵢ ⟨gᵢ, d⟩ over ‖d − g₀‖ ≤ c‖g₀‖, g₀ the mean (Liu et al., NeurIPS 2021).
By its dual d = g₀ + φ·g_w/‖g_w‖ with φ = c‖g₀‖, w on the simplex. c = 0 is the mean; from c = 1
on d harms nobody, and is 0 where the languages are Pareto stationary. rescale divides by 1 + c
(linear) or 1 + c² (square), as a learning rate would. The dual is solved exactly, by reduction
to the point of least norm. TorchJD hands it to an interior-point solver on a factor of G and
returns 0 where the trace of G is below 1e-4; LibMTL to SLSQP, with c = 0.5 and rescale square.`,
  schema: z.strictObject({
    c: z.number().nonnegative().max(100).default(0.5),
    rescale: z.enum(['none', 'linear', 'square']).default('none'),
  }),
  normalizeDefault: 'none',
  cost: 'some 5 times that of mgda',
  stateLength: () => 0,
  weigh(input, { c, rescale }) {
    const present = presentOf(input);
    const { k, gram } = present;
    const u = new Float64Array(k).fill(1 / k);
    if (c === 0 || cancels(gram, k)) return weighedOf(input, present, u);
    const { weights: w, rho, iterations, converged: isFound } = cagradDual(gram, k, u, c);
    if (w === null) {
      const solution: Solution = { problem: 'cagrad', gap: 0, iterations, converged: isFound };
      return weighedOf(input, present, new Float64Array(k), solution);
    }
    const converged = isFound && reaches(gram, k, w, rho, c);
    const full = u.map((share, i) => share + rho * w[i]!);
    const factor = rescale === 'none' ? 1 : 1 / (1 + (rescale === 'linear' ? c : c * c));
    const weights = full.map((weight) => factor * weight);
    const gap = factor * gapIn(new DoubledProducts(gram, k, weights), w);
    return weighedOf(input, present, weights, { problem: 'cagrad', gap, iterations, converged });
  },
};

/** Whether the mean of the rows is zero but for rounding: then there is no way to go from it. */
function cancels(gram: Float64Array, k: number): boolean {
  let square = 0;
  let size = 0;
  for (const entry of gram) {
    square += entry / k;
    size += Math.abs(entry) / k;
  }
  return square <= k * 2 ** -52 * size;
}

/** A share of c‖g₀‖ by which ρ‖g_w‖ may miss it. */
const MISSED_MAX = 2 ** -10;

/** Whether d is as far from the mean as it is to be, ρ‖g_w‖ = c‖g₀‖, which no gap tells. */
function reaches(gram: Float64Array, k: number, w: Float64Array, rho: number, c: number): boolean {
  const phi = c * lengthOf(gram, k, new Float64Array(k).fill(1 / k));
  return Math.abs(rho * lengthOf(gram, k, w) - phi) <= MISSED_MAX * phi;
}

/** ‖Aᵀw‖ by twice the digits. */
function lengthOf(gram: Float64Array, k: number, w: Float64Array): number {
  const [square] = new DoubledProducts(gram, k, w).sum(w);
  return Math.sqrt(Math.max(0, square));
}
