/** Whether what is in memory is still what it was: the hashes of values, taken anew. */
import { type CodecName, encode } from '../../protocol/codecs.ts';
import { type Hash, hashOf, type ValueHashes } from '../../protocol/hashes.ts';
import type { ValueKey } from '../../protocol/values.ts';
import { stateKey, valueKey } from '../actor/index.ts';
import { type ShardState, stateBytes } from '../optim/index.ts';
import { aggregatorHash } from './arithmetic.ts';
import type { Shelf } from './shelf.ts';

/** Of the master copy and the optimizer's state. */
export function optimizerHash(master: Float32Array, state: ShardState): Hash {
  return hashOf(encode('f32', master), ...stateBytes(state));
}

/** How a run keeps its values. */
export interface Kept {
  readonly codec: CodecName;
  /** By bucket: its resolution group, which has one state of the aggregator. */
  readonly groupOf: readonly number[];
}

/** Buckets of a step that no longer have their hashes; what is not here any more is not wrong. */
export function wrongBuckets(
  shelf: Shelf,
  { codec, groupOf }: Kept,
  step: number,
  values: readonly ValueHashes[],
): number[] {
  return values.flatMap((hashes, bucket) => {
    const remembered = shelf.state(stateKey(step, groupOf[bucket]!));
    const isStateSame =
      remembered === undefined || aggregatorHash(remembered) === hashes.aggregator;
    const isSame = isStateSame && isValueSame(shelf, codec, valueKey(step, bucket), hashes);
    return isSame ? [] : [bucket];
  });
}

function isValueSame(shelf: Shelf, codec: CodecName, key: ValueKey, hashes: ValueHashes): boolean {
  const value = shelf.find(key);
  if (value === undefined) return true;
  const { published, master, state } = value;
  return (
    hashOf(encode(codec, published)) === hashes.published &&
    (master === null || state === null || optimizerHash(master, state) === hashes.optimizer)
  );
}
