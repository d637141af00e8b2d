/**
 * Labelled random streams: a stream is keyed by what it is for (run, step, bucket, language …),
 * never by who asks first, so that taking one use away changes no other. The algorithm is fixed:
 * SHA-256 of the labels seeds xoshiro128**.
 */
import { hash } from 'node:crypto';
import { assert } from './assert.ts';

/** A stream of numbers that is the same on every machine. */
export interface RandomStream {
  /** Uniform over all 32-bit integers. */
  nextUint32(): number;
  /** Uniform over 0 … bound − 1, without bias; `bound` is at most 2³². */
  nextBelow(bound: number): number;
  /** Uniform over [0, 1), a multiple of 2⁻⁵³. */
  nextFloat(): number;
}

/** The stream for these labels. Labels are told apart by type and position. */
export function createStream(...labels: readonly (string | number)[]): RandomStream {
  const digest = hash('sha256', JSON.stringify(labels), 'buffer');
  const state = Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(4 * i));
  if (state.every((word) => word === 0)) state[0] = 1;
  const nextUint32 = () => next(state);
  return {
    nextUint32,
    nextBelow: (bound) => below(nextUint32, bound),
    nextFloat: () => ((nextUint32() >>> 5) * 2 ** 26 + (nextUint32() >>> 6)) / 2 ** 53,
  };
}

/** Blackman and Vigna's xoshiro128** 1.1. */
function next(state: Uint32Array): number {
  const [a, b, c, d] = state as unknown as [number, number, number, number];
  const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
  const shifted = b << 9;
  const c1 = c ^ a;
  const d1 = d ^ b;
  state[1] = b ^ c1;
  state[0] = a ^ d1;
  state[2] = c1 ^ shifted;
  state[3] = rotate(d1, 11);
  return result;
}

const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));

function below(nextUint32: () => number, bound: number): number {
  const isBound = Number.isInteger(bound) && bound > 0 && bound <= 2 ** 32;
  if (!isBound) assert(false, `bound is ${bound}`);
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const value = nextUint32();
    if (value < limit) return value % bound;
  }
}
