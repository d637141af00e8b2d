/** Element-wise pieces of what a run computes that are neither aggregator nor optimizer. */
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { packNumbers } from '../../protocol/messages.ts';

/** Whether every number is finite. */
export function isFinite32(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** A language's row: its sum divided by its tokens, rounded once to f32. */
export function quotientRow(sum: Float32Array, tokens: number): Float32Array {
  const row = new Float32Array(sum.length);
  for (let i = 0; i < row.length; i++) row[i] = sum[i]! / tokens;
  return row;
}

/** Hash of an aggregator's state. */
export function aggregatorHash(state: Float64Array): Hash {
  return hashOf(packNumbers(state));
}
