/**
 * Models: Llama-family decoders from Hugging Face folders, and what is needed to make and save one.
 * The decoder itself has a face of its own (./decoder/index.ts), because it loads tfjs.
 *
 * ```ts
 * import { loadModelFolder, paramsHashOf } from './node/model/index.ts';
 *
 * const { config, tokenizer, values } = await loadModelFolder('examples/base/model');
 * tokenizer.encode('haki'); // [104, 97, 107, 105]
 * paramsHashOf([values]); // 64 hexadecimal digits
 * ```
 */
export {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_PAD_ID,
  BYTE_VOCABULARY_SIZE,
  byteTokenizerFiles,
} from './byte-tokenizer.ts';
export { ModelConfigError, ModelFileError } from './errors.ts';
export type { FolderSource } from './folder-files.ts';
export { modelFolderFiles } from './folder-files.ts';
export { initialValues } from './initial-values.ts';
export type { LlamaConfig } from './llama-config.ts';
export type { LoadedModel, ModelFiles } from './load-folder.ts';
export { loadModelFiles, loadModelFolder } from './load-folder.ts';
export { decoderParameters, EMBEDDING_LAYER } from './parameters.ts';
export { paramsHashOf } from './params-hash.ts';
export type { ParsedConfig } from './parse-config.ts';
export { parseConfig } from './parse-config.ts';
export type { Tokenizer } from './tokenizer.ts';
export { createTokenizer } from './tokenizer.ts';
