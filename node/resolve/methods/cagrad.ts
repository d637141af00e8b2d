/** CAGrad: the direction near to the mean that is best for the language it serves worst. */
import { z } from 'zod';
import { cagradDual } from '../cagrad-dual.ts';
import { CagradMeasure } from '../cagrad-gap.ts';
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
    const { weights: w, rho: found, iterations, converged: isFound } = cagradDual(gram, k, u, c);
    if (w === null) {
      const solution: Solution = { problem: 'cagrad', gap: 0, iterations, converged: isFound };
      return weighedOf(input, present, new Float64Array(k), solution);
    }
    const factor = rescale === 'none' ? 1 : 1 / (1 + (rescale === 'linear' ? c : c * c));
    const measure = new CagradMeasure({ gram, k, u, w, c, factor });
    const answerBy = (rho: number) => {
      const weights = u.map((share, i) => factor * (share + rho * w[i]!));
      return { weights, ...measure.gapOf(weights) };
    };
    const reaching = answerBy(measure.rho ?? found);
    const other = reaching.isExact ? reaching : answerBy(found);
    const { weights, gap, missed } = other.gap < reaching.gap ? other : reaching;
    const converged = isFound && missed <= MISSED_MAX;
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

/** A share of c‖g₀‖ by which d may miss that distance from the mean. */
const MISSED_MAX = 2 ** -10;
