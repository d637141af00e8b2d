/** How the example's base model is made: its shape, its data and its optimizer, in one place. */
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_PAD_ID,
  BYTE_VOCABULARY_SIZE,
  type LlamaConfig,
} from '../../node/model/index.ts';
import { type OptimizerConfig, optimizerSchema } from '../../node/optim/index.ts';

/** Everything that decides a base model's numbers, within one numerics class. */
export interface Recipe {
  readonly config: LlamaConfig;
  readonly seed: number;
  readonly steps: number;
  /** Standard deviation of the matrices to begin with. */
  readonly initialDeviation: number;
  /** Predictions a sequence. */
  readonly sequenceLength: number;
  /** Sequences a step. */
  readonly sequences: number;
  readonly optimizer: OptimizerConfig;
}

/** 1.67 million parameters: 3.3 MB in bf16. */
const CONFIG: LlamaConfig = {
  vocabularySize: BYTE_VOCABULARY_SIZE,
  hiddenSize: 192,
  intermediateSize: 512,
  layers: 4,
  heads: 6,
  keyValueHeads: 2,
  headDim: 32,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 256,
  tieWordEmbeddings: false,
};

/** Ids of the special tokens, as config.json names them. */
export const SPECIAL_IDS = { bosId: BYTE_BOS_ID, eosId: BYTE_EOS_ID, padId: BYTE_PAD_ID };

/** What the shipped base was made with. */
export const RECIPE: Recipe = {
  config: CONFIG,
  seed: 1,
  steps: 9200,
  initialDeviation: 0.07,
  sequenceLength: 256,
  sequences: 4,
  optimizer: optimizerSchema.parse({
    name: 'adamw',
    learningRate: 2e-3,
    schedule: 'cosine',
    warmupSteps: 100,
    beta2: 0.98,
    weightDecay: 0.1,
    clipNorm: 1,
  }),
};
