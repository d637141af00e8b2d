/** Runs that are stopped, killed or abandoned: what stays, and that they go on to the same bits. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { TINY_CONFIG, writeTinyRun } from '../helpers/tiny-run.ts';
import { type Running, runCommand, startCommand } from './command.ts';

const CHANGES = { steps: 6, output: { checkpointEverySteps: 1 } };

/** Resolves when the run has done a step; rejects if it ends before. */
async function reaches(running: Running, step: number): Promise<void> {
  const needle = new RegExp(`"type":"step".*"step":${step},`);
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  while (!needle.test(running.stdout)) {
    if (over) throw new Error(`it ended before step ${step}:\n${running.stderr}`);
    await delay(10);
  }
}

const hashIn = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!).paramsHash;

const pidsIn = (running: Running) =>
  (
    JSON.parse(running.stdout.split('\n').find((line) => line.includes('"type":"run"'))!) as {
      nodes: { pid: number }[];
    }
  ).nodes.map(({ pid }) => pid);

/** Whether a process is there and not a zombie. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return status !== null && !/\) Z /.test(status);
}

async function allGone(pids: readonly number[]): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    const alive = await Promise.all(pids.map(isAlive));
    if (!alive.includes(true)) return true;
    await delay(20);
  }
  return false;
}

let whole: Promise<string> | undefined;

/** What an uninterrupted run ends in; it runs once for all tests. */
function wholeRun(t: import('ava').ExecutionContext): Promise<string> {
  whole ??= (async () => {
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder, CHANGES);
    const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
    const { stdout, stderr, exitCode } = await runCommand(t, folder, ...args);
    t.is(exitCode, 0, stderr);
    return hashIn(stdout);
  })();
  return whole;
}

for (const step of [1, 3, 4]) {
  test.serial(`stopped after step ${step}, a run goes on to the same bits`, async (t) => {
    const expected = await wholeRun(t);
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder, CHANGES);
    const args = ['local', 'my.yaml', '--nodes', String(step), '--out', 'out', '--json'];
    const running = startCommand(t, folder, ...args);
    await reaches(running, step);
    running.child.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    t.is(exitCode, 130, stderr);
    t.regex(stderr, /stopped after step \d; go on with: .*--resume/);
    const again = ['local', 'out/config.resolved.yaml', '--nodes', '3', '--out', 'out'];
    const on = await runCommand(t, folder, ...again, '--resume', '--json');
    t.is(on.exitCode, 0, on.stderr);
    t.is(hashIn(on.stdout), expected);
    const rows = (await readFile(join(folder, 'out/metrics.jsonl'), 'utf8')).trim().split('\n');
    t.deepEqual(
      rows.map((row) => JSON.parse(row).current_steps),
      [1, 2, 3, 4, 5, 6],
    );
  });
}

test.serial('as many checkpoints stay as the config says; the run is the same', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { ...CHANGES, steps: 20 });
  const flags = ['--nodes', '1', '--set', 'network.name=kestrel', '--json'];
  const runIds = new Set<string>();
  for (const kept of [2, 3]) {
    const out = `keeps-${kept}`;
    const set = ['--set', `output.checkpointsKept=${kept}`, '--out', out];
    const { exitCode, stderr } = await runCommand(t, folder, 'node', 'my.yaml', ...flags, ...set);
    t.is(exitCode, 0, stderr);
    for (const own of ['', 'state/kestrel']) {
      const names = await readdir(join(folder, out, own));
      // Which ones depends on how fast the disk is; the last is among them.
      const steps = names.filter((name) => name.startsWith('checkpoint-'));
      t.is(steps.length, kept, `${own}: ${steps}`);
      t.true(steps.includes('checkpoint-20'));
    }
    runIds.add(JSON.parse(await readFile(join(folder, out, 'report.json'), 'utf8')).runId);
  }
  t.is(runIds.size, 1);
});

test.serial(
  'a second Ctrl-C ends at once; what was written goes on to the same bits',
  async (t) => {
    const expected = await wholeRun(t);
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder, CHANGES);
    const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
    const running = startCommand(t, folder, ...args);
    await reaches(running, 3);
    const pids = pidsIn(running);
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    const { exitCode } = await running.ended;
    t.true(exitCode === 143 || exitCode === 130, `exit ${exitCode}`);
    t.true(await allGone(pids));
    const on = await runCommand(t, folder, ...args, '--resume');
    t.is(on.exitCode, 0, on.stderr);
    t.is(hashIn(on.stdout), expected);
    const names = await readdir(join(folder, 'out'), { recursive: true });
    t.deepEqual(
      names.filter((name) => name.includes('.partial')),
      [],
      'nothing half-written is left',
    );
  },
);

for (const [when, checkpointEverySteps] of [
  ['with a checkpoint', 1],
  ['before the first checkpoint', 50],
] as const) {
  test.serial(
    `when the launcher is killed no node stays behind, and on it goes: ${when}`,
    async (t) => {
      const expected = await wholeRun(t);
      const folder = await temporaryFolder(t);
      await writeTinyRun(folder, { ...CHANGES, output: { checkpointEverySteps } });
      const args = ['local', 'my.yaml', '--nodes', '3', '--out', 'out', '--json'];
      const running = startCommand(t, folder, ...args);
      await reaches(running, 3);
      const pids = pidsIn(running);
      running.child.kill('SIGKILL');
      await running.ended;
      t.true(await allGone(pids));
      const on = await runCommand(t, folder, ...args, '--resume');
      t.is(on.exitCode, 0, on.stderr);
      t.is(hashIn(on.stdout), expected);
    },
  );
}

test.serial(
  'a node that dies is named, the others carry on, and the bits are the same',
  async (t) => {
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder, { steps: 60 });
    const run = (nodes: string, out: string) =>
      startCommand(t, folder, 'local', 'my.yaml', '--nodes', nodes, '--out', out, '--json');
    const alone = await run('1', 'alone').ended;
    t.is(alone.exitCode, 0, alone.stderr);
    const running = run('3', 'out');
    await reaches(running, 5);
    const pids = pidsIn(running);
    process.kill(pids[1]!, 'SIGKILL');
    const { exitCode, stdout, stderr } = await running.ended;
    t.is(exitCode, 0, stderr);
    t.regex(
      stderr,
      /the process of merlin \(\d+\) was ended by SIGKILL\.? .*The others carry on\./,
    );
    t.is(hashIn(stdout), hashIn(alone.stdout));
    const steps = stdout.split('\n').filter((line) => line.includes('"type":"step"'));
    t.deepEqual(
      steps.map((line) => JSON.parse(line).step),
      Array.from({ length: 60 }, (_, step) => step + 1),
      'every step is logged, once and in order',
    );
    t.true(await allGone(pids));
  },
);

test.serial('once no node is left the run ends, with the name of the last', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 10_000 });
  const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
  const running = startCommand(t, folder, ...args);
  await reaches(running, 2);
  const pids = pidsIn(running);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const { exitCode, stderr } = await running.ended;
  t.is(exitCode, 1);
  t.regex(stderr, /^NodeEndedError: the process of \w+ \(\d+\) was ended by SIGKILL/m);
  t.true(await allGone(pids));
});

test.serial('a changed config does not go on with another run’s checkpoint', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder);
  const args = ['local', 'my.yaml', '--nodes', '1', '--out', 'out', '--json'];
  t.is((await runCommand(t, folder, ...args)).exitCode, 0);
  const refused = await runCommand(t, folder, ...args);
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr, /^PathError out: is not empty\. .*--resume/m);
  const changed = ['--resume', '--set', 'optimizer.learningRate=0.02'];
  const { exitCode, stderr } = await runCommand(t, folder, ...args, ...changed);
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /ResumeMismatchError: checkpoint-3 .*optimizer\.learningRate was 0\.01, is 0\.02/,
  );
  t.is(TINY_CONFIG.optimizer.learningRate, 0.01);
});
