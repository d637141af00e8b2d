/**
 * Inner products with d = Aᵀw from a Gram matrix, added up in twice the digits that numbers have:
 * so that what is said of weights is true of them also where long rows nearly cancel. Only what
 * measures answers uses it; the search for them is in float64.
 *
 * Sums keep what they lose to rounding, after Knuth; products are split as Dekker and Veltkamp do
 * (Numerische Mathematik 18, 1971).
 */
import { exponentOf, powerOfTwo } from './scale.ts';

/** Splits a number of 53 digits into two of 26. */
const SPLITTER = 2 ** 27 + 1;

/** What a product of two numbers lost to rounding. */
export function productError(a: number, b: number, product: number): number {
  const aSplit = SPLITTER * a;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = SPLITTER * b;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** What a sum of two numbers lost to rounding. */
export function sumError(a: number, b: number, sum: number): number {
  const taken = sum - a;
  return a - (sum - taken) + (b - taken);
}

/** 2^−e for ‖gᵢ‖ about 2^e: costs no digit, and keeps all products in the range of numbers. */
export const rowFactor = (square: number) => powerOfTwo(-(exponentOf(square) >> 1));

/** A number and what it lost to rounding. */
export type Doubled = readonly [high: number, low: number];

/** Gw for one G, k·k, and one w. Not finite where weights or their products have no range. */
export class DoubledProducts {
  readonly #factors: Float64Array;
  /** ⟨gᵢ, d⟩ with gᵢ brought to length 1 … 2. */
  readonly #high: Float64Array;
  readonly #low: Float64Array;

  constructor(gram: Float64Array, k: number, weights: Float64Array) {
    const factors = new Float64Array(k);
    for (let i = 0; i < k; i++) factors[i] = rowFactor(gram[i * k + i]!);
    this.#factors = factors;
    this.#high = new Float64Array(k);
    this.#low = new Float64Array(k);
    const lengths = weights.map((weight, i) => weight / factors[i]!);
    // Each weight is split once, not once a product: this is most of what a certificate costs.
    const upper = lengths.map((b) => SPLITTER * b - (SPLITTER * b - b));
    const lower = lengths.map((b, i) => b - upper[i]!);
    for (let i = 0; i < k; i++) {
      const factor = factors[i]!;
      let sum = 0;
      let low = 0;
      for (let j = 0; j < k; j++) {
        const a = gram[i * k + j]! * factor * factors[j]!;
        const aSplit = SPLITTER * a;
        const aHigh = aSplit - (aSplit - a);
        const aLow = a - aHigh;
        const product = a * lengths[j]!;
        const lost =
          aHigh * upper[j]! - product + aHigh * lower[j]! + aLow * upper[j]! + aLow * lower[j]!;
        const next = sum + product;
        low += sumError(sum, product, next) + lost;
        sum = next;
      }
      this.#high[i] = sum + low;
      this.#low[i] = sumError(sum, low, sum + low);
    }
  }

  /** ⟨gᵢ, d⟩. */
  inner(i: number): number {
    return this.#high[i]! / this.#factors[i]!;
  }

  /** Σ vᵢ⟨gᵢ, d⟩; with w itself ‖d‖². */
  sum(v: Float64Array): Doubled {
    let sum = 0;
    let low = 0;
    for (let i = 0; i < v.length; i++) {
      const length = v[i]! / this.#factors[i]!;
      const product = length * this.#high[i]!;
      const next = sum + product;
      low += sumError(sum, product, next) + productError(length, this.#high[i]!, product);
      low += length * this.#low[i]!;
      sum = next;
    }
    return [sum + low, sumError(sum, low, sum + low)];
  }

  /** `value` − ⟨gᵢ, d⟩. */
  above(value: Doubled, i: number): number {
    const factor = this.#factors[i]!;
    return difference(value, [this.#high[i]! / factor, this.#low[i]! / factor]);
  }
}

/** Two parts so that the first is their rounded sum. */
const normalized = (high: number, low: number): Doubled => [
  high + low,
  sumError(high, low, high + low),
];

export function plus([high, low]: Doubled, [otherHigh, otherLow]: Doubled): Doubled {
  const sum = high + otherHigh;
  return normalized(sum, sumError(high, otherHigh, sum) + (low + otherLow));
}

export function times([high, low]: Doubled, [otherHigh, otherLow]: Doubled): Doubled {
  const product = high * otherHigh;
  const lost = productError(high, otherHigh, product);
  return normalized(product, lost + (high * otherLow + low * otherHigh));
}

/** Of numbers below 0, which are rounding, 0. */
export function rootOf([high, low]: Doubled): Doubled {
  if (!(high > 0)) return [0, 0];
  const root = Math.sqrt(high);
  const square = root * root;
  const rest = high - square - productError(root, root, square) + low;
  return normalized(root, rest / (2 * root));
}

export function difference([high, low]: Doubled, [otherHigh, otherLow]: Doubled): number {
  const rest = high - otherHigh;
  return rest + (sumError(high, -otherHigh, rest) + (low - otherLow));
}
