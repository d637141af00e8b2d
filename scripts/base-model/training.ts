/**
 * Plain training of one model on one text, in one process: what a run does with a single language,
 * without the bookkeeping that nodes need to agree.
 */
import { type Compute, openCompute } from '../../node/compute/index.ts';
import { type Corpus, evaluate, openCorpus, type TextTokenizer } from '../../node/data/index.ts';
import { decoderParameters, initialValues } from '../../node/model/index.ts';
import {
  clipScale,
  createState,
  learningRateAt,
  type ShardState,
  squaredNorm,
  step as stepBucket,
} from '../../node/optim/index.ts';
import { assert } from '../../protocol/assert.ts';
import { type BucketLayout, layoutBuckets } from '../../protocol/buckets.ts';
import { type Recipe, SPECIAL_IDS } from './recipe.ts';

/** Only the unit of the optimizer's work here. */
const BUCKET_BYTES_MAX = 2 ** 22;

/** Names the one text in the labels of its random streams. */
const LANGUAGE = 'base';

/** Bytes are tokens. */
export const BYTES: TextTokenizer = {
  encode: (text) => [...Buffer.from(text)],
  bosId: SPECIAL_IDS.bosId,
  eosId: SPECIAL_IDS.eosId,
};

/** Where a training stands: all that the next step depends on besides the recipe. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** By bucket. */
  readonly masters: readonly Float32Array[];
  readonly optimizers: readonly ShardState[];
}

/** What a step did. */
export interface StepResult {
  /** Mean −ln p per token, before the step. */
  readonly loss: number;
  /** Euclidean norm of the mean gradient, before clipping. */
  readonly gradientNorm: number;
  /** Scored tokens. */
  readonly tokens: number;
}

/** A training in progress. */
export class Training {
  readonly layout: BucketLayout;
  readonly corpus: Corpus;
  readonly compute: Compute;
  private readonly recipe: Recipe;
  private current: TrainingState;

  private constructor(recipe: Recipe, layout: BucketLayout, corpus: Corpus, compute: Compute) {
    this.recipe = recipe;
    this.layout = layout;
    this.corpus = corpus;
    this.compute = compute;
    this.current = firstState(recipe, layout);
    this.publish();
  }

  /** At step 0, with the recipe's initial values. To be closed. */
  static async open(
    recipe: Recipe,
    documents: readonly string[],
    threads: number,
  ): Promise<Training> {
    const { config, seed, sequenceLength, sequences: unitSequences } = recipe;
    const layout = layoutBuckets(decoderParameters(config), BUCKET_BYTES_MAX);
    const shape = { sequenceLength, unitSequences };
    const text = { language: LANGUAGE, documents, tokenizer: BYTES, seed };
    const corpus = openCorpus({ ...text, ...shape, unitsPerStep: 1 });
    const compute = await openCompute({ engine: 'onnx', threads, config, layout, ...shape });
    return new Training(recipe, layout, corpus, compute);
  }

  get state(): TrainingState {
    return this.current;
  }

  /** Goes on from a state of the same recipe. */
  set state(state: TrainingState) {
    assert(state.masters.length === this.layout.buckets.length, `${state.masters.length} buckets`);
    this.current = state;
    this.publish();
  }

  /** One step. Throws an Error when a number stops being finite: the recipe is too hot. */
  async next(): Promise<StepResult> {
    const { step, masters, optimizers } = this.current;
    const { optimizer, steps } = this.recipe;
    const directions: Float32Array[] = masters.map(({ length }) => new Float32Array(length));
    const { tokens, lossSum } = await this.compute.gradient(this.corpus.unit(step, 0), (slice) => {
      if (slice.outcome === 'tensor') directions[slice.bucket] = slice.values;
    });
    for (const direction of directions) {
      for (let i = 0; i < direction.length; i++) direction[i]! /= tokens;
    }
    const square = directions.reduce((sum, direction) => sum + squaredNorm(direction), 0);
    const scale = clipScale(square, optimizer.clipNorm);
    const learningRate = learningRateAt(optimizer, step, steps);
    const stepped = directions.map((direction, b) => {
      const [master, state] = [masters[b]!, optimizers[b]!];
      const next = stepBucket(optimizer, { master, state, direction, learningRate, scale });
      if (!next.finite) throw new Error(`step ${step}: numbers are no longer finite`);
      return next;
    });
    this.current = {
      step: step + 1,
      masters: stepped.map(({ master }) => master),
      optimizers: stepped.map(({ state }) => state),
    };
    this.publish();
    return { loss: lossSum / tokens, gradientNorm: Math.sqrt(square), tokens };
  }

  /** Bits per byte of the documents at the present parameters, counted as `isogloss eval` does. */
  async bitsPerByte(documents: readonly string[]): Promise<number> {
    const { sequences, sequenceLength } = this.recipe;
    const score = this.compute.score.bind(this.compute);
    const result = await evaluate(score, documents, BYTES, { sequences, sequenceLength });
    return result.bitsPerByte;
  }

  /** All parameters in order, in new memory. */
  values(): Float32Array {
    const all = new Float32Array(this.layout.totalLength);
    for (const { index, start } of this.layout.buckets) all.set(this.masterOf(index), start);
    return all;
  }

  /** Computes with these parameters from now on, until the next step. */
  show(all: Float32Array): void {
    this.compute.setBuckets(
      this.layout.buckets.map(({ index, start, length }) => ({
        bucket: index,
        values: all.slice(start, start + length),
      })),
    );
  }

  close(): Promise<void> {
    return this.compute.close();
  }

  private publish(): void {
    this.show(this.values());
  }

  private masterOf(bucket: number): Float32Array {
    const master = this.current.masters[bucket];
    assert(master !== undefined, `bucket ${bucket}`);
    return master;
  }
}

function firstState(recipe: Recipe, layout: BucketLayout): TrainingState {
  const { config, seed, optimizer, initialDeviation } = recipe;
  const base = initialValues(decoderParameters(config), seed, initialDeviation);
  const masters = layout.buckets.map(({ start, length }) => base.slice(start, start + length));
  const optimizers = masters.map(({ length }) => createState(optimizer, length));
  return { step: 0, masters, optimizers };
}
