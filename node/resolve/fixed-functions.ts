/**
 * Exponential and logarithm that give the same bits on every machine, built on + − × ÷ alone:
 * Math.exp, Math.log and Math.pow may differ between engines and versions.
 */
import { exponentOf, powerOfTwo } from './scale.ts';

/** ln 2 in two parts; the first has 21 zero bits at its end, so that its multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** From here on e^x is 0, or infinite. */
const EXPONENT_MAX = 750;

/** ln x for a normal number x > 0, within 2⁻⁵⁰ of it, absolutely where |ln x| < 1. */
export function logarithm(x: number): number {
  let exponent = exponentOf(x);
  let fraction = x * powerOfTwo(-(exponent >> 1)) * powerOfTwo((exponent >> 1) - exponent);
  if (fraction > Math.SQRT2) {
    fraction /= 2;
    exponent++;
  }
  // 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), |s| ≤ 0.172: the term after s²³/23 is below 2⁻⁶⁸.
  const s = (fraction - 1) / (fraction + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 23; n >= 3; n -= 2) sum = square * (1 / n + sum);
  return exponent * LN2_HIGH + (2 * (s + s * sum) + exponent * LN2_LOW);
}

/** e^x, within a few units of its last place; 0 or infinity beyond the range of numbers. */
export function exponential(x: number): number {
  if (x > EXPONENT_MAX) return Number.POSITIVE_INFINITY;
  if (x < -EXPONENT_MAX) return 0;
  const power = Math.round(x / (LN2_HIGH + LN2_LOW));
  const rest = x - power * LN2_HIGH - power * LN2_LOW;
  // Taylor's series, |rest| ≤ 0.35: the term after rest¹⁵/15! is below 2⁻⁶⁸.
  let sum = 1;
  for (let n = 15; n >= 1; n--) sum = 1 + (rest / n) * sum;
  const half = power >> 1;
  return sum * powerOfTwo(half) * powerOfTwo(power - half);
}
