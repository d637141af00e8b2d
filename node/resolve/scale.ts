/**
 * Scaling by powers of two, which changes no digit: so a solver's answer does not depend on the
 * scale of the rows, and neither the largest nor the smallest entries leave the range of numbers.
 */

const SCRATCH = new DataView(new ArrayBuffer(8));

/** The binary exponent of a normal number above 0; −1023 for the numbers below the normal ones. */
export function exponentOf(value: number): number {
  SCRATCH.setFloat64(0, value);
  return ((SCRATCH.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

/** 2^exponent for −1022 ≤ exponent ≤ 1023, by its bits. */
export function powerOfTwo(exponent: number): number {
  SCRATCH.setUint32(0, (exponent + 1023) << 20);
  SCRATCH.setUint32(4, 0);
  return SCRATCH.getFloat64(0);
}

/**
 * The matrix times the power of two that brings the middle (in exponents) of its largest and its
 * smallest positive diagonal entry to about 1. All its diagonal zero: a copy.
 */
export function centred(gram: Float64Array, m: number): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < m; i++) {
    const square = gram[i * m + i]!;
    if (square > 0) least = Math.min(least, square);
    most = Math.max(most, square);
  }
  if (most === 0) return gram.slice();
  const middle = Math.floor((exponentOf(least) + exponentOf(most)) / 2);
  const factor = powerOfTwo(Math.max(-1022, Math.min(1023, -middle)));
  return multiplied(gram, factor);
}

/**
 * The matrix times the power of two that brings its largest diagonal entry to 1 … 2, for methods
 * whose answer the smallest rows can't change. All its diagonal zero: a copy.
 */
export function unitScaled(gram: Float64Array, m: number): Float64Array {
  let most = 0;
  for (let i = 0; i < m; i++) most = Math.max(most, gram[i * m + i]!);
  if (most === 0) return gram.slice();
  const exponent = -exponentOf(most);
  const factor = powerOfTwo(Math.max(-1022, Math.min(1023, exponent)));
  return multiplied(gram, factor);
}

function multiplied(gram: Float64Array, factor: number): Float64Array {
  const result = new Float64Array(gram.length);
  for (let at = 0; at < gram.length; at++) result[at] = gram[at]! * factor;
  return result;
}
