/**
 * One step in the folders of several nodes: which bucket is read from which of them. What is
 * damaged is passed over by name as long as another folder has the same; what does not belong
 * together is refused.
 */
import { basename, resolve } from 'node:path';
import { type CheckpointManifest, layoutOf } from './checkpoint-manifest.ts';
import { CheckpointCorruptError, describeBuckets, type Purpose } from './errors.ts';
import { type Checkpoint, checkpointName, openCheckpoint } from './open-checkpoint.ts';
import { incompleteError } from './read-buckets.ts';

export interface StepSources {
  /** What all parts agree on: run, step, root and the hashes of all values. */
  readonly manifest: CheckpointManifest;
  /** By bucket: the first part that holds it and is sound. */
  readonly sources: readonly Checkpoint[];
  /** Damaged parts, whose buckets are all in others. */
  readonly refused: readonly CheckpointCorruptError[];
}

/**
 * Opens parts of one step, every file of them held against its hash. `target` is how the whole is
 * called in errors, `purpose` decides about their remedy. Throws a CheckpointIncompleteError that
 * names missing buckets and their holders, and a CheckpointCorruptError for parts of different
 * runs, steps or roots and for a damaged part whose buckets are nowhere else.
 */
export async function openSources(
  target: string,
  parts: readonly string[],
  purpose: Purpose = 'resume',
): Promise<StepSources> {
  const sound: Checkpoint[] = [];
  const refused: CheckpointCorruptError[] = [];
  for (const path of parts) {
    try {
      const part = await openCheckpoint(path);
      assertName(part);
      sound.push(part);
    } catch (error) {
      if (!(error instanceof CheckpointCorruptError)) throw error;
      refused.push(error);
    }
  }
  const [first] = sound;
  if (first === undefined) throw together(refused) ?? incompleteError(target, [], [], purpose);
  for (const part of sound) assertSameStep(first, part);
  const { manifest } = first;
  const chosen = layoutOf(manifest).buckets.map(({ index }) =>
    sound.find(({ buckets }) => buckets.includes(index)),
  );
  const missing = chosen.flatMap((part, bucket) => (part === undefined ? [bucket] : []));
  if (missing.length === 0) return { manifest, sources: chosen as Checkpoint[], refused };
  const damaged = together(refused);
  if (damaged === undefined) throw incompleteError(target, manifest.holders, missing, purpose);
  const remedy = 'Name a folder that has them whole, or take an older step.';
  const problem = `No sound folder has ${describeBuckets(missing)} of step ${manifest.step}.`;
  throw new CheckpointCorruptError(damaged.path, `${damaged.problem} ${problem} ${remedy}`, {
    cause: damaged,
  });
}

/** One error that names all of them; undefined where there is none. */
function together(errors: readonly CheckpointCorruptError[]): CheckpointCorruptError | undefined {
  const [first, ...more] = errors;
  if (first === undefined || more.length === 0) return first;
  const others = more.map(({ path, problem }) => `${path}: ${problem}`);
  return new CheckpointCorruptError(first.path, [first.problem, ...others].join(' '), {
    cause: first,
  });
}

/** A folder of another step under this name was moved, or put together by hand. */
function assertName({ path, manifest }: Checkpoint): void {
  const name = basename(resolve(path));
  if (!/^checkpoint-\d+$/.test(name) || name === checkpointName(manifest.step)) return;
  const problem = `it is of step ${manifest.step} by its manifest, and of another by its name.`;
  throw new CheckpointCorruptError(path, `${problem} Rename it, or leave it out.`);
}

function assertSameStep({ path, manifest }: Checkpoint, other: Checkpoint): void {
  for (const key of ['runId', 'numericsClass', 'step', 'root'] as const) {
    if (manifest[key] === other.manifest[key]) continue;
    const problem = `${key} is ${other.manifest[key]}, but ${manifest[key]} in ${path}`;
    const bucket = key === 'root' ? firstDifference(manifest, other.manifest) : -1;
    const where = bucket === -1 ? '' : ` (from bucket ${bucket} on)`;
    const remedy = 'They are not one checkpoint. Leave one of the two out.';
    throw new CheckpointCorruptError(other.path, `${problem}${where}. ${remedy}`);
  }
}

/** The first bucket whose values differ; −1 where they differ in an earlier step. */
function firstDifference(a: CheckpointManifest, b: CheckpointManifest): number {
  return a.values.findIndex(
    ({ published, optimizer, aggregator }, bucket) =>
      published !== b.values[bucket]?.published ||
      optimizer !== b.values[bucket].optimizer ||
      aggregator !== b.values[bucket].aggregator,
  );
}
