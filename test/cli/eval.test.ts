/** `isogloss eval` from the outside: models, checkpoints and run folders, and what is refused. */
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig, resolvedYaml } from '../../node/cli/config/index.ts';
import { writeFileAtomic } from '../../node/files/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand } from './command.ts';
import { writeTinyCheckpoint } from './tiny-checkpoint.ts';

test('a model is scored in every language of a config, as a table and as JSON', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder);
  const text = await runCommand(t, folder, 'eval', 'base', '--config', 'my.yaml');
  t.is(text.exitCode, 0, text.stderr);
  t.regex(text.stderr, /^model +base: 10672 parameters [0-9a-f]{64}\nconfig +my\.yaml: 3 lang/);
  const [head, ...rows] = text.stdout.trimEnd().split('\n');
  t.is(head, 'language  role    loss   bits/byte  tokens');
  t.is(rows.length, 3);
  t.regex(rows[2] ?? '', /^zul_Latn {2}unseen {2}\d\.\d{3} {2}\d\.\d{3} +57$/);
  const json = await callCommand(folder, 'eval', './base', '--config', './my.yaml', '--json');
  const { type, languages, engine } = JSON.parse(json.stdout);
  t.deepEqual([type, engine, languages.length], ['evaluation', 'onnx', 3]);
  t.is(languages[0].bitsPerByte.toFixed(3), /(\S+) +72$/.exec(rows[0] ?? '')?.[1]);
});

test("a run's folder and its checkpoint bring the config; a node's part is no model", async (t) => {
  const folder = await temporaryFolder(t);
  const { configPath, modelFolder } = await writeTinyRun(folder);
  const out = join(folder, 'runs', '1');
  await mkdir(out, { recursive: true });
  const yaml = resolvedYaml(await loadConfig(configPath), out);
  await writeFileAtomic(join(out, 'config.resolved.yaml'), yaml);
  const { paramsHash } = await writeTinyCheckpoint(out, 2);
  const early = await callCommand(folder, 'eval', './runs/1');
  t.is(early.exitCode, 2);
  t.regex(
    early.stderr,
    /^PathError runs\/1: a run's folder without a model\/.*its checkpoints\.\n/,
  );
  await cp(modelFolder, join(out, 'model'), { recursive: true });
  const run = await callCommand(folder, 'eval', './runs/1', '--json');
  const { path, config } = JSON.parse(run.stdout);
  t.deepEqual([path, config], ['runs/1/model', 'runs/1/config.resolved.yaml']);
  const part = await callCommand(folder, 'eval', './runs/1/state/merlin/checkpoint-2');
  t.is(part.exitCode, 2);
  t.regex(part.stderr, /merlin's part of a checkpoint, 4 of 9 buckets, and no model\. Name check/);
  const inside = await callCommand(join(out, 'checkpoint-2'), 'eval', './.', '--json');
  t.is(JSON.parse(inside.stdout).config, join(out, 'config.resolved.yaml'));
  t.is(JSON.parse(inside.stdout).paramsHash, paramsHash);
});

test('without a config, and with a damaged checkpoint, eval says what to do', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder);
  const none = await callCommand(folder, 'eval', './base');
  t.is(none.exitCode, 2);
  t.is(
    none.stderr,
    'PathError base: no config.resolved.yaml in or above it says which languages there are. ' +
      'Add --config my.yaml.\n',
  );
  await writeTinyCheckpoint(folder, 1);
  await copyFile(join(folder, 'swh.txt'), join(folder, 'checkpoint-1', 'model.safetensors'));
  const damaged = await callCommand(folder, 'eval', './checkpoint-1', '--config', './my.yaml');
  t.is(damaged.exitCode, 1);
  t.regex(damaged.stderr, /^CheckpointCorruptError checkpoint-1: model\.safetensors has \d+ bytes/);
});
