/**
 * Row normalisation by way of the Gram matrix. A method solves on rows divided by n₁ … nₘ and its
 * weights are carried back to the raw rows, so that d lies in their convex hull: whatever a method
 * guarantees about signs holds for the raw gradients too. (The original MGDA code applies the
 * weights of the divided rows to the raw ones, and loses that.)
 */
import type { Normalize } from './types.ts';

/** What rows are divided by, and the languages whose numbers mean something. */
export interface RowNorms {
  readonly normalize: Normalize;
  readonly gram: Float64Array;
  readonly mask: Uint8Array;
  /** By language: mean −ln p per token. */
  readonly losses: Float64Array;
}

/** Losses that rows may be divided by: beyond these squares soon leave the range of numbers. */
const LOSS_MIN = 1e-30;
const LOSS_MAX = 1e30;

/** Whether rows may be divided by this loss; false for NaN. */
export const lossIsUsable = (loss: number) => loss >= LOSS_MIN && loss <= LOSS_MAX;

/** Whether all languages present have a loss that `loss` and `loss+` may divide by. */
export function lossesAreUsable(losses: Float64Array, mask: Uint8Array): boolean {
  return losses.every((loss, i) => mask[i] !== 1 || lossIsUsable(loss));
}

/**
 * By language, n: ‖g‖ for `l2`, the loss f for `loss`, f·‖g‖ for `loss+`; null for `none`. Where a
 * language present has no usable loss, all f are taken as 1.
 */
export function rowNorms({ normalize, gram, mask, losses }: RowNorms): Float64Array | null {
  if (normalize === 'none') return null;
  const m = mask.length;
  const norms = normalize === 'loss' ? new Float64Array(m).fill(1) : normsOf(gram, m);
  if (normalize === 'l2' || !lossesAreUsable(losses, mask)) return norms;
  return norms.map((norm, i) => (mask[i] === 1 ? norm * losses[i]! : norm));
}

/**
 * The Gram matrix of rows divided by their n, a row whose n is 0 becoming zero. Equal rows keep
 * equal entries. For null the given one, not a copy.
 */
export function dividedGram(gram: Float64Array, m: number, norms: Float64Array | null) {
  if (norms === null) return gram;
  const divided = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      if (norms[i] === 0 || norms[j] === 0) continue;
      const product = norms[i]! * norms[j]!;
      const isNormal = product > PRODUCT_MIN && product < Number.POSITIVE_INFINITY;
      const entry = gram[i * m + j]!;
      divided[i * m + j] = isNormal ? entry / product : entry / norms[i]! / norms[j]!;
    }
  }
  return divided;
}

/** Above it a product of two norms has all its digits. */
const PRODUCT_MIN = 2 ** -1021;

/** The first row that division made infinite, or took from being one; −1 for none. */
export function lostRow(gram: Float64Array, divided: Float64Array, m: number): number {
  for (let i = 0; i < m; i++) {
    const square = divided[i * m + i]!;
    if (!(square < Number.POSITIVE_INFINITY) || (square === 0 && gram[i * m + i]! > 0)) return i;
  }
  return -1;
}

/** The cosines of rows, those of a zero row being 0. */
export function cosinesOf(gram: Float64Array, m: number): Float64Array {
  return dividedGram(gram, m, normsOf(gram, m));
}

/** ‖gᵢ‖ by row. */
export function normsOf(gram: Float64Array, m: number): Float64Array {
  const norms = new Float64Array(m);
  for (let i = 0; i < m; i++) norms[i] = Math.sqrt(gram[i * m + i]!);
  return norms;
}

const weighsZeroRow = (weights: Float64Array, norms: Float64Array) =>
  weights.some((weight, i) => weight !== 0 && norms[i] === 0);

/** Whether rows whose n is 0 take from others the weight that a method gave them. */
export const zeroRowsTakeOver = (weights: Float64Array, norms: Float64Array | null) =>
  norms !== null &&
  weighsZeroRow(weights, norms) &&
  weights.some((weight, i) => weight !== 0 && norms[i] !== 0);

/** A sum of weights this near to 1 is 1 but for rounding. */
const SUM_ROUNDING = 2 ** -40;

/**
 * Weights for the raw rows from weights α for the divided ones: αᵢ/nᵢ times the one positive
 * number that keeps Σ|α|; so weights on the simplex stay there. Where a row whose n is 0 has
 * weight, the limit as it shrinks: such rows share all of it, and d = 0.
 */
export function rawWeights(weights: Float64Array, norms: Float64Array | null): Float64Array {
  if (norms === null) return weights;
  const onZeroRow = weighsZeroRow(weights, norms);
  const raw = weights.map((weight, i) => {
    if (weight === 0) return 0;
    if (onZeroRow) return norms[i] === 0 ? weight : 0;
    return weight / norms[i]!;
  });
  let sum = 0;
  let total = 0;
  for (let i = 0; i < raw.length; i++) {
    sum += Math.abs(raw[i]!);
    total += Math.abs(weights[i]!);
  }
  if (sum === 0) return raw;
  if (Math.abs(total - 1) <= SUM_ROUNDING) total = 1;
  return raw.map((weight) => (weight / sum) * total);
}
