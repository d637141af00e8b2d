/**
 * The virtual disk, and a node's checkpoints on it.
 *
 * @example
 * const disk = new Disk(seed, 0);
 * for (const operation of writeOperations(disk, checkpoint)) operation();
 * const steps = listSteps(disk);
 */
export {
  listSteps,
  makeOlder,
  prune,
  readCheckpoint,
  type StoredCheckpoint,
  StoredCheckpointError,
  writeOperations,
} from './checkpoints.ts';
export { Disk, DiskError } from './disk.ts';
