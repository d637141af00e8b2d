/**
 * A node's own checkpoint: the buckets that it keeps, in its own folder, without anybody's help.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { assert, defined } from '../../protocol/assert.ts';
import { encode } from '../../protocol/codecs.ts';
import { type Hash, hashOf, type ValueHashes } from '../../protocol/hashes.ts';
import { type Manifest, runIdOf } from '../../protocol/manifest.ts';
import { removeFolderAtomic, writeFileSynced, writeFolderAtomic } from '../files/index.ts';
import { type BucketArrays, PUBLISHED, writeBucketFile } from './bucket-file.ts';
import {
  CHECKPOINT_FORMAT,
  formatCheckpointManifest,
  layoutOf,
  MANIFEST_PATH,
  OWN_FOLDER,
} from './checkpoint-manifest.ts';
import { CheckpointCorruptError } from './errors.ts';
import {
  checkpointName,
  listCheckpoints,
  openCheckpoint,
  readCheckpointManifest,
} from './open-checkpoint.ts';

/** Never fewer: the newest may be the one that this machine lost power in. */
export const KEPT_MIN = 2;

/** The step that a checkpoint is of; the same on every node. */
export interface CheckpointStep {
  readonly run: Manifest;
  readonly numericsClass: string;
  readonly step: number;
  readonly root: Hash;
  /** root(step − 1); null at step 0. */
  readonly previousRoot: Hash | null;
  /** Of all buckets of the run. */
  readonly values: readonly ValueHashes[];
  /** By bucket: the name of the node that writes it, so that it can be named when it is missing. */
  readonly holders?: readonly string[];
}

/** What one node writes. Arrays are neither changed nor transferred until the promise resolves. */
export interface ShardCheckpoint extends CheckpointStep {
  /** The node's name. */
  readonly node: string;
  readonly buckets: readonly BucketArrays[];
  /**
   * Checkpoints of this step and later ones stay however many they are, because other nodes may not
   * have theirs yet. Left out: none is needed but the newest.
   */
  readonly neededFrom?: number;
}

/**
 * Writes `folder`/checkpoint-STEP and gives its path; it is durable when the promise resolves. One
 * that is there already and holds the same is left as it is. Then removes all but the newest
 * `kept` and those that are needed.
 */
export async function writeShard(
  folder: string,
  shard: ShardCheckpoint,
  kept: number = KEPT_MIN,
): Promise<string> {
  assert(kept >= KEPT_MIN, `${kept} checkpoints kept, expected at least ${KEPT_MIN}`);
  await assertBuckets(shard);
  const target = join(folder, checkpointName(shard.step));
  if (!(await isThere(folder, shard))) {
    await writeFolderAtomic(target, (temporary) => fillShard(temporary, shard));
  }
  await pruneCheckpoints(folder, kept, shard.neededFrom);
  return target;
}

/**
 * Removes all checkpoints but the newest `kept` of those that were finished and those of the step
 * `neededFrom` or later; what is newer than them and unfinished stays, for whoever wants to look at
 * it. Gives the steps that are gone.
 */
export async function pruneCheckpoints(
  folder: string,
  kept: number,
  neededFrom: number = Number.POSITIVE_INFINITY,
): Promise<number[]> {
  const removed: number[] = [];
  let finished = 0;
  for (const step of await listCheckpoints(folder)) {
    const path = join(folder, checkpointName(step));
    if (finished >= kept && step < neededFrom) {
      await removeFolderAtomic(path);
      removed.push(step);
    } else if (await isFinished(path)) {
      finished++;
    }
  }
  return removed;
}

async function isFinished(path: string): Promise<boolean> {
  try {
    await readCheckpointManifest(path);
    return true;
  } catch (error) {
    if (error instanceof CheckpointCorruptError) return false;
    throw error;
  }
}

/**
 * Whether the checkpoint stands already. One of the same name that is something else is removed.
 */
async function isThere(folder: string, shard: ShardCheckpoint): Promise<boolean> {
  const steps = await listCheckpoints(folder);
  if (!steps.includes(shard.step)) return false;
  const target = join(folder, checkpointName(shard.step));
  try {
    const { manifest, buckets } = await openCheckpoint(target);
    const same = manifest.runId === runIdOf(shard.run) && manifest.root === shard.root;
    if (same && shard.buckets.every(({ bucket }) => buckets.includes(bucket))) return true;
  } catch (error) {
    if (!(error instanceof CheckpointCorruptError)) throw error;
  }
  await removeFolderAtomic(target);
  return false;
}

/** Before writing: each bucket's published values are those that its hash is of. */
async function assertBuckets(shard: ShardCheckpoint): Promise<void> {
  const layout = layoutOf(shard);
  const { values, run } = shard;
  assert(values.length === layout.buckets.length, `${values.length} hashes of values`);
  for (const { bucket, arrays } of shard.buckets) {
    const published = defined(arrays[PUBLISHED], `published values of bucket ${bucket}`);
    const { length } = defined(layout.buckets[bucket], `bucket ${bucket}`);
    assert(published instanceof Float32Array, `bucket ${bucket} is not f32`);
    assert(
      published.length === length,
      `bucket ${bucket}: ${published.length} of ${length} values`,
    );
    const same = hashOf(encode(run.wire.codec, published)) === values[bucket]!.published;
    assert(same, `bucket ${bucket} is not what its hash says`);
    // A bucket takes milliseconds; others want to be heard in between.
    await setImmediate();
  }
}

async function fillShard(temporary: string, shard: ShardCheckpoint): Promise<void> {
  const { run, numericsClass, step, root, previousRoot, values, node, holders = [] } = shard;
  const file = `${OWN_FOLDER}/shard.safetensors`;
  await mkdir(join(temporary, OWN_FOLDER));
  const { bytes, sha256 } = await writeBucketFile(join(temporary, file), shard.buckets);
  const text = formatCheckpointManifest({
    format: CHECKPOINT_FORMAT,
    runId: runIdOf(run),
    run,
    numericsClass,
    step,
    root,
    previousRoot,
    values: [...values],
    node,
    holders: [...holders],
    shards: [{ file, buckets: shard.buckets.map(({ bucket }) => bucket) }],
    files: { [file]: { bytes, sha256 } },
  });
  await writeFileSynced(join(temporary, MANIFEST_PATH), text);
}
