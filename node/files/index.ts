/**
 * Files: safetensors, read and written with every claim checked, and atomic writes.
 *
 * ```ts
 * import { openSafetensors, writeFolderAtomic, writeSafetensors } from './node/files/index.ts';
 *
 * const values = Float32Array.of(1, 2, 3, 4, 5, 6);
 * await writeFolderAtomic('runs/first/model', async (folder) => {
 *   await writeSafetensors(`${folder}/model.safetensors`, [{ name: 'w', shape: [2, 3], values }]);
 * });
 * const file = await openSafetensors('runs/first/model/model.safetensors');
 * await file.read('w'); // Float32Array [1, 2, 3, 4, 5, 6]
 * await file.close();
 * ```
 */
export {
  removeFolderAtomic,
  removeTemporaries,
  setAside,
  temporaryName,
  writeFileAtomic,
  writeFileSynced,
  writeFolderAtomic,
} from './atomic.ts';
export type { FileDigest } from './copy.ts';
export { copyFileSynced, digestFile } from './copy.ts';
export type { Dtype, TensorArray } from './dtypes.ts';
export { SafetensorsError, TargetExistsError } from './errors.ts';
export type { SafetensorsFolder } from './safetensors-folder.ts';
export { INDEX_FILE, openSafetensorsFolder, SINGLE_FILE } from './safetensors-folder.ts';
export type { TensorEntry } from './safetensors-header.ts';
export type { SafetensorsFile } from './safetensors-read.ts';
export { openSafetensors } from './safetensors-read.ts';
export type { NamedTensor, TensorSpec, WrittenFile } from './safetensors-write.ts';
export { writeSafetensors, writeSafetensorsData } from './safetensors-write.ts';
