/**
 * How far weights on the simplex are from the least point of the hull, and whether that is an
 * answer: added up in twice the digits, so that it is true of the weights.
 */
import { DoubledProducts } from './doubled.ts';
import type { MinNorm } from './min-norm.ts';
import { normsOf } from './normalize.ts';
import { dot } from './products.ts';
import { STATIONARY } from './types.ts';

/**
 * A gap above this share of ‖d‖² is no answer. Weights have 53 digits, and with rows of very
 * different length those of the longest have to cancel to more than that.
 */
const KNOWN = 2 ** -10;
/**
 * Where d is zero but for rounding, a gap above this share of Σ αᵢ‖gᵢ‖ times the longest row is
 * more than rounding, which is 2⁻⁵³ of each product.
 */
const ROUNDING = 2 ** -46;

/** A larger share is worth another search. */
const EXACT = 2 ** -40;

/** An answer with its gap, and what is known by it. */
export interface Certified extends MinNorm {
  /** Whether the gap is nothing but rounding. */
  readonly isExact: boolean;
}

/** An answer with its gap, and whether that is small enough for one. */
export function certified(
  gram: Float64Array,
  m: number,
  answer: Omit<MinNorm, 'gap'>,
  gapBy: (products: DoubledProducts) => number,
): Certified {
  const { weights } = answer;
  const products = new DoubledProducts(gram, m, weights);
  const gap = gapBy(products);
  const [square] = products.sum(weights);
  const norms = normsOf(gram, m);
  const size = dot(weights, norms);
  const longest = norms.reduce((most, norm) => Math.max(most, norm));
  const isZero = square <= STATIONARY * size * size && gap <= ROUNDING * size * longest;
  const converged = isZero || (answer.converged && gap <= KNOWN * square);
  return { ...answer, gap, converged, isExact: isZero || gap <= EXACT * square };
}

/** αᵀGα − minᵢ(Gα)ᵢ for weights on the simplex, ≥ 0 also where their sum lacks something of 1. */
export function gapOf(gram: Float64Array, m: number, weights: Float64Array): number {
  return gapIn(new DoubledProducts(gram, m, weights), weights);
}

/** The same by products that are made. */
export function gapIn(products: DoubledProducts, weights: Float64Array): number {
  const square = products.sum(weights);
  let gap = 0;
  for (let i = 0; i < weights.length; i++) gap = Math.max(gap, products.above(square, i));
  return gap;
}
