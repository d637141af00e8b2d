/**
 * The store: checkpoints that are exact or refused, and models for others to open. One process
 * writes in a folder at a time; removeTemporaries(folder) sweeps what a killed one left.
 *
 * ```ts
 * import {
 *   assembleCheckpoint, assertResumable, newestCheckpoint, readBuckets, writeShard,
 * } from './node/store/index.ts';
 *
 * // Every node, in its own folder:
 * const own = await writeShard('state/kestrel', { ...step, node: 'kestrel', buckets });
 * // Whoever can read all nodes' folders:
 * await assembleCheckpoint([own, other], 'runs/first/checkpoint-50', modelFolderFiles(model));
 * // After a stop:
 * const { checkpoint } = await newestCheckpoint('state/kestrel');
 * assertResumable(checkpoint, run, numericsClass);
 * for await (const { bucket, arrays } of readBuckets(checkpoint)) arrays.published; // Float32Array
 * ```
 */
export { removeTemporaries } from '../files/index.ts';
export { assembleCheckpoint, writeAssembled } from './assemble.ts';
export type { BucketArrays, StoredBucket } from './bucket-file.ts';
export type { CheckpointManifest } from './checkpoint-manifest.ts';
export { OWN_FOLDER } from './checkpoint-manifest.ts';
export {
  CheckpointCorruptError,
  CheckpointIncompleteError,
  describeBuckets,
  ResumeMismatchError,
} from './errors.ts';
export type { CompleteStep, Part, PartedStep, SortedParts } from './gather.ts';
export { newestCompleteStep, sortParts } from './gather.ts';
export type { SavedModel } from './model-folder.ts';
export { writeModelFolder } from './model-folder.ts';
export type { Checkpoint, NewestCheckpoint } from './open-checkpoint.ts';
export {
  checkpointName,
  listCheckpoints,
  newestCheckpoint,
  openCheckpoint,
  readCheckpointManifest,
} from './open-checkpoint.ts';
export type { BucketSelection } from './read-buckets.ts';
export { readBuckets, readSources } from './read-buckets.ts';
export { assertResumable } from './resume.ts';
export { setNewerAside } from './set-aside.ts';
export type { StepSources } from './sources.ts';
export { openSources } from './sources.ts';
export type { CheckpointStep, ShardCheckpoint } from './write-shard.ts';
export { KEPT_MIN, pruneCheckpoints, writeShard } from './write-shard.ts';
