/** Loads a model from a Hugging Face folder: config.json, safetensors, tokenizer files. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParameterSpec, valueCount } from '../../protocol/buckets.ts';
import { canonicalJson } from '../../protocol/canonical.ts';
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { openSafetensorsFolder, type SafetensorsFolder } from '../files/index.ts';
import { ModelConfigError, ModelFileError } from './errors.ts';
import type { LlamaConfig } from './llama-config.ts';
import { decoderParameters, HEAD_NAME } from './parameters.ts';
import { parseConfig } from './parse-config.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

const CONFIG_FILE = 'config.json';
const TOKENIZER_FILE = 'tokenizer.json';
const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';

/** What to do where tensors and config do not belong together. */
const MISMATCH_REMEDY = `Fetch the folder again, or correct ${CONFIG_FILE}.`;

/** Files that go with a model and are taken over where it is saved; the first two must be there. */
const TOKENIZER_FILES = [
  TOKENIZER_FILE,
  TOKENIZER_CONFIG_FILE,
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'generation_config.json',
];

/** Tables that old files keep although they follow from the config. */
const DERIVED_TENSOR = /\.rotary_emb\.inv_freq$/;

/** What a model's folder says beside its tensors. */
export interface ModelFiles {
  readonly config: LlamaConfig;
  /** config.json as it stands. */
  readonly configJson: Readonly<Record<string, unknown>>;
  readonly tokenizer: Tokenizer;
  /** Contents by name, to be saved with the trained model. */
  readonly tokenizerFiles: Readonly<Record<string, string>>;
  /**
   * For the manifest: of what config.json means to the decoder, and of what makes tokens of text.
   */
  readonly hashes: { readonly config: Hash; readonly tokenizer: Hash };
  /** SHA-256 of the small files by name, for whoever compares two machines. */
  readonly files: Readonly<Record<string, Hash>>;
}

/** A model and everything that is needed to train it and to save it again. */
export interface LoadedModel extends ModelFiles {
  readonly parameters: readonly ParameterSpec[];
  /** All parameters, flattened, in the order of `parameters`. */
  readonly values: Float32Array;
}

/**
 * Reads and checks the whole folder. Throws a ModelConfigError (not there, or asks for what the
 * decoder does not do), a ModelFileError (tensor missing, left over or of the wrong shape;
 * tokenizer) or a SafetensorsError (damaged file).
 */
export async function loadModelFolder(path: string): Promise<LoadedModel> {
  const files = await loadModelFiles(path);
  const parameters = decoderParameters(files.config);
  const values = await readValues(path, files.config, parameters);
  return { ...files, parameters, values };
}

/** Reads and checks all but the tensors, which need not be there. Throws as loadModelFolder. */
export async function loadModelFiles(path: string): Promise<ModelFiles> {
  const status = await stat(path).catch(() => undefined);
  if (!status?.isDirectory()) {
    throw new ModelConfigError(path, undefined, 'no such folder. Correct model.path.');
  }
  const configPath = join(path, CONFIG_FILE);
  const configText = await readText(configPath);
  if (configText === undefined) {
    throw new ModelConfigError(configPath, undefined, 'is missing. Name a Hugging Face folder.');
  }
  const configJson = parseJson(configPath, configText) as Record<string, unknown>;
  const { config, bosId, eosId } = parseConfig(configJson, configPath);
  const tokenizerFiles = await readTokenizerFiles(path);
  const tokenizer = createTokenizer({
    path: join(path, TOKENIZER_FILE),
    tokenizerJson: parseJson(join(path, TOKENIZER_FILE), tokenizerFiles[TOKENIZER_FILE]!),
    tokenizerConfigJson: parseJson(
      join(path, TOKENIZER_CONFIG_FILE),
      tokenizerFiles[TOKENIZER_CONFIG_FILE]!,
    ),
    bosId,
    eosId,
  });
  if (tokenizer.vocabularySize > config.vocabularySize) {
    const problem = `makes ids up to ${tokenizer.vocabularySize - 1}`;
    const expected = `the model knows those below ${config.vocabularySize} (vocab_size).`;
    throw new ModelFileError(join(path, TOKENIZER_FILE), `${problem}; ${expected}`);
  }
  const texts = { [CONFIG_FILE]: configText, ...tokenizerFiles };
  const files = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, hashOf(text)]),
  );
  const tokenizerParts = [files[TOKENIZER_FILE], files[TOKENIZER_CONFIG_FILE], bosId, eosId];
  const hashes = {
    config: hashOf(canonicalJson(config)),
    tokenizer: hashOf(canonicalJson(tokenizerParts)),
  };
  return { config, configJson, tokenizer, tokenizerFiles, hashes, files };
}

/** All parameters from the folder's safetensors files, in one array. */
async function readValues(
  path: string,
  config: LlamaConfig,
  parameters: readonly ParameterSpec[],
): Promise<Float32Array> {
  const folder = await openSafetensorsFolder(path);
  try {
    assertTensors(path, config, parameters, folder);
    const total = parameters.reduce((sum, { shape }) => sum + valueCount(shape), 0);
    const values = new Float32Array(total);
    let start = 0;
    for (const { name, shape } of parameters) {
      const length = valueCount(shape);
      await folder.read(name, values.subarray(start, start + length));
      start += length;
    }
    return values;
  } finally {
    await folder.close();
  }
}

/** The files hold exactly the decoder's tensors, each in its shape. */
function assertTensors(
  path: string,
  config: LlamaConfig,
  parameters: readonly ParameterSpec[],
  { tensors }: SafetensorsFolder,
): void {
  for (const { name, shape } of parameters) {
    const entry = tensors.get(name);
    const expected = `[${shape.join(', ')}]`;
    if (entry === undefined) {
      const problem = `is missing, expected ${expected} by ${CONFIG_FILE}. ${MISMATCH_REMEDY}`;
      throw new ModelFileError(path, problem, { tensor: name, expectedShape: shape });
    }
    if (entry.shape.join() !== shape.join()) {
      const problem = `has shape [${entry.shape.join(', ')}], expected ${expected}`;
      const fault = { tensor: name, expectedShape: shape, actualShape: entry.shape };
      const remedy = `by ${CONFIG_FILE}. ${MISMATCH_REMEDY}`;
      throw new ModelFileError(entry.path, `${problem} ${remedy}`, fault);
    }
    if (entry.dtype !== 'F32' && entry.dtype !== 'BF16') {
      const problem = `is ${entry.dtype}, which is not read. Convert it to F32 or BF16.`;
      throw new ModelFileError(entry.path, problem, { tensor: name });
    }
  }
  const known = new Set(parameters.map(({ name }) => name));
  for (const [name, entry] of tensors) {
    if (known.has(name) || DERIVED_TENSOR.test(name)) continue;
    const tied = name === HEAD_NAME && config.tieWordEmbeddings;
    const why = tied ? 'tie_word_embeddings is true' : 'the decoder has no such part';
    const problem = `is one too many: ${why}. Remove it, or correct ${CONFIG_FILE}.`;
    throw new ModelFileError(entry.path, problem, { tensor: name, actualShape: entry.shape });
  }
}

async function readTokenizerFiles(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of TOKENIZER_FILES) {
    const text = await readText(join(path, name));
    if (text !== undefined) found[name] = text;
  }
  for (const name of [TOKENIZER_FILE, TOKENIZER_CONFIG_FILE]) {
    if (found[name] === undefined) {
      throw new ModelFileError(join(path, name), 'is missing. Save the tokenizer with the model.');
    }
  }
  return found;
}

/** The text of a file, or undefined if there is none. */
async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new ModelFileError(path, `cannot be read (${cause.code}).`, { cause });
  });
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFileError(path, `is not JSON: ${(cause as Error).message}`, { cause });
  }
}
