/** Element-wise pieces of what a run computes that are neither aggregator nor optimizer. */
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { packNumbers } from '../../protocol/messages.ts';

/** All bits of an f32's exponent: set in infinities and NaN alone. */
const EXPONENT = 0x7f800000;

/**
 * Whether every number is finite. Looks at bits: as numbers, each would be boxed on the heap until
 * V8's last compiler has seen the loop, which is a gigabyte of garbage in twenty steps.
 */
export function isFinite32({ buffer, byteOffset, length }: Float32Array): boolean {
  const bits = new Int32Array(buffer, byteOffset, length);
  for (let i = 0; i < length; i++) if ((bits[i]! & EXPONENT) === EXPONENT) return false;
  return true;
}

/**
 * a + b in new memory, element by element. On its own because a loop within a longer function is
 * compiled for the loop alone and thrown away at its end, every time.
 */
export function sumOf(a: Float32Array, b: Float32Array): Float32Array {
  const sum = new Float32Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}

/** Hash of an aggregator's state. */
export function aggregatorHash(state: Float64Array): Hash {
  return hashOf(packNumbers(state));
}
