/** The shipped example as a whole: its config is accepted, its base opens and is small. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type Config, loadConfig } from '../../node/cli/config/index.ts';
import { openCorpus, readText } from '../../node/data/index.ts';
import { loadModelFolder } from '../../node/model/index.ts';
import { RECIPE } from '../../scripts/base-model/recipe.ts';
import { LANGUAGES } from '../../scripts/example-data/languages.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const BASE_BYTES_MAX = 5e6;

const exampleConfig = async (): Promise<Config> =>
  (await loadConfig(join(EXAMPLES, 'udhr.yaml'))).config;

test('the example names its languages, each in its role', async (t) => {
  const { languages } = await exampleConfig();
  const named = languages.map(({ id, role }) => ({ id, role }));
  t.deepEqual(
    named,
    LANGUAGES.filter(({ role }) => role !== 'base').map(({ id, role }) => ({ id, role })),
  );
  for (const { eval: evaluation } of languages)
    await t.notThrowsAsync(readText(evaluation, EXAMPLES));
});

test('a run passes over every text three to five times', async (t) => {
  const { languages, steps, data, model, seed } = await exampleConfig();
  const { tokenizer } = await loadModelFolder(join(EXAMPLES, model.path));
  for (const language of languages) {
    if (language.role !== 'seen') continue;
    const corpus = openCorpus({
      language: language.id,
      documents: (await readText(language.train, EXAMPLES)).documents,
      tokenizer,
      seed,
      sequenceLength: model.sequenceLength,
      unitSequences: data.unitSequences,
      unitsPerStep: language.unitsPerStep,
    });
    const passes = corpus.passesAt(steps);
    t.true(passes >= 2.9 && passes <= 5, `${language.id}: ${passes}`);
  }
});

test('the base is what the recipe says, whole and below 5 MB', async (t) => {
  const folder = join(EXAMPLES, 'base/model');
  const { config, values, tokenizer } = await loadModelFolder(folder);
  t.deepEqual(config, RECIPE.config);
  t.true(values.every(Number.isFinite));
  t.deepEqual(tokenizer.encode('haki'), [...Buffer.from('haki')]);
  t.true((await stat(join(folder, 'model.safetensors'))).size < BASE_BYTES_MAX);
});
