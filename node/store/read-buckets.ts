/** Reads buckets from an open checkpoint, each held against the hash of its published values. */
import { join } from 'node:path';
import { defined } from '../../protocol/assert.ts';
import { encode } from '../../protocol/codecs.ts';
import { hashOf } from '../../protocol/hashes.ts';
import { type BucketFile, openBucketFile, PUBLISHED, type StoredBucket } from './bucket-file.ts';
import { layoutOf } from './checkpoint-manifest.ts';
import { CheckpointCorruptError, CheckpointIncompleteError, type Purpose } from './errors.ts';
import type { Checkpoint } from './open-checkpoint.ts';

/** Which arrays of which buckets to read. */
export interface BucketSelection {
  /** Default: all that are held, ascending. */
  readonly buckets?: readonly number[];
  /** Default: all. `published` is always among them. */
  readonly arrays?: readonly string[];
}

/**
 * Reads buckets one by one in the order that is asked for. Throws a CheckpointIncompleteError for
 * buckets that are not here, a CheckpointCorruptError for a wrong one.
 */
export async function* readBuckets(
  checkpoint: Checkpoint,
  { buckets = checkpoint.buckets, arrays }: BucketSelection = {},
): AsyncGenerator<StoredBucket> {
  const held = new Set(checkpoint.buckets);
  const missing = buckets.filter((bucket) => !held.has(bucket));
  if (missing.length > 0)
    throw incompleteError(checkpoint.path, checkpoint.manifest.holders, missing);
  const reader = createBucketReader(checkpoint);
  try {
    for (const bucket of buckets) yield await reader.read(bucket, arrays);
  } finally {
    await reader.close();
  }
}

/** Reads all buckets of a step, each from the part that is named for it; `arrays` as above. */
export async function* readSources(
  sources: readonly Checkpoint[],
  arrays?: readonly string[],
): AsyncGenerator<StoredBucket> {
  const readers = new Map([...new Set(sources)].map((one) => [one, createBucketReader(one)]));
  try {
    for (const [bucket, source] of sources.entries()) {
      yield await readers.get(source)!.read(bucket, arrays);
    }
  } finally {
    for (const reader of readers.values()) await reader.close();
  }
}

/** The error for buckets that are not there; `holders` are the nodes' names by bucket. */
export function incompleteError(
  path: string,
  holders: readonly string[],
  missing: readonly number[],
  purpose?: Purpose,
): CheckpointIncompleteError {
  const names = missing.map((bucket) => holders[bucket] ?? '').filter((name) => name !== '');
  return new CheckpointIncompleteError(path, missing, [...new Set(names)], purpose);
}

/** Opens the checkpoint's files as they are needed; to be closed. */
export interface BucketReader {
  /** A bucket that the checkpoint holds. */
  read(bucket: number, arrays?: readonly string[]): Promise<StoredBucket>;
  close(): Promise<void>;
}

export function createBucketReader({ path, manifest }: Checkpoint): BucketReader {
  const layout = layoutOf(manifest);
  const fileNames = new Map<number, string>();
  for (const { file, buckets } of manifest.shards) {
    for (const bucket of buckets) fileNames.set(bucket, file);
  }
  const files = new Map<string, BucketFile>();

  async function read(bucket: number, arrays?: readonly string[]): Promise<StoredBucket> {
    const name = defined(fileNames.get(bucket), `file of bucket ${bucket}`);
    const file = files.get(name) ?? (await openBucketFile(join(path, name)));
    files.set(name, file);
    const names = arrays === undefined ? undefined : [...new Set([PUBLISHED, ...arrays])];
    const stored = await file.read(bucket, names);
    const hashes = defined(manifest.values[bucket], `hashes of bucket ${bucket}`);
    const published = stored.arrays[PUBLISHED];
    const { length } = defined(layout.buckets[bucket], `bucket ${bucket}`);
    if (!(published instanceof Float32Array) || published.length !== length) {
      const problem = `bucket ${bucket} has ${published?.length ?? 'no'} published values`;
      throw new CheckpointCorruptError(path, `${problem}, expected ${length}.`);
    }
    if (hashOf(encode(manifest.run.wire.codec, published)) !== hashes.published) {
      throw new CheckpointCorruptError(path, `bucket ${bucket} does not match its hash.`);
    }
    return { ...stored, hashes };
  }

  async function close(): Promise<void> {
    await Promise.all([...files.values()].map((file) => file.close()));
  }

  return { read, close };
}
