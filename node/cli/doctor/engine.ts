/**
 * What the doctor finds about computing: the engine, why not another, and a proof that it works.
 */
import { layoutBuckets } from '../../../protocol/index.ts';
import { type EngineName, openCompute } from '../../compute/index.ts';
import { decoderParameters, type LlamaConfig } from '../../model/index.ts';
import { good, type Row } from './row.ts';

/** Small enough to be tried in a moment, where no config names a model. */
const TRIAL_MODEL: LlamaConfig = {
  vocabularySize: 64,
  hiddenSize: 32,
  intermediateSize: 64,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headDim: 16,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 32,
  tieWordEmbeddings: true,
};

/** What is to be computed; left out, a trial model. */
export interface ComputeShape {
  readonly config: LlamaConfig;
  readonly bucketBytesMax: number;
  readonly unitSequences: number;
  readonly sequenceLength: number;
}

const TRIAL: ComputeShape = {
  config: TRIAL_MODEL,
  bucketBytesMax: 16_384,
  unitSequences: 2,
  sequenceLength: 16,
};

/** Opens the engine and computes the canary, at the run's shapes where there are some. */
export async function engineRows(wanted: EngineName | undefined, shape = TRIAL): Promise<Row[]> {
  const { bucketBytesMax, ...rest } = shape;
  const compute = await openCompute({
    ...(wanted === undefined ? {} : { engine: wanted }),
    ...rest,
    threads: 1,
    layout: layoutBuckets(decoderParameters(shape.config), bucketBytesMax),
  });
  try {
    const hash = await compute.canary();
    return [
      good('engine', compute.why),
      good('class', compute.numericsClass),
      good('canary', `${hash.slice(0, 12)}${shape === TRIAL ? ' (trial model)' : ''}`),
    ];
  } finally {
    await compute.close();
  }
}
