/**
 * Makes the example's base model, examples/base/model: a small byte-level decoder that learned the
 * text of examples/base. Takes over half an hour on two cores; the same numerics class gives the
 * same bits. A run that was stopped goes on from .cache/base-model when the command is repeated.
 *
 *     node scripts/make-base-model.ts [--out examples/base/model] [--threads 2]
 *       [--text examples/base] [--steps N] [--cache .cache/base-model]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readText } from '../node/data/index.ts';
import { roundTrip } from '../protocol/codecs.ts';
import { RECIPE, type Recipe } from './base-model/recipe.ts';
import { loadState, type Origin, saveState } from './base-model/saved-state.ts';
import { Training } from './base-model/training.ts';
import { writeBase } from './base-model/write-base.ts';
import { ngramBitsPerByte, train } from './ngram-baseline.ts';
import { orUsage } from './usage.ts';

const ROOT = join(import.meta.dirname, '..');

const REPORT_EVERY_STEPS = 50;
const EVALUATE_EVERY_STEPS = 500;
const SAVE_EVERY_STEPS = 250;

/** The customary 3, and the order that does best on this text. */
const NGRAM_ORDERS = [3, 5] as const;

/** Where a base comes from and where it goes. */
export interface MakeBaseOptions {
  readonly recipe: Recipe;
  /** Holds base.train.txt and base.dev.txt. */
  readonly text: string;
  /** A folder that is not there yet. */
  readonly out: string;
  /** Holds the state of a training under way. */
  readonly cache: string;
  readonly threads: number;
  readonly log: (line: string) => void;
}

/** Trains, or goes on training, and writes the folder. Gives its bits per byte on base.dev.txt. */
export async function makeBase(options: MakeBaseOptions): Promise<number> {
  const { recipe, log } = options;
  const text = await readText('base.train.txt', options.text);
  const dev = await readText('base.dev.txt', options.text);
  const training = await Training.open(recipe, text.documents, options.threads);
  try {
    const { numericsClass } = training.compute;
    const origin: Origin = { recipe, text: text.hash, numericsClass };
    const statePath = join(options.cache, 'state.safetensors');
    const saved = await loadState(statePath, origin, training.state);
    if (saved !== undefined) training.state = saved;
    log(JSON.stringify({ ...recipe, numericsClass, text: text.hash, fromStep: saved?.step ?? 0 }));
    log(`${training.layout.totalLength} parameters, ${training.corpus.trainableTokens} tokens`);
    await trainToEnd(training, dev.documents, options, (state) =>
      saveState(statePath, origin, state),
    );
    const values = training.values();
    roundTrip('bf16', values);
    training.show(values);
    const bitsPerByte = await training.bitsPerByte(dev.documents);
    const passes = training.corpus.passesAt(recipe.steps);
    const ngrams = await ngramsOn(text.documents, dev.documents);
    const facts = { recipe, numericsClass, bitsPerByte, passes, ngrams, train: text, dev };
    const paramsHash = await writeBase(options.out, facts, values);
    log(`wrote ${options.out}: ${bitsPerByte.toFixed(4)} bits/byte, paramsHash ${paramsHash}`);
    return bitsPerByte;
  } finally {
    await training.close();
  }
}

/** What n-grams reach with the same text, for the card. */
async function ngramsOn(documents: readonly string[], dev: readonly string[]) {
  return Promise.all(
    NGRAM_ORDERS.map(async (order) => ({
      order,
      bitsPerByte: await ngramBitsPerByte(train(order, documents), dev),
    })),
  );
}

async function trainToEnd(
  training: Training,
  dev: readonly string[],
  { recipe, log }: MakeBaseOptions,
  save: (state: Training['state']) => Promise<void>,
): Promise<void> {
  let since = performance.now();
  let tokens = 0;
  let loss = 0;
  let count = 0;
  while (training.state.step < recipe.steps) {
    const result = await training.next();
    tokens += result.tokens;
    loss += result.loss;
    count++;
    const { step } = training.state;
    const last = step === recipe.steps;
    if (step % REPORT_EVERY_STEPS === 0 || last) {
      const rate = Math.round((1000 * tokens) / (performance.now() - since));
      const mean = (loss / count).toFixed(4);
      log(`step ${step}/${recipe.steps}  loss ${mean}  ${rate} tokens/s`);
      [since, tokens, loss, count] = [performance.now(), 0, 0, 0];
    }
    if (step % SAVE_EVERY_STEPS === 0 || last) await save(training.state);
    if (step % EVALUATE_EVERY_STEPS === 0 || last) {
      log(`step ${step}  dev ${(await training.bitsPerByte(dev)).toFixed(4)} bits/byte`);
      since = performance.now();
    }
  }
}

async function main(): Promise<void> {
  const { values } = orUsage(import.meta.filename, () =>
    parseArgs({
      options: {
        out: { type: 'string', default: join(ROOT, 'examples/base/model') },
        text: { type: 'string', default: join(ROOT, 'examples/base') },
        cache: { type: 'string', default: join(ROOT, '.cache/base-model') },
        threads: { type: 'string', default: '2' },
        steps: { type: 'string', default: String(RECIPE.steps) },
      },
    }),
  );
  const { out, text, cache } = values;
  const recipe = { ...RECIPE, steps: Number(values.steps) };
  const log = (line: string) => console.log(line);
  await makeBase({ recipe, text, out, cache, threads: Number(values.threads), log });
}

if (import.meta.main) await main();
