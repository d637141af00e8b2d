/**
 * Tables of the rotary position embedding, from + − × alone: they enter every parameter, and
 * Math.pow and Math.cos may differ between engines. Source: arXiv 2104.09864, halves paired as in
 * Hugging Face.
 */
import { assert } from '../../../protocol/assert.ts';

/** cos and sin of position × frequency, each [positions, headDim / 2] in rows. */
export interface RotationTable {
  readonly cosine: Float32Array;
  readonly sine: Float32Array;
}

/**
 * Frequency j is ropeTheta^(−2j / headDim), in radians a position; float64 inside, rounded once.
 */
export function rotationTable(
  positions: number,
  headDim: number,
  ropeTheta: number,
): RotationTable {
  assert(headDim % 2 === 0, `headDim is ${headDim}, expected an even number`);
  const half = headDim / 2;
  const cosine = new Float32Array(positions * half);
  const sine = new Float32Array(positions * half);
  const ratio = root(1 / ropeTheta, half);
  let frequency = 1;
  for (let j = 0; j < half; j++) {
    const stepCosine = cosineSeries(frequency);
    const stepSine = sineSeries(frequency);
    let c = 1;
    let s = 0;
    for (let position = 0; position < positions; position++) {
      cosine[position * half + j] = c;
      sine[position * half + j] = s;
      [c, s] = [c * stepCosine - s * stepSine, s * stepCosine + c * stepSine];
    }
    frequency *= ratio;
  }
  return { cosine, sine };
}

/**
 * The number in [0, 1] whose `degree`-th power is `value` (0 < value ≤ 1), by bisection to the last
 * bit.
 */
function root(value: number, degree: number): number {
  assert(value > 0 && value <= 1, `the root of ${value} is not asked for: ropeTheta is at least 1`);
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return high;
    let power = 1;
    for (let i = 0; i < degree; i++) power *= middle;
    if (power < value) low = middle;
    else high = middle;
  }
}

/** cos x for 0 ≤ x ≤ 1: Taylor's series up to x²⁰/20!, whose term is below 2⁻⁶¹. */
function cosineSeries(x: number): number {
  let sum = 1;
  for (let n = 20; n >= 2; n -= 2) sum = 1 - ((x * x) / (n * (n - 1))) * sum;
  return sum;
}

/** sin x for 0 ≤ x ≤ 1: Taylor's series up to x²¹/21!. */
function sineSeries(x: number): number {
  let sum = 1;
  for (let n = 21; n >= 3; n -= 2) sum = 1 - ((x * x) / (n * (n - 1))) * sum;
  return x * sum;
}
