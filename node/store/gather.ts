/** Finds out of which steps there are checkpoints, and which of them make a whole. */
import { join } from 'node:path';
import { IsoglossError } from '../../protocol/errors.ts';
import type { CheckpointManifest } from './checkpoint-manifest.ts';
import { CheckpointCorruptError } from './errors.ts';
import { checkpointName, listCheckpoints, readCheckpointManifest } from './open-checkpoint.ts';

/** A step of which every bucket is in some node's folder. */
export interface CompleteStep {
  readonly step: number;
  /** What assembleCheckpoint takes. */
  readonly shardFolders: readonly string[];
}

/** A step that some folders have parts of, whole together or not. */
export interface PartedStep {
  readonly step: number;
  readonly parts: readonly Part[];
}

/** A checkpoint by its manifest; its other files are not looked at. */
export interface Part {
  readonly path: string;
  readonly manifest: CheckpointManifest;
}

export interface SortedParts {
  /** Newest first. */
  readonly steps: readonly PartedStep[];
  /** What is no checkpoint, or was torn while it was written. */
  readonly refused: readonly CheckpointCorruptError[];
}

/**
 * Sorts checkpoints of one run, in whatever folders they lie, by their steps. Throws a
 * CheckpointCorruptError where they are of different runs or numerics classes.
 */
export async function sortParts(paths: readonly string[]): Promise<SortedParts> {
  const steps = new Map<number, Part[]>();
  const refused: CheckpointCorruptError[] = [];
  let first: Part | undefined;
  for (const path of paths) {
    const manifest = await readCheckpointManifest(path).catch((error: unknown) => {
      if (!(error instanceof CheckpointCorruptError)) throw error;
      refused.push(error);
    });
    if (manifest === undefined) continue;
    const part = { path, manifest };
    first ??= part;
    assertSameRun(first, part);
    steps.set(manifest.step, [...(steps.get(manifest.step) ?? []), part]);
  }
  const sorted = [...steps].sort(([a], [b]) => b - a);
  return { steps: sorted.map(([step, parts]) => ({ step, parts })), refused };
}

function assertSameRun(first: Part, other: Part): void {
  for (const key of ['runId', 'numericsClass'] as const) {
    const [expected, actual] = [first.manifest[key], other.manifest[key]];
    if (expected === actual) continue;
    const problem = `its ${key} is ${actual}, but ${expected} in ${first.path}.`;
    const remedy = 'Name the folders of one run only.';
    throw new CheckpointCorruptError(other.path, `${problem} ${remedy}`);
  }
}

/**
 * The newest step whose checkpoints in `folders` (one a node) hold every bucket between them, by
 * their manifests; undefined where there is none. Checkpoints that are damaged are passed over.
 */
export async function newestCompleteStep(
  folders: readonly string[],
): Promise<CompleteStep | undefined> {
  const steps = new Set((await Promise.all(folders.map(listCheckpoints))).flat());
  for (const step of [...steps].sort((a, b) => b - a)) {
    const shardFolders: string[] = [];
    const roots = new Set<string>();
    const held = new Set<number>();
    let wanted = Number.POSITIVE_INFINITY;
    for (const folder of folders) {
      const path = join(folder, checkpointName(step));
      const manifest = await readCheckpointManifest(path).catch(ignoreOurs);
      if (manifest === undefined) continue;
      shardFolders.push(path);
      roots.add(manifest.root);
      wanted = manifest.values.length;
      for (const bucket of manifest.shards.flatMap(({ buckets }) => buckets)) held.add(bucket);
    }
    if (held.size === wanted && roots.size === 1) return { step, shardFolders };
  }
  return undefined;
}

function ignoreOurs(error: unknown): undefined {
  if (!(error instanceof IsoglossError)) throw error;
}
