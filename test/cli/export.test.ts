/** `isogloss export` from the outside: folders of several machines, whole, damaged, mixed. */
import { cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadModelFiles, loadModelFolder, paramsHashOf } from '../../node/model/index.ts';
import { openCheckpoint } from '../../node/store/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand } from './command.ts';
import { writeTinyCheckpoint } from './tiny-checkpoint.ts';

const SHARD = 'isogloss/shard.safetensors';
const BASE = ['--base', './base'];

/** kestrel/ and merlin/ with parts of steps 1 and 2, as copied from two machines; and base/. */
async function twoMachines(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const { modelFolder } = await writeTinyRun(folder);
  const { hashes } = await loadModelFiles(modelFolder);
  const one = await writeTinyCheckpoint(folder, 1, undefined, hashes);
  const two = await writeTinyCheckpoint(folder, 2, undefined, hashes);
  for (const node of ['kestrel', 'merlin']) {
    await rename(join(folder, 'state', node), join(folder, node));
  }
  for (const { assembled } of [one, two]) await rm(assembled, { recursive: true });
  return { folder, one, two };
}

async function flip(path: string, offset: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[offset < 0 ? bytes.length + offset : offset]! ^= 1;
  await writeFile(path, bytes);
}

test('folders of two machines make the newest step, which opens as a model', async (t) => {
  const { folder, two } = await twoMachines(t);
  const args = ['export', './kestrel', './merlin', ...BASE, '--to', './out'];
  const { exitCode, stdout, stderr } = await callCommand(folder, ...args);
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.regex(stdout, /^export +out\nstep +2 of 3\n/);
  t.regex(stdout, /^from +kestrel\/checkpoint-2: 5 buckets\n +merlin\/checkpoint-2: 4 buckets$/m);
  const { values } = await loadModelFolder(join(folder, 'out'));
  t.is(paramsHashOf([values]), two.paramsHash);
  t.is((await openCheckpoint(join(folder, 'out'))).manifest.root, two.root);
  const again = await callCommand(folder, ...args);
  t.is(again.exitCode, 1);
  t.regex(again.stderr, /^TargetExistsError out: exists already\. Name another folder/);
});

test('an older step is made if asked for, also of the folder above and of its parts', async (t) => {
  const { folder, one } = await twoMachines(t);
  const above = ['export', './.', ...BASE, '--step', '1', '--to', './a', '--json'];
  const { stdout } = await callCommand(folder, ...above);
  const { step, paramsHash, sources } = JSON.parse(stdout);
  t.deepEqual([step, paramsHash, sources.length], [1, one.paramsHash, 2]);
  const parts = ['./kestrel/checkpoint-1', './merlin/checkpoint-1', './merlin'];
  const named = await callCommand(
    folder,
    'export',
    ...parts,
    ...BASE,
    '--step',
    '1',
    '--to',
    './b',
  );
  t.is(named.exitCode, 0, named.stderr);
  const none = await callCommand(folder, 'export', ...parts, '--step', '7');
  t.is(none.exitCode, 2);
  t.regex(none.stderr, /no checkpoint of step 7; there are those of 2, 1\.\n$/);
});

test('missing buckets are named with their holder, or an older step is taken', async (t) => {
  const { folder } = await twoMachines(t);
  const alone = await callCommand(folder, 'export', './merlin', ...BASE, '--to', './out');
  t.is(alone.exitCode, 1);
  t.regex(
    alone.stderr,
    /-2 lacks buckets 0, 2, 4, 6, 8, last held by kestrel\. Name the folders of kestrel too/,
  );
  await rm(join(folder, 'kestrel', 'checkpoint-2'), { recursive: true });
  const older = await callCommand(
    folder,
    'export',
    './kestrel',
    './merlin',
    ...BASE,
    '--to',
    './out',
  );
  t.is(older.exitCode, 0, older.stderr);
  t.regex(older.stderr, /^CheckpointIncompleteError checkpoint-2 lacks buckets/);
  t.regex(older.stdout, /^step +1 of 3$/m);
});

test('a damaged bucket is passed over by name if another folder has it', async (t) => {
  const { folder, two } = await twoMachines(t);
  await cp(join(folder, 'merlin'), join(folder, 'backup'), { recursive: true });
  await flip(join(folder, 'merlin/checkpoint-2', SHARD), -1);
  const paths = ['./merlin', './kestrel', './backup'];
  const saved = await callCommand(folder, 'export', ...paths, ...BASE, '--to', './out', '--json');
  t.is(saved.exitCode, 0, saved.stderr);
  t.is(
    saved.stderr,
    `CheckpointCorruptError merlin/checkpoint-2: ${SHARD} is damaged: its hash is another, in ` +
      'bucket 7. Passed over: another folder has the same buckets.\n',
  );
  const { paramsHash, sources } = JSON.parse(saved.stdout);
  t.is(paramsHash, two.paramsHash);
  t.deepEqual(sources.map((one: { path: string }) => one.path).sort(), [
    'backup/checkpoint-2',
    'kestrel/checkpoint-2',
  ]);
  const lost = ['export', './merlin', './kestrel', ...BASE, '--step', '2', '--to', './lost'];
  const refused = await callCommand(folder, ...lost);
  t.is(refused.exitCode, 1);
  t.regex(
    refused.stderr,
    /is damaged: .*, in bucket 7\. No sound folder has buckets 1, 3, 5, 7 of step 2/,
  );
});

test('where all folders of a step are damaged, all are named', async (t) => {
  const { folder } = await twoMachines(t);
  for (const node of ['kestrel', 'merlin']) {
    await truncate(join(folder, node, 'checkpoint-2', SHARD), 100);
  }
  const args = ['export', './kestrel', './merlin', ...BASE, '--step', '2', '--to', './out'];
  const { exitCode, stderr } = await callCommand(folder, ...args);
  t.is(exitCode, 1);
  for (const node of ['kestrel', 'merlin']) {
    t.regex(stderr, new RegExp(`${node}/checkpoint-2: ${SHARD} has 100 bytes, expected`));
  }
  t.is(stderr.trimEnd().split('\n').length, 1);
});

test('a torn part, one of another step and one of another run are refused by name', async (t) => {
  const { folder } = await twoMachines(t);
  const run = async (...paths: string[]) => {
    const asked = ['--step', '2', '--to', './out'];
    const { exitCode, stderr } = await callCommand(folder, 'export', ...paths, ...BASE, ...asked);
    t.is(exitCode, 1);
    return stderr;
  };
  const shard = join(folder, 'merlin/checkpoint-2', SHARD);
  const whole = await readFile(shard);
  await truncate(shard, 100);
  t.regex(
    await run('./kestrel', './merlin'),
    /merlin\/checkpoint-2: .* has 100 bytes, expected \d+/,
  );
  await cp(join(folder, 'merlin/checkpoint-1', SHARD), shard);
  t.regex(
    await run('./kestrel', './merlin'),
    /merlin\/checkpoint-2: .* is damaged: .* in buckets 1, 3/,
  );
  await writeFile(shard, whole);
  await rm(join(folder, 'merlin/checkpoint-2/isogloss/manifest.json'));
  t.regex(
    await run('./kestrel', './merlin'),
    /merlin\/checkpoint-2: isogloss\/manifest.json cannot/,
  );
  await rm(join(folder, 'merlin/checkpoint-2'), { recursive: true });
  await rename(join(folder, 'merlin/checkpoint-1'), join(folder, 'merlin/checkpoint-2'));
  t.regex(await run('./kestrel', './merlin'), /lacks buckets 1, 3, 5, 7, last held by merlin/);
  await writeTinyCheckpoint(join(folder, 'other'), 2, 99);
  t.regex(await run('./kestrel', './other'), /its runId is \w+, but \w+ in kestrel.*one run only/);
});

test("a run's folder is made whole in its place, and one that is whole is left", async (t) => {
  const folder = await temporaryFolder(t);
  const { modelFolder } = await writeTinyRun(folder);
  const { hashes } = await loadModelFiles(modelFolder);
  const { assembled, paramsHash } = await writeTinyCheckpoint(
    join(folder, 'out'),
    2,
    undefined,
    hashes,
  );
  const stands = await callCommand(folder, 'export', './out');
  t.is(stands.exitCode, 0, stands.stderr);
  t.regex(stands.stdout, /^stands +out\/checkpoint-2$/m);
  t.true(stands.stdout.includes(paramsHash));
  await rm(assembled, { recursive: true });
  const without = await callCommand(folder, 'export', './out');
  t.is(without.exitCode, 2);
  t.regex(without.stderr, /no config\.resolved\.yaml beside it .* --base FOLDER/);
  const made = await callCommand(folder, 'export', './out', ...BASE);
  t.is(made.exitCode, 0, made.stderr);
  t.regex(made.stdout, /^export +out\/checkpoint-2$/m);
  const wrong = await callCommand(folder, 'export', './out', '--base', './nowhere', '--to', './x');
  t.regex(wrong.stderr, /^PathError nowhere: .*no such folder/);
});
