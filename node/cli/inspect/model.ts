/** What a model folder holds. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LlamaConfig, loadModelFolder, paramsHashOf } from '../../model/index.ts';

export interface FileSize {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  readonly bytes: number;
  /** In a checkpoint, whose manifest says so. */
  readonly sha256?: string;
}

export interface ModelInspection {
  readonly kind: 'model';
  readonly path: string;
  /** SHA-256 of all values as little-endian f32. */
  readonly paramsHash: string;
  readonly parameters: number;
  readonly tensors: number;
  readonly config: LlamaConfig;
  readonly files: readonly FileSize[];
}

/** Loads the whole model. Throws the errors of loadModelFolder. */
export async function inspectModel(path: string): Promise<ModelInspection> {
  const { config, parameters, values } = await loadModelFolder(path);
  return {
    kind: 'model',
    path,
    paramsHash: paramsHashOf([values]),
    parameters: values.length,
    tensors: parameters.length,
    config,
    files: await listFiles(path),
  };
}

/** The files right in a folder, by name. */
export async function listFiles(folder: string): Promise<FileSize[]> {
  const sizes: FileSize[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const status = await stat(join(folder, name)).catch(() => undefined);
    if (status?.isFile()) sizes.push({ name, bytes: status.size });
  }
  return sizes;
}
