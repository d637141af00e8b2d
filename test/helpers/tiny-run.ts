/**
 * A run so small that a test may start several: a random byte-level model, a little text in three
 * languages, and the config over them, written into a folder.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_VOCABULARY_SIZE,
  byteTokenizerFiles,
  decoderParameters,
  initialValues,
  type LlamaConfig,
  modelFolderFiles,
} from '../../node/model/index.ts';
import { writeModelFolder } from '../../node/store/index.ts';

export const TINY_MODEL: LlamaConfig = {
  vocabularySize: BYTE_VOCABULARY_SIZE,
  hiddenSize: 16,
  intermediateSize: 32,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headDim: 8,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: false,
};

/** Of the model's random values. */
const SEED = 7;

/** Two languages to train on and one to watch, in two scripts. */
const TRAIN = {
  'swh.txt': [
    'Watu wote wamezaliwa huru, hadhi na haki zao ni sawa.',
    'Kila mtu ana haki ya kuishi, haki ya uhuru, na haki ya kulindwa nafsi yake.',
    'Mbele ya sheria kila mtu ana haki ya kutambulika kama mtu.',
  ],
  'rus.txt': [
    'Все люди рождаются свободными и равными в своём достоинстве и правах.',
    'Каждый человек имеет право на жизнь, на свободу и на личную неприкосновенность.',
  ],
};
const EVALUATION = {
  'swh.dev.txt': ['Kila mtu ana haki ya kushiriki katika maisha ya utamaduni.', 'Haki na uhuru.'],
  'rus.dev.txt': ['Каждый человек имеет право на образование.'],
  'zul.dev.txt': ['Wonke umuntu unelungelo lokuphila, inkululeko nokuphepha.'],
};

export interface TinyRun {
  /** Of the model, below the folder. */
  readonly modelFolder: string;
  /** my.yaml in the folder. */
  readonly configPath: string;
}

/** What my.yaml says by itself; paths are relative to the folder. */
export const TINY_CONFIG = {
  seed: 3,
  steps: 3,
  model: { path: 'base', sequenceLength: 32 },
  languages: [
    { id: 'swh_Latn', role: 'seen', train: 'swh.txt', eval: 'swh.dev.txt', unitsPerStep: 2 },
    { id: 'rus_Cyrl', role: 'seen', train: 'rus.txt', eval: 'rus.dev.txt', unitsPerStep: 1 },
    { id: 'zul_Latn', role: 'unseen', eval: 'zul.dev.txt' },
  ],
  data: { unitSequences: 2 },
  bucketBytesMax: 8192,
  optimizer: { name: 'adamw', learningRate: 0.01 },
  output: { checkpointEverySteps: 2 },
};

/** Writes the folder; `changes` stand in place of keys at the top of the config. */
export async function writeTinyRun(
  folder: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<TinyRun> {
  await mkdir(folder, { recursive: true });
  const modelFolder = join(folder, 'base');
  const parameters = decoderParameters(TINY_MODEL);
  await writeModelFolder(modelFolder, {
    files: modelFolderFiles({
      config: TINY_MODEL,
      bosId: BYTE_BOS_ID,
      eosId: BYTE_EOS_ID,
      tokenizerFiles: byteTokenizerFiles(),
    }),
    parameters,
    values: initialValues(parameters, SEED),
  });
  for (const [name, lines] of Object.entries({ ...TRAIN, ...EVALUATION })) {
    await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  }
  const configPath = join(folder, 'my.yaml');
  await writeFile(configPath, stringify({ ...TINY_CONFIG, ...changes }));
  return { modelFolder, configPath };
}
