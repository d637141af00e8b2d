/** `isogloss verify` on a real run: the same roots, and what is said where a record was changed. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { canonicalJson } from '../../protocol/canonical.ts';
import { hashOf, nextRoot, valueHash } from '../../protocol/hashes.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand } from './command.ts';

/** With a finished run in out/: three steps, checkpoints 2 and 3; made once for all tests. */
let folder = '';

test.before(async (t) => {
  folder = await mkdtemp(join(tmpdir(), 'isogloss-test-'));
  await writeTinyRun(folder, { wire: { codec: 'bf16' } });
  const ending = { teardown: () => {} };
  const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
  const { exitCode, stderr } = await runCommand(ending, folder, ...args);
  t.is(exitCode, 0, stderr);
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test.serial('a run is computed again: every step, or some from a checkpoint', async (t) => {
  const all = await callCommand(folder, 'verify', './out');
  t.is(all.exitCode, 0, all.stdout + all.stderr);
  t.regex(all.stderr, /^run [0-9a-f]{64}, onnx-\S+: steps 1\.\.3 from the base\n$/);
  t.regex(all.stdout, /^step 1 {2}ok {2}[0-9a-f]{16} {2}metrics\.jsonl, checkpoint-2$/m);
  t.regex(all.stdout, /^step 3 {2}ok {2}[0-9a-f]{16} {2}metrics\.jsonl, checkpoint-3$/m);
  t.regex(
    all.stdout,
    /3 steps computed again: the same roots, and the parameters of report\.json\n$/,
  );
  const some = await callCommand(folder, 'verify', './out', '--steps', '3', '--json');
  t.is(some.exitCode, 0, some.stderr);
  t.regex(some.stderr, /steps 3\.\.3 from checkpoint-2$/m);
  const lines = some.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    lines.map(({ type, step, verdict }) => [type, step, verdict]),
    [
      ['step', 3, 'ok'],
      ['verify', undefined, undefined],
    ],
  );
  t.true(lines.at(-1).ok && lines.at(-1).sameParameters);
});

test.serial('a changed record is told with its step, place and bucket', async (t) => {
  const copy = join(folder, 'changed');
  await cp(join(folder, 'out'), copy, { recursive: true });
  const metrics = join(copy, 'metrics.jsonl');
  const rows = (await readFile(metrics, 'utf8'))
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  rows[0].root = '0'.repeat(64);
  await writeFile(metrics, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const path = join(copy, 'checkpoint-3', 'isogloss', 'manifest.json');
  const { checksum: _, ...manifest } = JSON.parse(await readFile(path, 'utf8'));
  manifest.values[5].optimizer = '0'.repeat(64);
  manifest.root = nextRoot(manifest.previousRoot, manifest.values.map(valueHash));
  const sealed = { ...manifest, checksum: hashOf(canonicalJson(manifest)) };
  await writeFile(path, JSON.stringify(sealed));
  const { exitCode, stdout } = await callCommand(folder, 'verify', './changed');
  t.is(exitCode, 1);
  t.regex(stdout, /^step 1 {2}differs {2}[0-9a-f]{16} {2}metrics\.jsonl has 0{16}$/m);
  t.regex(stdout, /^step 2 {2}ok/m);
  t.regex(
    stdout,
    /^step 3 {2}differs .* checkpoint-3 has \w{16}, first in bucket 5 \(optimizer\)$/m,
  );
  t.regex(
    stdout,
    /2 of 3 steps differ, first step 1\nno checkpoint before it is right: .* anew\n$/,
  );
  await writeFile(metrics, 'not a row\n');
  const torn = await callCommand(folder, 'verify', './changed');
  t.regex(torn.stderr, /^RunFolderError changed\/metrics\.jsonl:1: is no row/);
});

test.serial('a last row that a kill has cut is passed over with a note', async (t) => {
  const copy = join(folder, 'killed');
  await cp(join(folder, 'out'), copy, { recursive: true });
  const metrics = join(copy, 'metrics.jsonl');
  const text = await readFile(metrics, 'utf8');
  await writeFile(metrics, text.slice(0, -40));
  const { exitCode, stdout, stderr } = await callCommand(folder, 'verify', './killed');
  t.is(exitCode, 0, stderr);
  t.regex(stderr, /^killed\/metrics\.jsonl:3: the last row is cut, as a kill leaves it\./m);
  t.regex(stdout, /^step 2 {2}ok .* metrics\.jsonl/m);
  t.regex(stdout, /^step 3 {2}ok {2}[0-9a-f]{16} {2}checkpoint-3$/m);
  await writeFile(metrics, `${text.slice(0, -40)}\n`);
  const whole = await callCommand(folder, 'verify', './killed');
  t.regex(whole.stderr, /^RunFolderError killed\/metrics\.jsonl:3: is no row/, 'with a newline');
});

/** Changes four bytes in the middle of a file. */
async function spoil(path: string): Promise<void> {
  const bytes = await readFile(path);
  for (let i = 0; i < 4; i++) bytes[(bytes.length >> 1) + i]! ^= 0x55;
  await writeFile(path, bytes);
}

test.serial('a checkpoint is read, not believed: what is damaged in it is told', async (t) => {
  const copy = join(folder, 'spoilt');
  await cp(join(folder, 'out'), copy, { recursive: true });
  const names = await readdir(join(copy, 'checkpoint-2'), { recursive: true });
  const shards = names.filter((name) => name.includes('shard-') || name.startsWith('model.'));
  t.true(shards.length > 1, names.join(' '));
  for (const name of shards) {
    const path = join(copy, 'checkpoint-2', name);
    const before = await readFile(path);
    await spoil(path);
    const changed = await callCommand(folder, 'verify', './spoilt', '--steps', '2');
    t.is(changed.exitCode, 1, name);
    t.true(changed.stdout.includes(`checkpoint-2: ${name} is damaged`), changed.stdout);
    const where = name.startsWith('model.') ? '' : ', in (buckets? \\d|what the optimizer keeps)';
    t.regex(changed.stdout, new RegExp(`^step 2  damaged .* its hash is another${where}`, 'm'));
    t.regex(changed.stdout, /1 step computed again: 1 checkpoint is damaged\n$/);
    await writeFile(path, before.subarray(0, before.length >> 1));
    const cut = await callCommand(folder, 'verify', './spoilt');
    t.is(cut.exitCode, 1, name);
    t.regex(cut.stdout, /^step 2 {2}damaged .* bytes, expected \d+: it was cut\.$/m);
    t.regex(cut.stdout, /^step 3 {2}ok/m);
    await writeFile(path, before);
  }
  await spoil(join(copy, 'checkpoint-2', 'isogloss', 'manifest.json'));
  const torn = await callCommand(folder, 'verify', './spoilt', '--steps', '2..3');
  t.is(torn.exitCode, 1);
  t.regex(torn.stdout, /^step 2 {2}damaged .* {2}checkpoint-2: isogloss\/manifest\.json /m);
});

test.serial('a manifest that was made to fit other values is found out', async (t) => {
  const copy = join(folder, 'resealed');
  await cp(join(folder, 'out'), copy, { recursive: true });
  const at = join(copy, 'checkpoint-2');
  const path = join(at, 'isogloss', 'manifest.json');
  const { checksum: _, ...manifest } = JSON.parse(await readFile(path, 'utf8'));
  for (const { file } of manifest.shards) {
    await spoil(join(at, file));
    const bytes = await readFile(join(at, file));
    manifest.files[file] = {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  }
  const sealed = { ...manifest, checksum: hashOf(canonicalJson(manifest)) };
  await writeFile(path, JSON.stringify(sealed));
  const { exitCode, stdout } = await callCommand(folder, 'verify', './resealed', '--steps', '2');
  t.is(exitCode, 1, stdout);
  t.regex(stdout, /^step 2 {2}damaged .*bucket \d+ .*does not match its hash\.$/m);
});

test.serial('where nothing is recorded of a step, that is no agreement', async (t) => {
  const copy = join(folder, 'unrecorded');
  await cp(join(folder, 'out'), copy, { recursive: true });
  const metrics = join(copy, 'metrics.jsonl');
  const [, , third] = (await readFile(metrics, 'utf8')).trim().split('\n');
  await writeFile(metrics, `${third}\n`);
  await rm(join(copy, 'checkpoint-2'), { recursive: true });
  const { exitCode, stdout } = await callCommand(folder, 'verify', './unrecorded', '--steps', '1');
  t.is(exitCode, 1);
  t.regex(stdout, /^step 1 {2}not recorded {2}[0-9a-f]{16}$/m);
  t.regex(stdout, /1 step computed again, and nothing to compare with: .*\n$/);
  const some = await callCommand(folder, 'verify', './unrecorded', '--steps', '1..3');
  t.is(some.exitCode, 0);
  t.regex(some.stdout, /3 steps computed again: the same roots.*, 1 not recorded\n$/);
});

test.serial('a checkpoint that is damaged is passed over for an older one, by name', async (t) => {
  const copy = join(folder, 'damaged');
  await cp(join(folder, 'out'), copy, { recursive: true });
  await rm(join(copy, 'checkpoint-2', 'isogloss', 'shard-1.safetensors'));
  const { exitCode, stderr } = await callCommand(folder, 'verify', './damaged', '--steps', '3..3');
  t.is(exitCode, 0);
  t.regex(stderr, /^CheckpointCorruptError damaged\/checkpoint-2: .*shard-1.* Computing begins at/);
  t.regex(stderr, /steps 3\.\.3 from the base$/m);
});

test.serial('another numerics class, another text and other steps are refused', async (t) => {
  const run = (...args: string[]) => callCommand(folder, 'verify', './out', ...args);
  const other = await run('--engine', 'reference');
  t.is(other.exitCode, 2);
  t.regex(
    other.stderr,
    /^VerifyMismatchError: run \w{8}… is onnx-\S+, this is reference-\S+: .* Use --engine onnx,/,
  );
  const beyond = await run('--steps', '2..9');
  t.deepEqual(
    [beyond.exitCode, beyond.stderr],
    [2, 'PathError out: steps 2..9 are asked for, and it records steps 1..3.\n'],
  );
  t.regex((await run('--steps', '3..2')).stderr, /^UsageError: .*A at most B/);
  const model = await callCommand(folder, 'verify', './base');
  t.regex(model.stderr, /^PathError base: is no run's folder/);
  const text = join(folder, 'swh.txt');
  const before = await readFile(text);
  await writeFile(text, 'Maneno mengine.\n');
  const changed = await run();
  await writeFile(text, before);
  t.is(changed.exitCode, 2);
  t.regex(changed.stderr, /^ResumeMismatchError: checkpoint-3 .*swh_Latn\.train was \w+, is \w+/);
});
