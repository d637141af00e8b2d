/** Whether what is in memory is still what it was: the hashes of values, taken anew. */
import { type CodecName, encode } from '../../protocol/codecs.ts';
import { type Hash, hashOf, type ValueHashes } from '../../protocol/hashes.ts';
import { valueKey } from '../actor/index.ts';
import { type ShardState, stateBytes } from '../optim/index.ts';
import type { Shelf } from './shelf.ts';

/** Of the master copy and the optimizer's state. */
export function optimizerHash(master: Float32Array, state: ShardState): Hash {
  return hashOf(encode('f32', master), ...stateBytes(state));
}

/** Buckets of a step that no longer have their hashes; what is not here any more is not wrong. */
export function wrongBuckets(
  shelf: Shelf,
  codec: CodecName,
  step: number,
  values: readonly ValueHashes[],
): number[] {
  return values.flatMap((hashes, bucket) => {
    const value = shelf.find(valueKey(step, bucket));
    if (value === undefined) return [];
    const { published, master, state } = value;
    const isSame =
      hashOf(encode(codec, published)) === hashes.published &&
      (master === null || state === null || optimizerHash(master, state) === hashes.optimizer);
    return isSame ? [] : [bucket];
  });
}
