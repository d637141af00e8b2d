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
  MANIFEST_PATH,
  OWN_FOLDER,
} from './checkpoint-manifest.ts';
import { CheckpointCorruptError } from './errors.ts';
import { writeTextFiles } from './model-folder.ts';
import type { Checkpoint } from './open-checkpoint.ts';
import { readSources } from './read-buckets.ts';
import { openSources, type StepSources } from './sources.ts';

/**
 * Writes the folder `target` from shard checkpoints of one step, every byte held against its hash.
 * `modelFiles` are the small files of the Hugging Face folder, contents by name; `onRefused` is
 * told of damaged shards that others make up for. Returns the paramsHash. Throws a
 * CheckpointIncompleteError that names missing buckets and their holders, a CheckpointCorruptError
 * for damaged shards and for shards of different steps, runs or roots, a TargetExistsError.
 */
export async function assembleCheckpoint(
  shardFolders: readonly string[],
  target: string,
  modelFiles: Readonly<Record<string, string>>,
  onRefused: (error: CheckpointCorruptError) => void = () => {},
): Promise<string> {
  const opened = await openSources(target, shardFolders);
  for (const error of opened.refused) onRefused(error);
  return await writeAssembled(opened, target, modelFiles);
}

/** The same from parts that are open already. */
export async function writeAssembled(
  { manifest, sources }: StepSources,
  target: string,
  modelFiles: Readonly<Record<string, string>>,
): Promise<string> {
  let paramsHash = '';
  await writeFolderAtomic(target, async (temporary) => {
    await mkdir(join(temporary, OWN_FOLDER));
    const files: Record<string, FileDigest> = await writeTextFiles(temporary, modelFiles);
    const { dataSha256, ...model } = await writeSafetensorsData(
      join(temporary, SINGLE_FILE),
      manifest.run.parameters.map(({ name, shape }) => ({ name, shape, dtype: 'F32' })),
      publishedData(sources),
    );
    files[SINGLE_FILE] = model;
    paramsHash = dataSha256;
    const copied = await copyShards(temporary, sources);
    const whole = { ...manifest, files: { ...files, ...copied.files } };
    await writeManifest(temporary, { ...whole, shards: copied.shards, node: '' });
  });
  return paramsHash;
}

/** The published values of all buckets in their order, which is that of the file. */
async function* publishedData(sources: readonly Checkpoint[]): AsyncGenerator<Uint8Array> {
  for await (const { arrays } of readSources(sources, [])) {
    yield encode('f32', arrays[PUBLISHED] as Float32Array);
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
