/** From a checkpoint on disk to the state in which a node begins; every value against its hash. */
import { layoutBuckets } from '../../protocol/buckets.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import type { StartState } from '../actor/index.ts';
import {
  type Checkpoint,
  CheckpointCorruptError,
  CheckpointIncompleteError,
  readBuckets,
} from '../store/index.ts';
import type { BulkThread } from './bulk-thread.ts';

/**
 * Loads all buckets that the checkpoint holds. `owned` are those that this node is to resolve: it
 * needs their optimizer state. Throws a CheckpointIncompleteError where one of them is missing, a
 * CheckpointCorruptError for a value that is not what its hash says.
 */
export async function loadCheckpoint(
  checkpoint: Checkpoint,
  bulk: Pick<BulkThread, 'load'>,
  owned: readonly number[],
): Promise<StartState> {
  const { path, manifest } = checkpoint;
  const missing = owned.filter((bucket) => !checkpoint.buckets.includes(bucket));
  if (missing.length > 0) {
    const holders = missing.map((bucket) => manifest.holders[bucket] ?? '').filter(Boolean);
    throw new CheckpointIncompleteError(path, missing, [...new Set(holders)]);
  }
  const { buckets } = layoutBuckets(manifest.run.parameters, manifest.run.bucketBytesMax);
  const values: (ValueHashes | null)[] = buckets.map(() => null);
  for await (const { bucket, arrays, hashes } of readBuckets(checkpoint)) {
    const found = await bulk.load(manifest.step, bucket, arrays);
    const same =
      found?.published === hashes.published &&
      found.optimizer === hashes.optimizer &&
      found.aggregator === hashes.aggregator;
    if (!same) {
      const problem = `the optimizer's state of bucket ${bucket} does not match its hash.`;
      throw new CheckpointCorruptError(path, problem);
    }
    values[bucket] = hashes;
  }
  const { step, root, previousRoot } = manifest;
  return { step, root, previousRoot, values };
}
