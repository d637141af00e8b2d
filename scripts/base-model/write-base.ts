/** Writes a base model as a Hugging Face folder in bf16, with its card. */
import { join } from 'node:path';
import type { LanguageText } from '../../node/data/index.ts';
import {
  SINGLE_FILE,
  writeFileSynced,
  writeFolderAtomic,
  writeSafetensors,
} from '../../node/files/index.ts';
import {
  byteTokenizerFiles,
  decoderParameters,
  modelFolderFiles,
  paramsHashOf,
} from '../../node/model/index.ts';
import { valueCount } from '../../protocol/buckets.ts';
import { baseCard } from './card.ts';
import { type Recipe, SPECIAL_IDS } from './recipe.ts';

/** What is known of a base model once it is made. */
export interface BaseFacts {
  readonly recipe: Recipe;
  readonly numericsClass: string;
  /** On `dev`, of the values as they are saved. */
  readonly bitsPerByte: number;
  /** How often the training text was passed over. */
  readonly passes: number;
  /** What byte n-grams that saw the same text reach on `dev`. */
  readonly ngrams: readonly { readonly order: number; readonly bitsPerByte: number }[];
  readonly train: LanguageText;
  readonly dev: LanguageText;
}

/**
 * Writes the folder `target`, which is there as a whole or not at all. `values` must be what bf16
 * can hold. Returns the paramsHash.
 */
export async function writeBase(
  target: string,
  facts: BaseFacts,
  values: Float32Array,
): Promise<string> {
  const { config } = facts.recipe;
  const { padId, ...ids } = SPECIAL_IDS;
  const files = modelFolderFiles({ config, ...ids, tokenizerFiles: byteTokenizerFiles() });
  const json = JSON.parse(files['config.json']!) as Record<string, unknown>;
  const dtypes = { pad_token_id: padId, dtype: 'bfloat16', torch_dtype: 'bfloat16' };
  const configJson = `${JSON.stringify({ ...json, ...dtypes }, null, 2)}\n`;
  const paramsHash = paramsHashOf([values]);
  const card = baseCard(facts, values.length, paramsHash);
  let start = 0;
  const tensors = decoderParameters(config).map(({ name, shape }) => {
    const from = start;
    start += valueCount(shape);
    return { name, shape, values: values.subarray(from, start), dtype: 'BF16' as const };
  });
  await writeFolderAtomic(target, async (folder) => {
    for (const [name, text] of Object.entries({
      ...files,
      'config.json': configJson,
      'README.md': card,
    })) {
      await writeFileSynced(join(folder, name), text);
    }
    await writeSafetensors(join(folder, SINGLE_FILE), tensors);
  });
  return paramsHash;
}
