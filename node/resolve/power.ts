/** Powers by functions of ours, the same bits on every machine. */
import { exponential, logarithm } from './fixed-functions.ts';

/** x^exponent for x > 0; exact for exponents 0 and ±1. */
export function power(x: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (exponent === 1) return x;
  return exponent === -1 ? 1 / x : exponential(exponent * logarithm(x));
}
