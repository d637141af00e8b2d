/** Transformers opens what we write, computes our logits from it and cuts text into our tokens. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { createDecoder } from '../../node/model/decoder/index.ts';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_PAD_ID,
  BYTE_VOCABULARY_SIZE,
  byteTokenizerFiles,
  decoderParameters,
  initialValues,
  type LlamaConfig,
  loadModelFolder,
  modelFolderFiles,
} from '../../node/model/index.ts';
import { writeModelFolder } from '../../node/store/index.ts';
import { valueCount } from '../../protocol/buckets.ts';
import { createStream } from '../../protocol/random.ts';
import { ensurePythonEnvironment, run } from '../../scripts/python-env.ts';
import { allclose } from '../helpers/allclose.ts';
import { SCRIPTS } from '../helpers/scripts.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

// Else tfjs greets us on stderr.
tf.env().set('PROD', true);
await tf.setBackend('cpu');

const SCRIPT = fileURLToPath(new URL('../../scripts/python/open_model.py', import.meta.url));
const BATCH = 2;
const LENGTH = 12;

const BASE: LlamaConfig = {
  vocabularySize: BYTE_VOCABULARY_SIZE,
  hiddenSize: 32,
  intermediateSize: 48,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 8,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 128,
  tieWordEmbeddings: true,
};

/** Names that others give to special tokens, and a name of ours as it may stand in a text. */
const TEXTS = {
  ...SCRIPTS,
  special: '<s> </s> <unk> <|endoftext|>',
  ours: 'before<|isogloss-end|>after',
  lines: 'one\n\ntwo\r\n',
};

interface Answer {
  transformers: string;
  dtype: string;
  tied: boolean;
  logits: number[];
  ids: Record<keyof typeof TEXTS, number[]>;
  marked: Record<keyof typeof TEXTS, number[]>;
  decoded: Record<keyof typeof TEXTS, string>;
  special: number[];
}

const MODELS: [what: string, changes: Partial<LlamaConfig>][] = [
  ['a tied model', {}],
  [
    'an untied model with heads of another width and another rotation',
    { tieWordEmbeddings: false, headDim: 6, ropeTheta: 500, keyValueHeads: 4 },
  ],
];

for (const [what, changes] of MODELS) {
  test.serial(`Transformers computes our logits and our tokens: ${what}`, async (t) => {
    t.timeout(1_800_000, 'the first time the Python environment is built');
    const python = await ensurePythonEnvironment();
    const parent = await temporaryFolder(t);
    const folder = join(parent, 'model');
    await writeRandomModel(folder, { ...BASE, ...changes });
    const model = await loadModelFolder(folder);

    const { nextBelow } = createStream('tokens', what);
    const tokens = Int32Array.from({ length: BATCH * LENGTH }, () =>
      nextBelow(BYTE_VOCABULARY_SIZE),
    );
    const rows = [tokens.subarray(0, LENGTH), tokens.subarray(LENGTH)].map((row) => [...row]);
    const [input, output] = [join(parent, 'input.json'), join(parent, 'output.json')];
    await writeFile(input, JSON.stringify({ tokens: rows, texts: TEXTS }));
    await run(python, [SCRIPT, folder, input, output]);
    const answer = JSON.parse(await readFile(output, 'utf8')) as Answer;

    let start = 0;
    const parameters = model.parameters.map(({ shape }) => {
      start += valueCount(shape);
      return tf.tensor(model.values.slice(start - valueCount(shape), start), [...shape]);
    });
    const decoder = createDecoder(model.config);
    const logits = decoder.logits(parameters, tf.tensor2d(tokens, [BATCH, LENGTH], 'int32'));
    t.notThrows(() => allclose(logits.dataSync(), answer.logits, { rtol: 1e-4, atol: 1e-4 }));
    t.true(Math.max(...answer.logits) > 0.5, 'logits are not all near 0');
    t.is(answer.dtype, 'torch.float32');
    t.is(answer.tied, model.config.tieWordEmbeddings);
    t.deepEqual(answer.special, [BYTE_BOS_ID, BYTE_EOS_ID, BYTE_PAD_ID]);
    for (const [name, text] of Object.entries(TEXTS) as [keyof typeof TEXTS, string][]) {
      const ids = model.tokenizer.encode(text);
      t.deepEqual(answer.ids[name], ids, name);
      t.deepEqual(answer.marked[name], [BYTE_BOS_ID, ...ids], name);
      t.is(answer.decoded[name], text);
      t.is(model.tokenizer.decode(ids), text);
    }
    t.log(`Transformers ${answer.transformers}`);
  });
}

/** A model as isogloss writes it, with values large enough that attention is far from uniform. */
async function writeRandomModel(folder: string, config: LlamaConfig): Promise<void> {
  const parameters = decoderParameters(config);
  const tokens = { bosId: BYTE_BOS_ID, eosId: BYTE_EOS_ID };
  const files = modelFolderFiles({ config, ...tokens, tokenizerFiles: byteTokenizerFiles() });
  await writeModelFolder(folder, { files, parameters, values: initialValues(parameters, 3, 0.3) });
}
