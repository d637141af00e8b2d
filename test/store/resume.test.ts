/** Resuming: the same run goes on, any other is refused with every key that differs. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openSafetensors } from '../../node/files/index.ts';
import { initialValues, paramsHashOf } from '../../node/model/index.ts';
import {
  assertResumable,
  openCheckpoint,
  ResumeMismatchError,
  writeModelFolder,
  writeShard,
} from '../../node/store/index.ts';
import { type Manifest, runIdOf } from '../../protocol/manifest.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { createRun, createShard, MODEL_FILES, NUMERICS_CLASS } from './helpers.ts';

const run = createRun();

test('the same run resumes', async (t) => {
  const path = await writeShard(await temporaryFolder(t), createShard(run, 20, 'merlin'));
  const checkpoint = await openCheckpoint(path);
  t.notThrows(() => assertResumable(checkpoint, createRun(), NUMERICS_CLASS));
});

const [language] = run.languages;
const OTHERS: [what: string, other: Manifest, differences: string[]][] = [
  [
    'another learning rate',
    createRun({ learningRate: 2e-4 }),
    ['optimizer.learningRate was 0.0001, is 0.0002'],
  ],
  [
    'other steps and codec',
    { ...createRun({ codec: 'bf16' }), steps: 200 },
    ['steps was 100, is 200', 'wire.codec was f32, is bf16'],
  ],
  [
    'one language more',
    { ...run, languages: [...run.languages, { ...language!, id: 'tur_Latn' }] },
    [
      'languages in order was swh_Latn, is swh_Latn tur_Latn',
      'languages.tur_Latn.id was not there, is tur_Latn',
      `languages.tur_Latn.train was not there, is ${language!.train}`,
      'languages.tur_Latn.unitsPerStep was not there, is 2',
    ],
  ],
];

for (const [what, other, differences] of OTHERS) {
  test(`a run with ${what} is refused`, async (t) => {
    const path = await writeShard(await temporaryFolder(t), createShard(run, 20, 'merlin'));
    const checkpoint = await openCheckpoint(path);
    const error = t.throws(() => assertResumable(checkpoint, other, NUMERICS_CLASS), {
      instanceOf: ResumeMismatchError,
    });
    t.deepEqual(error.differences, differences);
    t.is(error.exitCode, 2);
    const [was, is] = [run, other].map((one) => `${runIdOf(one).slice(0, 8)}…`);
    const begin = `checkpoint-20 is run ${was}, this one ${is}: ${differences.join('; ')}.\n`;
    t.is(error.message, `${begin}  Put it back, or start anew: --set model.path=${path}.`);
  });
}

test('another numerics class is refused', async (t) => {
  const path = await writeShard(await temporaryFolder(t), createShard(run, 20, 'merlin'));
  const checkpoint = await openCheckpoint(path);
  const message = /is run \w+… too: numericsClass was reference-test, is onnx\./;
  t.throws(() => assertResumable(checkpoint, run, 'onnx'), {
    name: 'ResumeMismatchError',
    message,
  });
});

test('many differences are told in part', async (t) => {
  const path = await writeShard(await temporaryFolder(t), createShard(run, 20, 'merlin'));
  const checkpoint = await openCheckpoint(path);
  const languages = Array.from({ length: 9 }, (_, i) => ({ ...language!, id: `language${i}` }));
  const error = t.throws(() => assertResumable(checkpoint, { ...run, languages }, NUMERICS_CLASS));
  t.regex(error.message, /and 21 more\./);
});

test('a model folder holds its values, whole or in pieces, and is not written over', async (t) => {
  const parent = await temporaryFolder(t);
  const { parameters } = run;
  const values = initialValues(parameters, 1);
  const target = join(parent, 'model');
  const saved = { files: MODEL_FILES, parameters, values };
  t.is(await writeModelFolder(target, saved), paramsHashOf([values]));
  const files = ['config.json', 'model.safetensors', 'tokenizer.json'];
  t.deepEqual((await readdir(target)).sort(), files);
  const file = await openSafetensors(join(target, 'model.safetensors'));
  t.teardown(() => file.close());
  t.deepEqual(await file.read('model.norm.weight'), values.slice(-7));
  const pieces = [values.subarray(0, 1001), values.subarray(1001)];
  const hash = await writeModelFolder(join(parent, 'other'), { ...saved, values: pieces });
  t.is(hash, paramsHashOf([values]));
  await t.throwsAsync(writeModelFolder(target, saved), { name: 'TargetExistsError' });
});
