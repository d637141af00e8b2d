/** From a checkpoint on disk to a step that an actor can go on from; each value has its hash. */
import { layoutBuckets } from '../../protocol/buckets.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import type { DiskStep, LoadedStep } from '../actor/index.ts';
import { type Checkpoint, CheckpointCorruptError, readBuckets } from '../store/index.ts';
import type { BulkThread } from './bulk-thread.ts';

/** A checkpoint as an actor speaks of it; undefined for one of step 0, which is the base. */
export function diskStepOf({ manifest, buckets }: Checkpoint): DiskStep | undefined {
  const { step, root, previousRoot } = manifest;
  return previousRoot === null ? undefined : { step, root, previousRoot, buckets };
}

/**
 * Loads all buckets that the checkpoint holds. Throws a CheckpointCorruptError for a value that is
 * not what its hash says.
 */
export async function loadCheckpoint(
  checkpoint: Checkpoint,
  bulk: Pick<BulkThread, 'load'>,
): Promise<LoadedStep> {
  const { path, manifest } = checkpoint;
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
