/**
 * Makes one checkpoint of the parts that nodes wrote: a Hugging Face folder that also holds what is
 * needed to go on exactly.
 */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { encode } from '../../protocol/codecs.ts';
import {
  copyFileSynced,
  type FileDigest,
  SINGLE_FILE,
  writeFolderAtomic,
  writeSafetensorsData,
} from '../files/index.ts';
import { PUBLISHED } from './bucket-file.ts';
import {
  type CheckpointManifest,
  formatCheckpointManifest,
  layoutOf,
  MANIFEST_PATH,
  OWN_FOLDER,
} from './checkpoint-manifest.ts';
import { CheckpointCorruptError, CheckpointIncompleteError } from './errors.ts';
import { writeTextFiles } from './model-folder.ts';
import { type Checkpoint, openCheckpoint } from './open-checkpoint.ts';
import { createBucketReader, incompleteError } from './read-buckets.ts';

/**
 * Writes the folder `target` from shard checkpoints of one step, every byte held against its hash.
 * `modelFiles` are the small files of the Hugging Face folder, contents by name. Returns the
 * paramsHash. Throws a CheckpointIncompleteError that names missing buckets and their holders, a
 * CheckpointCorruptError for damaged shards and for shards of different steps, runs or roots, a
 * TargetExistsError.
 */
export async function assembleCheckpoint(
  shardFolders: readonly string[],
  target: string,
  modelFiles: Readonly<Record<string, string>>,
): Promise<string> {
  const shards: Checkpoint[] = [];
  for (const folder of shardFolders) shards.push(await openCheckpoint(folder));
  const [first] = shards;
  if (first === undefined) throw new CheckpointIncompleteError(target, [], []);
  for (const shard of shards) assertSameStep(first, shard);
  const sources = chooseSources(target, shards);
  let paramsHash = '';
  await writeFolderAtomic(target, async (temporary) => {
    await mkdir(join(temporary, OWN_FOLDER));
    const files: Record<string, FileDigest> = await writeTextFiles(temporary, modelFiles);
    const { dataSha256, ...model } = await writeSafetensorsData(
      join(temporary, SINGLE_FILE),
      first.manifest.run.parameters.map(({ name, shape }) => ({ name, shape, dtype: 'F32' })),
      publishedData(sources),
    );
    files[SINGLE_FILE] = model;
    paramsHash = dataSha256;
    const copied = await copyShards(temporary, sources);
    const manifest = { ...first.manifest, files: { ...files, ...copied.files } };
    await writeManifest(temporary, { ...manifest, shards: copied.shards, node: '' });
  });
  return paramsHash;
}

function assertSameStep({ path, manifest }: Checkpoint, other: Checkpoint): void {
  for (const key of ['runId', 'numericsClass', 'step', 'root'] as const) {
    if (manifest[key] === other.manifest[key]) continue;
    const problem = `${key} is ${other.manifest[key]}, but ${manifest[key]} in ${path}.`;
    throw new CheckpointCorruptError(other.path, `${problem} They are not one checkpoint.`);
  }
}

/** By bucket, the first shard that holds it. */
function chooseSources(target: string, shards: readonly Checkpoint[]): Checkpoint[] {
  const manifest = shards[0]!.manifest;
  const chosen = layoutOf(manifest).buckets.map(({ index }) =>
    shards.find(({ buckets }) => buckets.includes(index)),
  );
  const missing = chosen.flatMap((shard, bucket) => (shard === undefined ? [bucket] : []));
  if (missing.length > 0) throw incompleteError(target, manifest.holders, missing);
  return chosen as Checkpoint[];
}

/** The published values of all buckets in their order, which is that of the file. */
async function* publishedData(sources: readonly Checkpoint[]): AsyncGenerator<Uint8Array> {
  const readers = new Map([...new Set(sources)].map((one) => [one, createBucketReader(one)]));
  try {
    for (const [bucket, source] of sources.entries()) {
      const { arrays } = await readers.get(source)!.read(bucket, [PUBLISHED]);
      yield encode('f32', arrays[PUBLISHED] as Float32Array);
    }
  } finally {
    for (const reader of readers.values()) await reader.close();
  }
}

/** Copies the files that are needed, each with the buckets that it is needed for. */
async function copyShards(temporary: string, sources: readonly Checkpoint[]) {
  const files: Record<string, FileDigest> = {};
  const shards: { file: string; buckets: number[] }[] = [];
  for (const source of new Set(sources)) {
    for (const shard of source.manifest.shards) {
      const buckets = shard.buckets.filter((bucket) => sources[bucket] === source);
      if (buckets.length === 0) continue;
      const file = `${OWN_FOLDER}/shard-${shards.length + 1}.safetensors`;
      const digest = await copyFileSynced(join(source.path, shard.file), join(temporary, file));
      if (digest.sha256 !== source.manifest.files[shard.file]?.sha256) {
        const problem = `${basename(shard.file)} changed while it was copied.`;
        throw new CheckpointCorruptError(source.path, problem);
      }
      files[file] = digest;
      shards.push({ file, buckets });
    }
  }
  return { files, shards };
}

async function writeManifest(temporary: string, manifest: CheckpointManifest): Promise<void> {
  const { checksum: _, ...rest } = manifest;
  await writeTextFiles(temporary, { [MANIFEST_PATH]: formatCheckpointManifest(rest) });
}
