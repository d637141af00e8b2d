/**
 * The safetensors files of a Hugging Face folder: model.safetensors alone, or several with
 * model.safetensors.index.json, read as if they were one.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { compareNames } from '../../protocol/buckets.ts';
import type { TensorArray } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import type { TensorEntry } from './safetensors-header.ts';
import { openSafetensors, type SafetensorsFile } from './safetensors-read.ts';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** Files that are open at once. */
const SHARDS_MAX = 1024;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The tensors of a folder, whatever file each is in. To be closed. */
export interface SafetensorsFolder {
  /** By name. */
  readonly tensors: ReadonlyMap<string, TensorEntry & { readonly path: string }>;
  /** As SafetensorsFile.read. */
  read(name: string, target?: TensorArray): Promise<TensorArray>;
  close(): Promise<void>;
}

/**
 * Opens all files of `folder`. Throws a SafetensorsError if there are none, if one is damaged, or
 * if the index and the files disagree.
 */
export async function openSafetensorsFolder(folder: string): Promise<SafetensorsFolder> {
  const index = await readIndex(folder);
  const names = index === undefined ? [SINGLE_FILE] : shardNames(folder, index);
  const files: SafetensorsFile[] = [];
  const close = async () => {
    await Promise.all(files.map((file) => file.close()));
  };
  try {
    for (const name of names) files.push(await openSafetensors(join(folder, name)));
    const owners = ownersOf(files);
    if (index !== undefined) assertIndex(join(folder, INDEX_FILE), index, owners);
    const tensors = new Map<string, TensorEntry & { path: string }>();
    for (const [name, file] of owners) {
      tensors.set(name, { ...file.tensors.get(name)!, path: file.path });
    }
    const read = async (name: string, target?: TensorArray) => {
      const file = owners.get(name);
      if (file === undefined) throw new SafetensorsError(folder, name, 'is in none of its files.');
      return file.read(name, target);
    };
    return { tensors, read, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file that each tensor is in. */
function ownersOf(files: readonly SafetensorsFile[]): Map<string, SafetensorsFile> {
  const owners = new Map<string, SafetensorsFile>();
  for (const file of files) {
    for (const name of file.tensors.keys()) {
      const other = owners.get(name);
      if (other !== undefined) {
        throw new SafetensorsError(file.path, name, `is also in ${basename(other.path)}.`);
      }
      owners.set(name, file);
    }
  }
  return owners;
}

type WeightMap = ReadonlyMap<string, string>;

async function readIndex(folder: string): Promise<WeightMap | undefined> {
  const path = join(folder, INDEX_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new SafetensorsError(path, undefined, `cannot be read (${error.code}).`);
  });
  if (text === undefined) return undefined;
  try {
    return new Map(Object.entries(indexSchema.parse(JSON.parse(text)).weight_map));
  } catch (cause) {
    const problem = 'is no index: expected JSON with a "weight_map" from tensors to files.';
    throw new SafetensorsError(path, undefined, problem, { cause });
  }
}

/** The files that an index names, sorted; each lies in the folder itself. */
function shardNames(folder: string, index: WeightMap): string[] {
  const path = join(folder, INDEX_FILE);
  const names = [...new Set(index.values())].sort(compareNames);
  for (const name of names) {
    if (name !== basename(name) || !name.endsWith('.safetensors')) {
      throw new SafetensorsError(
        path,
        undefined,
        `names the file "${name}", expected a plain name.`,
      );
    }
  }
  if (names.length === 0 || names.length > SHARDS_MAX) {
    const problem = `names ${names.length} files, expected 1 to ${SHARDS_MAX}.`;
    throw new SafetensorsError(path, undefined, problem);
  }
  return names;
}

/** Index and files hold the same tensors in the same places. */
function assertIndex(
  path: string,
  index: WeightMap,
  owners: ReadonlyMap<string, SafetensorsFile>,
): void {
  for (const [name, file] of index) {
    const owner = owners.get(name);
    if (owner === undefined || basename(owner.path) !== file) {
      throw new SafetensorsError(path, name, `should be in ${file}, but is not.`);
    }
  }
  for (const [name, owner] of owners) {
    if (!index.has(name)) {
      const problem = `is in ${basename(owner.path)}, but not in the index.`;
      throw new SafetensorsError(path, name, problem);
    }
  }
}
