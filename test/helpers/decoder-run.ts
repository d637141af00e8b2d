/** A small decoder on real text in two languages, for the oracle and for running nodes alike. */
import { type Compute, openCompute } from '../../node/compute/index.ts';
import { type Corpus, openCorpus, readText } from '../../node/data/index.ts';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_VOCABULARY_SIZE,
  decoderParameters,
  initialValues,
  type LlamaConfig,
} from '../../node/model/index.ts';
import { optimizerSchema } from '../../node/optim/index.ts';
import { aggregatorSchema } from '../../node/resolve/index.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { OracleRun } from '../../sim/index.ts';

const CONFIG: LlamaConfig = {
  vocabularySize: BYTE_VOCABULARY_SIZE,
  hiddenSize: 32,
  intermediateSize: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 8,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 256,
  tieWordEmbeddings: false,
};
export const SHAPE = { unitSequences: 2, sequenceLength: 64 };
export const LANGUAGES = ['swh_Latn', 'rus_Cyrl'];
const SEED = 5;

/** Bytes are tokens. */
export const TOKENIZER = {
  encode: (text: string) => [...new TextEncoder().encode(text)],
  bosId: BYTE_BOS_ID,
  eosId: BYTE_EOS_ID,
};

export const PARAMETERS = decoderParameters(CONFIG);
export const LAYOUT = layoutBuckets(PARAMETERS, 16_384);
/** The untrained base, all parameters in order. */
export const BASE = initialValues(PARAMETERS, SEED);

export function openDecoder(threads: number): Promise<Compute> {
  return openCompute({ engine: 'onnx', threads, config: CONFIG, layout: LAYOUT, ...SHAPE });
}

/** The corpora of all languages, in order, with these units a step. */
export async function openCorpora(unitsPerStep: readonly number[]): Promise<Corpus[]> {
  const texts = await Promise.all(LANGUAGES.map((id) => readText(`examples/udhr/${id}.train.txt`)));
  return texts.map(({ documents }, l) =>
    openCorpus({
      language: LANGUAGES[l]!,
      documents,
      tokenizer: TOKENIZER,
      seed: SEED,
      unitsPerStep: unitsPerStep[l]!,
      ...SHAPE,
    }),
  );
}

/** Sets all parameters of a compute. */
export function load(compute: Compute, all: Float32Array): void {
  const values = LAYOUT.buckets.map(({ index, start, length }) => ({
    bucket: index,
    values: all.slice(start, start + length),
  }));
  compute.setBuckets(values);
}

/** The run as the oracle takes it. */
export async function decoderRun(
  compute: Compute,
  steps: number,
  unitsByLanguage: readonly number[],
): Promise<OracleRun> {
  const corpora = await openCorpora(unitsByLanguage);
  return {
    runId: hashOf('a run of the decoder'),
    numericsClass: compute.numericsClass,
    steps,
    unitsByLanguage,
    layout: LAYOUT,
    groups: 'bucket',
    codec: 'f32',
    aggregator: aggregatorSchema.parse({ name: 'mgda' }),
    optimizer: optimizerSchema.parse({ name: 'adamw', learningRate: 0.01, clipNorm: 1 }),
    base: BASE,
    gradient: async (values, step, language, unit) => {
      load(compute, values);
      const slices: (Float32Array | null)[] = LAYOUT.buckets.map(() => null);
      const batch = corpora[language]!.unit(step, unit);
      const result = await compute.gradient(batch, (slice) => {
        slices[slice.bucket] = slice.outcome === 'tensor' ? slice.values : null;
      });
      return { ...result, slices };
    },
  };
}
