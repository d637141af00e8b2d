/** The one comparison of numbers in tests: |actual − expected| ≤ atol + rtol·|expected|. */

export interface Tolerance {
  rtol: number;
  atol: number;
}

/**
 * Nothing when all elements agree within the tolerance; throws with the first place that does not.
 * Lengths must be equal; NaN equals nothing.
 */
export function allclose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} values, expected ${expected.length}`);
  }
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i]!;
    const e = expected[i]!;
    if (!(Math.abs(a - e) <= atol + rtol * Math.abs(e))) {
      throw new Error(`element ${i} is ${a}, expected ${e} (rtol ${rtol}, atol ${atol})`);
    }
  }
}
