/** IMTL-G: the combination whose projections onto all unit gradients are equal. */
import { z } from 'zod';
import { applied, type Eigen, eigenOf, isOutside, rankOf } from '../jacobi.ts';
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
  const nonzero = norms.filter((norm) => norm > 0).length;
  if (nonzero === 0) return uniform;
  const cosines = eigenOf(cosinesOf(gram, k), k);
  const independent = rankOf(cosines) === nonzero;
  const v = independent ? throughCosines(cosines, norms) : throughRows(unitScaled(gram, k), k);
  let total = 0;
  let sizes = 0;
  for (const value of v) {
    total += value;
    sizes += Math.abs(value);
  }
  if (Math.abs(total) <= NO_SUM * sizes) return new Float64Array(k);
  return v.map((value) => value / total);
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
  const eigen = eigenOf(gram, k);
  if (isOutside(eigen, norms)) return new Float64Array(k);
  return applied(eigen, (value) => 1 / value, norms);
}
