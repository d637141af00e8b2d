/** Opens checkpoints, a node's own and assembled ones alike, and looks for the newest. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IsoglossError } from '../../protocol/errors.ts';
import { digestFile } from '../files/index.ts';
import {
  type CheckpointManifest,
  MANIFEST_PATH,
  parseCheckpointManifest,
} from './checkpoint-manifest.ts';
import { CheckpointCorruptError, describeBuckets } from './errors.ts';
import { createBucketReader } from './read-buckets.ts';

/** A checkpoint whose every file was found to be what the manifest says. */
export interface Checkpoint {
  readonly path: string;
  readonly manifest: CheckpointManifest;
  /** Held here, ascending; all of the run's in an assembled checkpoint. */
  readonly buckets: readonly number[];
}

/**
 * Reads the manifest and the hash of every file. Throws a CheckpointCorruptError where one is
 * missing, cut or changed.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const manifest = await readCheckpointManifest(path);
  for (const [file, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const digest = await digestFile(join(path, file)).catch((cause: NodeJS.ErrnoException) => {
      throw new CheckpointCorruptError(path, `${file} cannot be read (${cause.code}).`, { cause });
    });
    if (digest.bytes !== bytes) {
      const problem = `${file} has ${digest.bytes} bytes, expected ${bytes}: it was cut.`;
      throw new CheckpointCorruptError(path, problem);
    }
    if (digest.sha256 !== sha256) {
      const where = await findDamage({ path, manifest, buckets: [] }, file);
      throw new CheckpointCorruptError(path, `${file} is damaged: its hash is another${where}.`);
    }
  }
  return { path, manifest, buckets: bucketsOf(manifest) };
}

/** What is known of the place of a damage: the buckets of the file that are not what they were. */
async function findDamage(checkpoint: Checkpoint, file: string): Promise<string> {
  const buckets = checkpoint.manifest.shards.find((shard) => shard.file === file)?.buckets ?? [];
  if (buckets.length === 0) return '';
  const reader = createBucketReader(checkpoint);
  const damaged: number[] = [];
  try {
    for (const bucket of buckets) {
      await reader.read(bucket, []).catch(() => damaged.push(bucket));
    }
  } finally {
    await reader.close();
  }
  if (damaged.length === 0) return ', in what the optimizer keeps';
  return `, in ${describeBuckets(damaged)}`;
}

/** The manifest alone, checked by itself; files are not looked at. Throws as openCheckpoint. */
export async function readCheckpointManifest(path: string): Promise<CheckpointManifest> {
  const text = await readFile(join(path, MANIFEST_PATH), 'utf8').catch(
    (cause: NodeJS.ErrnoException) => {
      const problem = `${MANIFEST_PATH} cannot be read (${cause.code}): it is no checkpoint,`;
      throw new CheckpointCorruptError(path, `${problem} or one that was never finished.`, {
        cause,
      });
    },
  );
  return parseCheckpointManifest(path, text);
}

function bucketsOf({ shards }: CheckpointManifest): number[] {
  return [...new Set(shards.flatMap(({ buckets }) => buckets))].sort((a, b) => a - b);
}

const NAME = /^checkpoint-(\d+)$/;

/** The name of the folder of a step's checkpoint. */
export function checkpointName(step: number): string {
  return `checkpoint-${step}`;
}

/** Steps of which `folder` has a checkpoint, whole or not, newest first. No folder: none. */
export async function listCheckpoints(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const steps = names.flatMap((name) => {
    const match = NAME.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  return steps.sort((a, b) => b - a);
}

/** The newest checkpoint that opens, and what is wrong with newer ones. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly refused: readonly IsoglossError[];
}

/** Looks for the newest checkpoint in `folder` that is as it should be. */
export async function newestCheckpoint(folder: string): Promise<NewestCheckpoint> {
  const refused: IsoglossError[] = [];
  for (const step of await listCheckpoints(folder)) {
    try {
      const checkpoint = await openCheckpoint(join(folder, checkpointName(step)));
      return { checkpoint, refused };
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      refused.push(error);
    }
  }
  return { checkpoint: undefined, refused };
}
