/** Nash-MTL and FairGrad: weights that balance what each language gains against what all do. */
import { z } from 'zod';
import { balancedBetter } from '../balance.ts';
import { DoubledProducts } from '../doubled.ts';
import { fixedPoint } from '../fixed-point.ts';
import { FORMULA, presentOf, weighedOf } from '../present.ts';
import type { Aggregator, Weighed, WeighInput } from '../types.ts';

/** Beyond this, and below its inverse, powers of gains lose their digits in ordinary matrices. */
const ALPHA_MAX = 50;

export const nashMtl: Aggregator<{ readonly maxNorm: number }> = {
  name: 'nash-mtl',
  doc: `w > 0 with Gw = 1/w, element by element: the Nash bargaining solution (Navon et al.,
ICML 2022). d harms nobody, ‖d‖² = k whatever the rows' lengths, and no row's length matters to
the direction. maxNorm > 0 shortens a longer d to that norm, 0 leaves it; with normalize that is
the d of the divided rows, which the certificate is of, and not that of the raw rows. Solved by
Newton's method on a strictly convex problem. Where the languages are Pareto stationary there is
no such w: d = 0 (all rows zero: uniform weights). The reference codes iterate 20 times over a
convex-concave scheme with a general solver, divide G by its norm, begin where the step before
ended, and have maxNorm 1; LibMTL keeps its old weights without a word where the solver fails.`,
  schema: z.strictObject({ maxNorm: z.number().nonnegative().default(0) }),
  normalizeDefault: 'none',
  cost: 'O(k³), some 10 times',
  stateLength: () => 0,
  weigh: (input, { maxNorm }) => balanced(input, 1, maxNorm),
};

export const fairgrad: Aggregator<{ readonly alpha: number }> = {
  name: 'fairgrad',
  doc: `w > 0 with Gw = w^(−1/alpha): the α-fair share of the gains (Ban and Ji, ICML 2024).
alpha 1 is nash-mtl; as alpha grows the worst served language counts more; alpha 0 is the mean,
by convention. d harms nobody. Where lengths span so many powers of ten in one matrix that the
powers it is about, up to alpha and 1/alpha, leave the range of numbers, as 80 do from alpha 6 on
and below 0.25, and 8 at alpha 50 or 0.02, the weights are nash-mtl's, and the certificate says
problem: none and converged: false. Solved by Newton's method on a strictly convex problem; where
the languages are Pareto stationary there is no such w: d = 0 (all rows zero: uniform weights). The
reference codes call a general least-squares solver from 1/k.`,
  schema: z.strictObject({
    alpha: z
      .number()
      .nonnegative()
      .max(ALPHA_MAX)
      .refine((alpha) => alpha === 0 || alpha >= 1 / ALPHA_MAX, `0, or ${1 / ALPHA_MAX} or more`)
      .default(1),
  }),
  normalizeDefault: 'none',
  cost: 'O(k³), some 10 times',
  stateLength: () => 0,
  weigh(input, { alpha }) {
    if (alpha > 0) return balanced(input, 1 / alpha, 0);
    const present = presentOf(input);
    return weighedOf(input, present, new Float64Array(present.k).fill(1 / present.k));
  },
};

function balanced(input: WeighInput, p: number, maxNorm: number): Weighed {
  const present = presentOf(input);
  const { k, gram } = present;
  if (gram.every((_, at) => at % (k + 1) !== 0 || gram[at] === 0)) {
    return weighedOf(input, present, new Float64Array(k).fill(1 / k));
  }
  const found = fixedPoint(gram, k, p);
  const { iterations } = found;
  // Steps between numbers that rounding makes need not end; the balance tells whether they arrived.
  const converged = found.converged || isBalanced(gram, k, found.weights, p);
  // Nash-MTL's weights, which lengths can't drive out of range, harm nobody either.
  const near = (converged ? found : fixedPoint(gram, k, 1)).weights;
  if (!converged || near.every((weight) => weight === 0)) {
    return weighedOf(input, present, near, { ...FORMULA, iterations, converged });
  }
  const { weights, gap, square } = balancedBetter(gram, k, near, p);
  const factor = maxNorm > 0 ? Math.min(1, maxNorm / Math.sqrt(square)) : 1;
  const shortened = weights.map((weight) => factor * weight);
  const solution = { problem: 'fixed-point', iterations, converged } as const;
  return weighedOf(input, present, shortened, { ...solution, gap: factor * factor * gap });
}

/** A gap above this share of ‖d‖² is no answer; nor is a smaller one where somebody is harmed. */
const GAP_MAX = 2 ** -10;

function isBalanced(gram: Float64Array, k: number, weights: Float64Array, p: number): boolean {
  const { weights: better, gap, square } = balancedBetter(gram, k, weights, p);
  if (!(gap <= GAP_MAX * square)) return false;
  const products = new DoubledProducts(gram, k, better);
  return better.every((_, i) => products.inner(i) > 0);
}
