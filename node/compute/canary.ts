/**
 * The canary: a fixed synthetic model and unit, whose gradient's hash two nodes compare to see that
 * their numerics agree. Made of integer arithmetic, so that the inputs are the same everywhere.
 */
import { createHash } from 'node:crypto';
import type { ParameterSpec } from '../../protocol/buckets.ts';
import { sizeOf } from './program.ts';
import type { ComputedSlice, UnitBatch } from './types.ts';

/** Half the width of the uniform distribution of weights: logits and gradients of usual size. */
const WEIGHT_BOUND = 0.06;

/** Numbers in [0, 1) with 24 bits: a linear congruence (Numerical Recipes' constants). */
function createNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 0x1000000;
  };
}

/** One array per parameter: vectors (of norms) around 1, matrices around 0. */
export function canaryParameters(parameters: readonly ParameterSpec[]): Float32Array[] {
  const next = createNumbers();
  return parameters.map(({ shape }) => {
    const middle = shape.length === 1 ? 1 : 0;
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = middle + WEIGHT_BOUND * (2 * next() - 1);
    return values;
  });
}

/** A unit of the given shape; one place in eight is not scored. */
export function canaryUnit(
  vocabularySize: number,
  sequences: number,
  sequenceLength: number,
): UnitBatch {
  const next = createNumbers();
  const word = () => Math.floor(next() * vocabularySize);
  const count = sequences * sequenceLength;
  const tokens = Int32Array.from({ length: count }, word);
  const targets = Int32Array.from({ length: count }, () => (next() < 1 / 8 ? -1 : word()));
  return { tokens, targets, sequences, sequenceLength };
}

/** Hex SHA-256 of slices in bucket order, then the losses. */
export function canaryHash(slices: readonly ComputedSlice[], losses: Float32Array): string {
  const hash = createHash('sha256');
  for (const slice of slices.toSorted((a, b) => a.bucket - b.bucket)) {
    hash.update(`${slice.bucket} ${slice.outcome}\n`);
    if (slice.outcome === 'tensor') hash.update(bytesOf(slice.values));
  }
  return hash.update(bytesOf(losses)).digest('hex');
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
