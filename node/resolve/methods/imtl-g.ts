/** IMTL-G: the combination whose projections onto all unit gradients are equal. */
import { z } from 'zod';
import { Cholesky } from '../cholesky.ts';
import { applied, type Eigen, eigenOf, rankOf } from '../eigen.ts';
import { cosinesOf } from '../normalize.ts';
import { presentOf, weighedOf } from '../present.ts';
import { unitScaled } from '../scale.ts';
import type { Aggregator } from '../types.ts';

/** Weights whose sum is below this share of their sizes' sum have no sum to divide by. */
const NO_SUM = 2 ** -40;

export const imtlG: Aggregator = {
  name: 'imtl-g',
  doc: `w = v/Σv with v = G⁺·(‖g₁‖ … ‖gₖ‖): ⟨gᵢ, d⟩/‖gᵢ‖ is the same for all (Liu et al., ICLR
2021). Weights may be negative and d may harm a language. Independent rows are solved through
their cosines, so that the rows' scales cost no digits; else by pseudoinverse, eigenvalues below
k·2⁻⁵² of the largest being 0. Where Σv is rounding, as for opposite rows, d = 0. LibMTL inverts
G, which fails for equal rows; TorchJD takes the pseudoinverse and calls Σv zero below 1e-12, in
whatever unit G is.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k³)',
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    return weighedOf(input, present, equalProjections(present.gram, present.k));
  },
};

function equalProjections(gram: Float64Array, k: number): Float64Array {
  const uniform = new Float64Array(k).fill(1 / k);
  const norms = Float64Array.from(uniform, (_, i) => Math.sqrt(gram[i * k + i]!));
  if (norms.every((norm) => norm === 0)) return uniform;
  const v = solved(gram, k, norms) ?? throughEigenvalues(gram, k, norms);
  let total = 0;
  let sizes = 0;
  for (const value of v) {
    total += value;
    sizes += Math.abs(value);
  }
  if (Math.abs(total) <= NO_SUM * sizes) return new Float64Array(k);
  return v.map((value) => value / total);
}

/** A solution that one more step changes by less than this share is one; the step is taken too. */
const SETTLED = 2 ** -33;

/**
 * G⁻¹ times the norms, by a factor of the cosines: an eighth of the eigenvalues' time and less.
 * Null where rows depend on each other, or nearly so, which eigenvalues tell better.
 */
function solved(gram: Float64Array, k: number, norms: Float64Array): Float64Array | null {
  const cosines = cosinesOf(gram, k);
  const factor = new Cholesky(k);
  for (let i = 0; i < k; i++) {
    if (!factor.appendRow(cosines.subarray(i * k, i * k + i + 1))) return null;
  }
  const x = new Float64Array(k).fill(1);
  factor.solve(x);
  const rest = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    let sum = 1;
    for (let j = 0; j < k; j++) sum -= cosines[i * k + j]! * x[j]!;
    rest[i] = sum;
  }
  factor.solve(rest);
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!rest.every((value) => Math.abs(value) <= SETTLED * largest)) return null;
  return x.map((value, i) => (value + rest[i]!) / norms[i]!);
}

function throughEigenvalues(gram: Float64Array, k: number, norms: Float64Array): Float64Array {
  const nonzero = norms.filter((norm) => norm > 0).length;
  const cosines = eigenOf(cosinesOf(gram, k), k);
  const independent = rankOf(cosines) === nonzero;
  return independent ? throughCosines(cosines, norms) : throughRows(unitScaled(gram, k), k);
}

/** D⁻¹C⁻¹1, which is G⁻¹ times the norms; a zero row gets 0. */
function throughCosines(cosines: Eigen, norms: Float64Array): Float64Array {
  const ones = norms.map((norm) => (norm > 0 ? 1 : 0));
  const x = applied(cosines, (value) => 1 / value, ones);
  return x.map((value, i) => (norms[i] === 0 ? 0 : value / norms[i]!));
}

/** G⁺ times the norms; zeros where these have no part in the range of G but rounding. */
function throughRows(gram: Float64Array, k: number): Float64Array {
  const norms = Float64Array.from({ length: k }, (_, i) => Math.sqrt(gram[i * k + i]!));
  return applied(eigenOf(gram, k), (value) => 1 / value, norms);
}
