/** The base model's script: a folder that others open, and a training that can be stopped. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadModelFolder } from '../../node/model/index.ts';
import { roundTrip } from '../../protocol/codecs.ts';
import { RECIPE, type Recipe } from '../../scripts/base-model/recipe.ts';
import { loadState, type Origin, saveState } from '../../scripts/base-model/saved-state.ts';
import { Training } from '../../scripts/base-model/training.ts';
import { makeBase } from '../../scripts/make-base-model.ts';
import { SCRIPTS } from '../helpers/scripts.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const SMALL: Recipe = {
  ...RECIPE,
  config: {
    ...RECIPE.config,
    hiddenSize: 16,
    intermediateSize: 24,
    layers: 1,
    heads: 2,
    headDim: 8,
  },
  steps: 6,
  sequenceLength: 32,
  sequences: 2,
};

const DOCUMENTS = [SCRIPTS['latin']!, SCRIPTS['turkish']!, SCRIPTS['arabic']!, SCRIPTS['korean']!];

test('the folder that is made opens as a model, with a card', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'model');
  for (const name of ['base.train.txt', 'base.dev.txt']) {
    await writeFile(join(folder, name), DOCUMENTS.join('\n'));
  }
  const lines: string[] = [];
  const reached = await makeBase({
    recipe: SMALL,
    text: folder,
    out,
    cache: join(folder, 'cache'),
    threads: 1,
    log: (line) => lines.push(line),
  });
  const model = await loadModelFolder(out);
  t.deepEqual(model.config, SMALL.config);
  t.deepEqual(model.tokenizer.encode('haki'), [...Buffer.from('haki')]);
  const asBf16 = model.values.slice();
  roundTrip('bf16', asBf16);
  t.deepEqual(model.values, asBf16);
  t.true(reached > 0 && reached < 9);
  const card = await readFile(join(out, 'README.md'), 'utf8');
  t.true(card.includes(`**${reached.toFixed(3)}**`));
  t.regex(card, /3-gram/);
  t.regex(lines.at(-1) ?? '', /paramsHash [0-9a-f]{64}$/);
});

test('a training that was stopped ends in the bits of one that was not', async (t) => {
  const path = join(await temporaryFolder(t), 'state.safetensors');
  const whole = await Training.open(SMALL, DOCUMENTS, 1);
  t.teardown(() => whole.close());
  const { numericsClass } = whole.compute;
  const origin: Origin = { recipe: SMALL, text: 'a', numericsClass };
  for (let step = 0; step < 3; step++) await whole.next();
  await saveState(path, origin, whole.state);
  for (let step = 3; step < SMALL.steps; step++) await whole.next();

  const other = await Training.open(SMALL, DOCUMENTS, 1);
  t.teardown(() => other.close());
  const saved = await loadState(path, origin, other.state);
  t.is(saved?.step, 3);
  other.state = saved!;
  while (other.state.step < SMALL.steps) await other.next();
  t.deepEqual(other.values(), whole.values());
});

test('a state of another recipe is not gone on from', async (t) => {
  const path = join(await temporaryFolder(t), 'state.safetensors');
  const state = { step: 1, masters: [], optimizers: [] };
  const origin: Origin = { recipe: SMALL, text: 'a', numericsClass: 'b' };
  t.is(await loadState(path, origin, state), undefined);
  await saveState(path, origin, {
    step: 1,
    masters: [Float32Array.of(1)],
    optimizers: [{ arrays: { mu: Float32Array.of(2) }, scalars: Float64Array.of(3) }],
  });
  const other = { ...origin, recipe: { ...SMALL, seed: 2 } };
  t.is(await loadState(path, other, state), undefined);
  t.is((await loadState(path, origin, state))?.step, 1);
});
