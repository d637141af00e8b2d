/** SDMGrad and MoDo: weights that follow the gradient of two batches, step after step. */
import { z } from 'zod';
import { normsOf } from '../normalize.ts';
import { crossOf, presentOf, weighedOf } from '../present.ts';
import { times } from '../products.ts';
import { ontoSimplex } from '../simplex.ts';
import type { Aggregator, WeighInput } from '../types.ts';

const NOT_IN_RUNS =
  'it needs the inner products of two batches, and an owner has one sum of a language';

export const modo: Aggregator<{ readonly gamma: number; readonly rho: number }> = {
  name: 'modo',
  doc: `w ← the point of the simplex nearest to w − gamma·(Kw + rho·w), K = ⟨gᵢ, hⱼ⟩ of two
batches (\`cross\`; G where there is one batch), which makes the step unbiased (Chen et al., NeurIPS
2023). w begins at 1/k and is kept by (group, language). Not free of scale: gamma is a step for
gradients of length about 1. d may harm a language. As LibMTL, whose defaults these are; in TorchJD
w follows the same rule.`,
  schema: z.strictObject({
    gamma: z.number().positive().default(0.001),
    rho: z.number().nonnegative().default(0.1),
  }),
  normalizeDefault: 'none',
  cost: 'O(k²)',
  notInRuns: NOT_IN_RUNS,
  usesCross: true,
  stateLength: (m) => 2 * m,
  weigh(input, { gamma, rho }) {
    const present = presentOf(input);
    const { k, languages } = present;
    const before = remembered(input, languages);
    const pull = times(crossOf(input, present), k, before);
    const weights = ontoSimplex(before.map((w, i) => w - gamma * (pull[i]! + rho * w)));
    return { ...weighedOf(input, present, weights), state: kept(input, languages, weights) };
  },
};

interface Descent {
  readonly lambda: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly iterations: number;
}

export const sdmgrad: Aggregator<Descent> = {
  name: 'sdmgrad',
  doc: `w = (v + lambda/k)/(1 + lambda), v after some steps of gradient descent with momentum on
½⟨Σvᵢgᵢ + lambda·g₀, Σvᵢhᵢ⟩ over the simplex, g₀ the mean and h another batch (\`cross\`; G where
there is one batch); K = ⟨gᵢ, hⱼ⟩ is divided by the square of the mean of √|Kᵢᵢ| (Xiao, Ban and Ji,
NeurIPS 2023). v begins at 1/k and is kept by (group, language), the momentum is not. d may harm a
language. learningRate 10 and momentum 0.5 are TorchJD's; LibMTL takes 5. With G for K nothing
is divided where it is zero.`,
  schema: z.strictObject({
    lambda: z.number().nonnegative().default(0.3),
    learningRate: z.number().positive().default(10),
    momentum: z.number().min(0).max(1).default(0.5),
    iterations: z.number().int().positive().max(10_000).default(20),
  }),
  normalizeDefault: 'none',
  cost: 'O(k²) an iteration',
  notInRuns: NOT_IN_RUNS,
  usesCross: true,
  stateLength: (m) => 2 * m,
  weigh(input, { lambda, learningRate, momentum, iterations }) {
    const present = presentOf(input);
    const { k, languages } = present;
    const cross = unitSized(crossOf(input, present), k);
    let v = remembered(input, languages);
    const velocity = new Float64Array(k);
    for (let round = 0; round < iterations; round++) {
      const pull = times(
        cross,
        k,
        v.map((share) => share + lambda / k),
      );
      for (let i = 0; i < k; i++) velocity[i] = momentum * velocity[i]! + pull[i]!;
      v = ontoSimplex(v.map((share, i) => share - learningRate * velocity[i]!));
    }
    const weights = v.map((share) => (share + lambda / k) / (1 + lambda));
    return { ...weighedOf(input, present, weights), state: kept(input, languages, v) };
  },
};

/** K divided by the square of the mean of √|Kᵢᵢ|; zeros stay. */
function unitSized(cross: Float64Array, k: number): Float64Array {
  const diagonal = new Float64Array(k * k);
  for (let i = 0; i < k; i++) diagonal[i * k + i] = Math.abs(cross[i * k + i]!);
  const size = normsOf(diagonal, k).reduce((a, b) => a + b) / k;
  return size === 0 ? cross : cross.map((entry) => entry / size / size);
}

/**
 * State: by language its share of the step before, then 1 where it has one. Those present who have
 * none count as 1/k; all together are brought onto the simplex where languages came or went.
 */
function remembered({ state, m }: WeighInput, languages: readonly number[]): Float64Array {
  const k = languages.length;
  const shares = Float64Array.from(languages, (l) => (state[m + l] === 1 ? state[l]! : 1 / k));
  const sum = shares.reduce((a, b) => a + b);
  return Math.abs(sum - 1) <= 2 ** -40 ? shares : ontoSimplex(shares);
}

function kept({ state, m }: WeighInput, languages: readonly number[], shares: Float64Array) {
  const next = state.slice();
  languages.forEach((language, i) => {
    next[language] = shares[i]!;
    next[m + language] = 1;
  });
  return next;
}
