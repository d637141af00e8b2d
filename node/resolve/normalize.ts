/**
 * Row normalisation by way of the Gram matrix. A method solves on rows divided by their norms and
 * its weights are carried back to the raw rows, so that d lies in their convex hull: whatever a
 * method guarantees about signs holds for the raw gradients too.
 */
import type { Normalize } from './types.ts';

/**
 * The Gram matrix of the normalised rows: for `l2` the cosines, a row that is zero staying zero.
 * Equal rows keep equal entries. For `none` the given one, not a copy.
 */
export function normalizeGram(gram: Float64Array, m: number, normalize: Normalize): Float64Array {
  if (normalize === 'none') return gram;
  const norms = normsOf(gram, m);
  const scaled = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      if (norms[i] === 0 || norms[j] === 0) continue;
      scaled[i * m + j] = gram[i * m + j]! / (norms[i]! * norms[j]!);
    }
  }
  return scaled;
}

/** A sum of weights this near to 1 is 1 but for rounding. */
const SUM_ROUNDING = 2 ** -40;

/**
 * Weights for the raw rows from weights α for the normalised ones: for `l2` αᵢ/‖gᵢ‖ times the
 * one positive number that keeps Σ|α|; so weights on the simplex stay there. Where a row that is
 * zero has weight, the limit as it shrinks: such rows share all of it, and d = 0.
 */
export function rawWeights(
  weights: Float64Array,
  gram: Float64Array,
  m: number,
  normalize: Normalize,
): Float64Array {
  if (normalize === 'none') return weights;
  const norms = normsOf(gram, m);
  const onZeroRow = weights.some((weight, i) => weight !== 0 && norms[i] === 0);
  const raw = weights.map((weight, i) => {
    if (weight === 0) return 0;
    if (onZeroRow) return norms[i] === 0 ? weight : 0;
    return weight / norms[i]!;
  });
  let sum = 0;
  let total = 0;
  for (let i = 0; i < m; i++) {
    sum += Math.abs(raw[i]!);
    total += Math.abs(weights[i]!);
  }
  if (sum === 0) return raw;
  if (Math.abs(total - 1) <= SUM_ROUNDING) total = 1;
  return raw.map((weight) => (weight / sum) * total);
}

function normsOf(gram: Float64Array, m: number): Float64Array {
  return Float64Array.from({ length: m }, (_, i) => Math.sqrt(gram[i * m + i]!));
}
