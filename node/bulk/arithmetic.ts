/** Element-wise pieces of what a run computes that are neither aggregator nor optimizer. */
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { packNumbers } from '../../protocol/messages.ts';

/** Whether every number is finite. */
export function isFinite32(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** Hash of an aggregator's state. */
export function aggregatorHash(state: Float64Array): Hash {
  return hashOf(packNumbers(state));
}
