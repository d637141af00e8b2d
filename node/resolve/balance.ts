/**
 * How far weights are from balance, wᵢ(Gw)ᵢ = wᵢ^(1−p), added up in twice the digits that numbers
 * have, and the last Newton step with it. Where rows nearly cancel, sums of float64 lose what the
 * step is about; then what is left is the rounding of the weights themselves: no float64 weights
 * balance better than some 2⁻⁵³·(Σ wᵢ‖gᵢ‖)² / ‖d‖².
 */
import { Cholesky } from './cholesky.ts';
import { productError, rowFactor, sumError } from './doubled.ts';
import { power } from './power.ts';

/** Steps that may be needed; the second is only taken where the first made a difference. */
const STEPS_MAX = 2;
/**
 * Steps where the gap stays above this share of Σ wᵢ(Gw)ᵢ: each rounds weights that nearly cancel
 * to others, of which the best are kept.
 */
const [TRIES_MAX, EXACT] = [12, 2 ** -40];

export interface Balance {
  readonly weights: Float64Array;
  /** The largest |wᵢ(Gw)ᵢ − wᵢ^(1−p)|. */
  readonly gap: number;
  /** Σ wᵢ(Gw)ᵢ. */
  readonly square: number;
}

/** Mends weights > 0 that are nearly balanced, and says what is left. */
export function balancedBetter(
  gram: Float64Array,
  k: number,
  weights: Float64Array,
  p: number,
): Balance {
  const factors = Float64Array.from({ length: k }, (_, i) => rowFactor(gram[i * k + i]!));
  const scaled = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) scaled[i * k + j] = gram[i * k + j]! * factors[i]! * factors[j]!;
  }
  // Powers of two cost no digit, and keep all products in the range of numbers.
  const measure = (w: Float64Array) => measured(scaled, k, w, factors, p);
  let last = measure(weights);
  let best = last;
  for (let step = 0; step < TRIES_MAX && best.gap > 0; step++) {
    const isExact = best.gap <= EXACT * best.square;
    if (isExact && step >= STEPS_MAX) break;
    const moved = stepFrom(scaled, k, last, factors, p);
    if (moved === null) break;
    last = measure(moved);
    if (last.gap < best.gap) best = last;
    else if (isExact) break;
  }
  return best;
}

interface Measured extends Balance {
  /** wᵢ^(1−p) − wᵢ(Gw)ᵢ. */
  readonly rest: Float64Array;
}

function measured(
  scaled: Float64Array,
  k: number,
  weights: Float64Array,
  factors: Float64Array,
  p: number,
): Measured {
  const w = weights.map((weight, i) => weight / factors[i]!);
  const rest = new Float64Array(k);
  let gap = 0;
  let square = 0;
  for (let i = 0; i < k; i++) {
    let sum = 0;
    let low = 0;
    for (let j = 0; j < k; j++) {
      const a = scaled[i * k + j]!;
      const b = w[j]!;
      const product = a * b;
      const next = sum + product;
      low += sumError(sum, product, next) + productError(a, b, product);
      sum = next;
    }
    const wanted = power(weights[i]!, 1 - p);
    const gain = w[i]! * sum;
    rest[i] = wanted - gain - productError(w[i]!, sum, gain) - w[i]! * low;
    gap = Math.max(gap, Math.abs(rest[i]!));
    square += gain;
  }
  return { weights, gap, square, rest };
}

/** w(1 + ε) with (wᵢGᵢⱼwⱼ + p·wᵢ^(1−p))·ε = rest; null where that is no better kind of weights. */
function stepFrom(
  scaled: Float64Array,
  k: number,
  { weights, rest }: Measured,
  factors: Float64Array,
  p: number,
): Float64Array | null {
  // Divided by √wᵢ^(1−p) from both sides, as all Newton steps of fixed-point.ts.
  const roots = weights.map((weight) => power(weight, (1 - p) / 2));
  const sides = weights.map((weight, i) => weight / factors[i]! / roots[i]!);
  const factor = new Cholesky(k);
  for (let i = 0; i < k; i++) {
    const isFit = factor.append((j) => {
      return sides[i]! * scaled[i * k + j]! * sides[j]! + (i === j ? p : 0);
    });
    if (!isFit) return null;
  }
  const epsilon = rest.map((value, i) => value / roots[i]!);
  factor.solve(epsilon);
  const better = weights.map((weight, i) => weight + weight * (epsilon[i]! / roots[i]!));
  return better.every((weight) => weight > 0 && Number.isFinite(weight)) ? better : null;
}
