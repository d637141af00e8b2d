/** Writes a model as a Hugging Face folder: tensors in one sorted f32 file, and the small files. */
import { join } from 'node:path';
import { assert } from '../../protocol/assert.ts';
import { type ParameterSpec, valueCount } from '../../protocol/buckets.ts';
import { encode } from '../../protocol/codecs.ts';
import { hashOf } from '../../protocol/hashes.ts';
import {
  type FileDigest,
  SINGLE_FILE,
  writeFileSynced,
  writeFolderAtomic,
  writeSafetensorsData,
} from '../files/index.ts';

/** A model as it is saved. */
export interface SavedModel {
  /**
   * config.json, tokenizer files and whatever else belongs beside the tensors; contents by name.
   */
  readonly files: Readonly<Record<string, string>>;
  /** Sorted by name. */
  readonly parameters: readonly ParameterSpec[];
  /** All parameters, flattened, in that order; in one piece, or cut anywhere (by bucket). */
  readonly values: Float32Array | readonly Float32Array[];
}

/**
 * Writes the folder `target`, which is there as a whole or not at all. Returns the paramsHash.
 * Throws a TargetExistsError.
 */
export async function writeModelFolder(target: string, model: SavedModel): Promise<string> {
  const { files, parameters, values } = model;
  const pieces = values instanceof Float32Array ? [values] : values;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const expected = parameters.reduce((sum, { shape }) => sum + valueCount(shape), 0);
  assert(length === expected, `${length} values for ${expected} places`);
  let paramsHash = '';
  await writeFolderAtomic(target, async (temporary) => {
    await writeTextFiles(temporary, files);
    const { dataSha256 } = await writeSafetensorsData(
      join(temporary, SINGLE_FILE),
      parameters.map(({ name, shape }) => ({ name, shape, dtype: 'F32' })),
      pieces.map((piece) => encode('f32', piece)),
    );
    paramsHash = dataSha256;
  });
  return paramsHash;
}

/** Writes small files into a folder and says what they are. */
export async function writeTextFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<Record<string, FileDigest>> {
  const digests: Record<string, FileDigest> = {};
  for (const [name, text] of Object.entries(files)) {
    await writeFileSynced(join(folder, name), text);
    digests[name] = { bytes: Buffer.byteLength(text), sha256: hashOf(text) };
  }
  return digests;
}
