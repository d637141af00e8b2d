/** A job of a given shape with random weights: eight languages of the shipped texts. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SINGLE_FILE, writeFolderAtomic, writeSafetensors } from '../../node/files/index.ts';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  byteTokenizerFiles,
  decoderParameters,
  initialValues,
  type LlamaConfig,
  modelFolderFiles,
} from '../../node/model/index.ts';
import { valueCount } from '../../protocol/buckets.ts';

const TOP = join(import.meta.dirname, '..', '..');
const TEXTS = join(TOP, 'examples', 'udhr');

const COMMON = { ropeTheta: 10_000, rmsNormEps: 1e-5, tieWordEmbeddings: true };

/** `135m`: SmolLM-135M's; `small`: some 3 million parameters, to try the bench itself. */
export const SHAPES: Readonly<Record<string, LlamaConfig>> = {
  '135m': {
    ...{ vocabularySize: 49_152, hiddenSize: 576, intermediateSize: 1536, layers: 30 },
    ...{ heads: 9, keyValueHeads: 3, headDim: 64, maxPositionEmbeddings: 2048, ...COMMON },
  },
  small: {
    ...{ vocabularySize: 2048, hiddenSize: 192, intermediateSize: 512, layers: 4 },
    ...{ heads: 6, keyValueHeads: 2, headDim: 32, maxPositionEmbeddings: 2048, ...COMMON },
  },
};

const LANGUAGES = 'swh_Latn tur_Latn vie_Latn ind_Latn rus_Cyrl hin_Deva arb_Arab amh_Ethi'.split(
  ' ',
);

export interface StepJob {
  readonly shape: string;
  /** Tokens of a unit: one sequence. */
  readonly tokens: number;
  readonly steps: number;
}

/** The path of a config under .cache, with its model, which is made once. */
export async function writeStepJob({ shape, tokens, steps }: StepJob): Promise<string> {
  const folder = join(TOP, '.cache', 'bench-step', shape);
  mkdirSync(folder, { recursive: true });
  const model = join(folder, 'model');
  if (!existsSync(model)) await writeModel(model, SHAPES[shape]!);
  const languages = LANGUAGES.map((id) => {
    // As little as can be: evaluating is no part of a step.
    const [line] = readFileSync(join(TEXTS, `${id}.dev.txt`), 'utf8').split('\n');
    const text = join(folder, `${id}.txt`);
    writeFileSync(text, `${line}\n`);
    return { id, role: 'seen', train: join(TEXTS, `${id}.train.txt`), eval: text };
  });
  const config = join(folder, 'config.yaml');
  // JSON is YAML.
  const contents = {
    ...{ seed: 1, steps, languages, model: { path: model, sequenceLength: tokens } },
    data: { unitSequences: 1 },
    optimizer: { name: 'adamw', learningRate: 1e-4 },
  };
  writeFileSync(config, `${JSON.stringify(contents, null, 1)}\n`);
  return config;
}

async function writeModel(target: string, config: LlamaConfig): Promise<void> {
  const parameters = decoderParameters(config);
  const values = initialValues(parameters, 1);
  let start = 0;
  const tensors = parameters.map(({ name, shape }) => {
    const from = start;
    start += valueCount(shape);
    return { name, shape, values: values.subarray(from, start), dtype: 'BF16' as const };
  });
  const source = { config, bosId: BYTE_BOS_ID, eosId: BYTE_EOS_ID };
  const files = modelFolderFiles({ ...source, tokenizerFiles: byteTokenizerFiles() });
  await writeFolderAtomic(target, async (folder) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    await writeSafetensors(join(folder, SINGLE_FILE), tensors);
  });
}
