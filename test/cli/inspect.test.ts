/** `isogloss inspect` from the outside: what whole folders hold, and which others are refused. */
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand } from './command.ts';
import { finalReport } from './screens.ts';
import { LAYOUT, NODES, NUMERICS_CLASS, writeTinyCheckpoint } from './tiny-checkpoint.ts';

test('a model folder is told by its numbers and files', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder);
  const { exitCode, stdout, stderr } = await runCommand(t, folder, 'inspect', 'base');
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.regex(stdout, /^model +base\nparams +[0-9a-f]{64}\nparameters +10672 in 12 tensors\n/);
  t.regex(stdout, /^files +config\.json \d+ B, model\.safetensors 43\.9 kB, /m);
  const buckets = await callCommand(folder, 'inspect', './base', '--buckets');
  t.is(buckets.exitCode, 2);
  t.is(buckets.stderr, 'PathError base: has no checkpoint, so no buckets. Leave out --buckets.\n');
});

test('a checkpoint is told by run, step, root and buckets; its parts by their node', async (t) => {
  const folder = await temporaryFolder(t);
  const written = await writeTinyCheckpoint(folder, 2);
  const { exitCode, stdout } = await callCommand(folder, 'inspect', './checkpoint-2', '--buckets');
  t.is(exitCode, 0);
  t.true(stdout.startsWith('checkpoint   checkpoint-2: step 2 of 3, assembled\n'));
  const told = { run: written.runId, root: written.root, params: written.paramsHash };
  for (const [label, value] of Object.entries({ ...told, numerics: NUMERICS_CLASS })) {
    t.true(stdout.includes(`\n${label.padEnd(11)}  ${value}\n`), stdout);
  }
  t.regex(stdout, /^buckets +9 of 9 here, written by kestrel 5, merlin 4$/m);
  t.regex(stdout, /^1 +1392 +[0-9a-f]{16} +merlin +yes +lm_head\.weight\[86\.\.172\]$/m);
  t.is(stdout.split('\n\n')[1]?.trim().split('\n').length, LAYOUT.buckets.length + 1);
  const part = await callCommand(folder, 'inspect', './state/merlin/checkpoint-2', '--json');
  const { kind, node, bucketsHeld, bucketsTotal, paramsHash, buckets } = JSON.parse(part.stdout);
  t.deepEqual([kind, node, bucketsHeld, bucketsTotal], ['checkpoint', 'merlin', 4, 9]);
  t.deepEqual([paramsHash, buckets], [null, undefined]);
});

test('the rows of all buckets in JSON cover every parameter once', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyCheckpoint(folder, 1);
  const run = await callCommand(folder, 'inspect', './checkpoint-1', '--buckets', '--json');
  const { buckets, parameters } = JSON.parse(run.stdout);
  let next = 0;
  for (const { bucket, start, length, holder } of buckets) {
    t.is(start, next);
    t.is(holder, NODES[bucket % 2]);
    next += length;
  }
  t.is(next, parameters);
});

test("a run's folder is told with its report, model, checkpoints and parts", async (t) => {
  const folder = await temporaryFolder(t);
  const { runId } = await writeTinyCheckpoint(folder, 2);
  const last = await writeTinyCheckpoint(folder, 3);
  const { modelFolder } = await writeTinyRun(join(folder, 'other'));
  await cp(modelFolder, join(folder, 'model'), { recursive: true });
  const weights = 'model.safetensors';
  await cp(join(last.assembled, weights), join(folder, 'model', weights));
  const report = {
    ...finalReport,
    runId,
    paramsHash: last.paramsHash,
    steps: 3,
    numericsClass: NUMERICS_CLASS,
  };
  await writeFile(join(folder, 'report.json'), JSON.stringify(report));
  const { exitCode, stdout, stderr } = await callCommand(folder, 'inspect', './.');
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.regex(stdout, /^run +\.: 3 steps, done$/m);
  t.regex(stdout, /^checkpoint-3 +root [0-9a-f]{64}$/m);
  t.regex(stdout, /^kestrel checkpoint-2 +5 of 9 buckets$/m);
  t.true(stdout.includes(`params                ${last.paramsHash}\n`), stdout);
  t.regex(stdout, /^swh_Latn +seen +2\.500 → 1\.750/m);
  await writeFile(
    join(folder, 'report.json'),
    JSON.stringify({ ...report, runId: '0'.repeat(64) }),
  );
  const mixed = await callCommand(folder, 'inspect', './.', '--json');
  t.is(mixed.exitCode, 1);
  t.regex(
    mixed.stderr,
    /^RunFolderError \.: checkpoint-2 has the runId \w{64}, but report\.json 0+\./,
  );
  t.is(JSON.parse(mixed.stdout).problems.length, 6);
});

test('torn and damaged checkpoints are refused by name', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyCheckpoint(folder, 1);
  const damaged = 'checkpoint-1';
  const shard = join(folder, damaged, 'isogloss', 'shard-2.safetensors');
  const whole = await readFile(shard);
  const refusal = async () => {
    const { exitCode, stdout, stderr } = await callCommand(folder, 'inspect', `./${damaged}`);
    t.deepEqual([exitCode, stdout], [1, '']);
    return stderr;
  };
  await truncate(shard, whole.length - 1);
  t.regex(
    await refusal(),
    /^CheckpointCorruptError checkpoint-1: isogloss\/shard-2\.safetensors has \d+ bytes, expected/,
  );
  const flipped = Buffer.from(whole);
  flipped[whole.length - 1]! ^= 1;
  await writeFile(shard, flipped);
  t.regex(await refusal(), /^CheckpointCorruptError .*shard-2\.safetensors is damaged/);
  await rm(join(folder, damaged, 'isogloss', 'manifest.json'));
  t.regex(await refusal(), /^CheckpointCorruptError .*manifest\.json cannot be read \(ENOENT\)/);
  const { exitCode, stdout, stderr } = await callCommand(folder, 'inspect', './.');
  t.is(exitCode, 1);
  t.regex(stderr, /^CheckpointCorruptError checkpoint-1: isogloss\/manifest\.json cannot be read/);
  t.regex(stdout, /^run +\.: not over, step 1 of 3 is kept$/m);
  t.regex(stdout, /^merlin checkpoint-1 +4 of 9 buckets$/m);
});

test('parts of two runs in one folder are told apart', async (t) => {
  const folder = await temporaryFolder(t);
  const { runId } = await writeTinyCheckpoint(folder, 1);
  const other = await writeTinyCheckpoint(join(folder, 'other'), 2, 99);
  await cp(other.assembled, join(folder, 'checkpoint-2'), { recursive: true });
  const { exitCode, stderr } = await callCommand(folder, 'inspect', './.');
  t.is(exitCode, 1);
  t.is(
    stderr,
    `RunFolderError .: checkpoint-2 has the runId ${other.runId}, but checkpoint-1 ${runId}. ` +
      'The folder mixes runs, or was changed.\n',
  );
});

test('what is none of the three is refused, with what to name instead', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'my.yaml'), 'steps: 1\n');
  const name = "Name a model folder, a checkpoint or a run's folder.";
  const cases = [
    ['./nowhere', `nowhere: there is no such folder. ${name}`],
    ['./my.yaml', `my.yaml: is a file, expected a folder. ${name}`],
    ['./.', '.: holds no model (config.json), no checkpoint and no run. Name a folder that does.'],
  ] as const;
  for (const [path, message] of cases) {
    const outcome = await callCommand(folder, 'inspect', path);
    t.deepEqual(outcome, { exitCode: 2, stdout: '', stderr: `PathError ${message}\n` });
  }
});
