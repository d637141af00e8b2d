/**
 * Functions that give the same bits on every machine, built on + − × ÷ √ alone: Math.cos and
 * Math.pow may differ between engines and versions. Powers such as beta^t are products kept in a
 * state.
 */
import { assert } from '../../protocol/assert.ts';

/** π/2 in two parts: the nearest number, and what it lacks. */
const HALF_PI = 1.5707963267948966;
const HALF_PI_REST = 6.123233995736766e-17;

/**
 * cos x for 0 ≤ x ≤ π, within 2⁻⁵² of the true value: Taylor's series on |x| ≤ π/4, and the
 * symmetries of the circle outside.
 */
export function cosine(x: number): number {
  assert(x >= 0 && x <= 2 * HALF_PI, `cosine takes 0 to π, got ${x}`);
  if (x <= HALF_PI / 2) return cosineSeries(x);
  if (x <= 1.5 * HALF_PI) return sineSeries(HALF_PI - x + HALF_PI_REST);
  return -cosineSeries(2 * HALF_PI - x + 2 * HALF_PI_REST);
}

/** 1 − x²/2 (1 − x²/(3·4) (1 − …)) up to x¹⁸/18!, whose term is below 2⁻⁵⁸ here. */
function cosineSeries(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let n = 18; n >= 2; n -= 2) sum = 1 - (square / (n * (n - 1))) * sum;
  return sum;
}

/** x (1 − x²/(2·3) (1 − …)) up to x¹⁹/19!. */
function sineSeries(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let n = 19; n >= 3; n -= 2) sum = 1 - (square / (n * (n - 1))) * sum;
  return x * sum;
}
