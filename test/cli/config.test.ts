/** A right config: its defaults, its overrides, and the resolved form that repeats the run. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig, parseSet, resolvedYaml } from '../../node/cli/config/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const TEXT = `steps: 10
model: {path: base, sequenceLength: 32}
languages:
  - {id: swh_Latn, role: seen, train: [swh.txt, more/*.txt], eval: swh.dev.txt, unitsPerStep: 3}
  - {id: zul_Latn, role: unseen, eval: zul.dev.txt}
optimizer: {name: adamw, learningRate: 1.0e-4}
network: {keyFile: network.key}
output: {folder: runs/first}
`;

async function writeConfig(t: ExecutionContext, text = TEXT): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'base'));
  await writeFile(join(folder, 'my.yaml'), text);
  return folder;
}

test('defaults are those of the contract', async (t) => {
  const folder = await writeConfig(t);
  const { config, folder: base } = await loadConfig(join(folder, 'my.yaml'));
  t.is(base, folder);
  t.deepEqual(config, {
    seed: 1,
    steps: 10,
    model: { path: 'base', sequenceLength: 32 },
    languages: [
      {
        id: 'swh_Latn',
        role: 'seen',
        train: ['swh.txt', 'more/*.txt'],
        eval: 'swh.dev.txt',
        unitsPerStep: 3,
      },
      { id: 'zul_Latn', role: 'unseen', eval: 'zul.dev.txt' },
    ],
    data: { unitSequences: 4, at: {} },
    audit: { rate: 0.0005 },
    aggregator: { name: 'mgda', normalize: 'l2' },
    whenStalled: 'report',
    groups: 'bucket',
    bucketBytesMax: 4194304,
    optimizer: {
      name: 'adamw',
      learningRate: 1e-4,
      schedule: 'constant',
      warmupSteps: 0,
      clipNorm: null,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: 0.01,
    },
    wire: { codec: 'f32' },
    network: { listen: ['/ip4/127.0.0.1/tcp/0'], keyFile: 'network.key', redundancy: 2 },
    output: { folder: 'runs/first', checkpointEverySteps: 50, checkpointsKept: 2 },
  });
});

test('overrides are laid over the file, the last one wins, values are YAML', async (t) => {
  const path = join(await writeConfig(t), 'my.yaml');
  const { config, source } = await loadConfig(path, [
    parseSet('steps=3'),
    parseSet('optimizer.learningRate=2e-4'),
    parseSet('wire.codec=bf16'),
    parseSet('languages.0.unitsPerStep=5'),
    parseSet('aggregator={name: mean}'),
    { path: ['steps'], value: 4, flag: '--steps' },
  ]);
  t.is(config.steps, 4);
  t.is(config.optimizer.learningRate, 2e-4);
  t.is(config.wire.codec, 'bf16');
  t.is(config.aggregator.name, 'mean');
  t.is(source.place(['steps'], 'value'), '--steps');
  t.true(config.languages[0]?.role === 'seen' && config.languages[0].unitsPerStep === 5);
  t.is(source.place(['languages', 1, 'eval'], 'value'), `${path}:5:40`);
});

test('a run that a flag makes shorter than its warm-up has a shorter warm-up', async (t) => {
  const text = TEXT.replace('learningRate: 1.0e-4', 'learningRate: 1.0e-4, warmupSteps: 5');
  const path = join(await writeConfig(t, text), 'my.yaml');
  const warmUp = async (...flags: string[]) =>
    (await loadConfig(path, flags.map(parseSet))).config.optimizer.warmupSteps;
  t.is(await warmUp('steps=3'), 3);
  t.is(await warmUp('steps=7'), 5);
  await t.throwsAsync(warmUp('steps=3', 'optimizer.warmupSteps=4'), { name: 'ConfigValueError' });
});

test('paths of flags belong to the current folder, those of the file to its own', async (t) => {
  const folder = await writeConfig(t);
  await mkdir(join(folder, 'other'));
  const other = relative(process.cwd(), join(folder, 'other'));
  const loaded = await loadConfig(join(folder, 'my.yaml'), [
    parseSet(`model.path=${other}`),
    parseSet('output.folder=here'),
  ]);
  t.is(resolve(loaded.folder, loaded.config.model.path), join(folder, 'other'));
  t.is(resolve(loaded.folder, loaded.config.output.folder ?? ''), resolve('here'));
  t.is(loaded.config.network.keyFile, 'network.key');
});

test('the resolved config, read from the run folder, is the same config', async (t) => {
  const folder = await writeConfig(t);
  const loaded = await loadConfig(join(folder, 'my.yaml'), [parseSet('seed=7')]);
  const run = join(folder, 'runs', 'first');
  await mkdir(run, { recursive: true });
  const text = resolvedYaml(loaded, run);
  await writeFile(join(run, 'config.resolved.yaml'), text);
  const again = await loadConfig(join(run, 'config.resolved.yaml'));
  t.is(resolvedYaml(again, run), text);
  t.is(resolvedYaml(again, folder), resolvedYaml(loaded, folder));
  t.is(again.config.model.path, '../../base');
  t.is(again.config.seed, 7);
  t.is(again.config.output.folder, undefined);
  const { output: _a, ...before } = (await loadConfig(join(folder, 'my.yaml'))).config;
  t.deepEqual(Object.keys(again.config).sort(), [...Object.keys(before), 'output'].sort());
});

test('a preference by language id is brought into the order of those trained on', async (t) => {
  const languages = `languages:
  - {id: swh_Latn, role: seen, train: swh.txt, eval: swh.txt}
  - {id: zul_Latn, role: unseen, eval: zul.txt}
  - {id: xho_Latn, role: seen, train: xho.txt, eval: xho.txt}
  - {id: tur_Latn, role: seen, train: tur.txt, eval: tur.txt}
`;
  const text = (preference: string) => `steps: 10
model: {path: base, sequenceLength: 32}
${languages}optimizer: {name: sgd, learningRate: 0.1}
aggregator: {name: upgrad, preference: ${preference}}
`;
  for (const written of ['[1, 0.5, 3]', '{tur_Latn: 3, xho_Latn: 0.5}']) {
    const folder = await writeConfig(t, text(written));
    const loaded = await loadConfig(join(folder, 'my.yaml'));
    t.deepEqual(loaded.config.aggregator.preference, [1, 0.5, 3]);
    // What is written out repeats the run: the same numbers, in the same order.
    await writeFile(join(folder, 'again.yaml'), resolvedYaml(loaded, folder));
    const again = await loadConfig(join(folder, 'again.yaml'));
    t.deepEqual(again.config.aggregator, loaded.config.aggregator);
  }
});
