/** `isogloss status` with real nodes: who is here, and who was killed. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { askNode, type NodeStatus, serveStatus, socketPath } from '../../node/cli/status/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, type Outcome, startCommand } from './command.ts';

/** Busy machines are slow to start and to be missed. */
const PATIENCE_MS = 60_000;

/** Asks until the answer satisfies, and gives it. */
async function until(ask: () => Promise<Outcome>, holds: (outcome: Outcome) => boolean) {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await ask();
    if (holds(outcome)) return outcome;
    if (performance.now() > endMs) throw new Error(`it still says:\n${JSON.stringify(outcome)}`);
    await delay(200);
  }
}

async function folderOfRun(t: ExecutionContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 1_000_000, output: { checkpointEverySteps: 1_000_000 } });
  return folder;
}

test.serial(
  'two nodes are told, and one that is killed within seconds, with its name',
  async (t) => {
    const folder = await folderOfRun(t);
    const node = (name: string, ...flags: string[]) => {
      const named = ['--out', `out-${name}`, '--set', `network.name=${name}`, ...flags];
      return startCommand(t, folder, 'node', 'my.yaml', '--nodes', '2', '--json', ...named);
    };
    const ask = (...args: string[]) => callCommand(folder, 'status', './out-kestrel', ...args);
    const kestrel = node('kestrel', '--listen', '/ip4/127.0.0.1/tcp/0');
    const [, address] = await kestrel.says(/kestrel listens on (\S+)/);
    const waiting = await ask();
    t.is(waiting.exitCode, 0, waiting.stderr);
    t.regex(waiting.stdout, /^run \w{8}…: step 0 of 1000000, 1 node here\n/);
    t.regex(waiting.stdout, /^kestrel +– +– +– +waits for 1 of 2 nodes; here: nobody else$/m);
    const merlin = node('merlin', '--peer', address!);
    const working = await until(ask, ({ stdout }) => /merlin .* works/.test(stdout));
    t.regex(working.stdout, /2 nodes here\n/);
    t.regex(working.stdout, /^kestrel +\d+ +\d+ +\d+ +works$/m);
    merlin.child.kill('SIGKILL');
    await merlin.ended;
    const killedMs = performance.now();
    const gone = await until(ask, ({ stdout }) => /1 gone/.test(stdout));
    t.log(`named after ${((performance.now() - killedMs) / 1000).toFixed(1)} s`);
    t.log(gone.stdout);
    t.regex(gone.stdout, /1 node here, 1 gone\n/);
    t.regex(
      gone.stdout,
      /^recovering: (\d+) of \1 buckets on one node only: nobody else is here to take a copy$/m,
    );
    t.regex(
      gone.stdout,
      /^merlin +\d+ +– +– +gone since \d\d:\d\d:\d\d \(\d+ s\): connection lost$/m,
    );
    const { stdout } = await ask('--json');
    const { type, runs } = JSON.parse(stdout);
    t.is(type, 'status');
    const row = runs[0].nodes.find(({ name }: { name: string }) => name === 'merlin');
    t.is(row.state, 'gone');
    t.true(row.silentMs > 0);
    const theirs = await callCommand(folder, 'status', './out-merlin');
    t.is(theirs.exitCode, 1);
    t.regex(
      theirs.stdout,
      /^merlin +no answer: its process on this machine was killed; it goes on/,
    );
    t.regex(theirs.stderr, /^no node of out-merlin answers on this machine$/m);
    const again = node('merlin', '--peer', address!, '--resume');
    await again.says(/merlin listens on/);
    const back = await until(ask, ({ stdout: text }) => /2 nodes here/.test(text));
    t.regex(back.stdout, /^merlin +\d+ /m);
    const whole = await until(ask, ({ stdout: text }) => /recovering: nothing/.test(text));
    t.regex(whole.stdout, /^merlin +\d+ +(\d+) /m);
    const twice = await node('merlin', '--peer', address!, '--resume').ended;
    t.is(twice.exitCode, 2);
    t.regex(twice.stderr, /^NodeFolderInUseError .*out-merlin.*: another node runs here\./m);
    kestrel.child.kill('SIGINT');
    await kestrel.ended;
    await t.throwsAsync(stat(join(folder, 'out-kestrel/state/kestrel/status.sock')), {
      code: 'ENOENT',
    });
  },
);

test.serial('watched, a run is told again and again until it ends', async (t) => {
  const folder = await folderOfRun(t);
  const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
  const run = startCommand(t, folder, ...args);
  await run.says(/"type":"step"/, 'stdout');
  const watch = startCommand(t, folder, 'status', 'out', '--watch', '--json');
  await watch.says(/^(\{"type":"status".*\n){2}/, 'stdout');
  run.child.kill('SIGINT');
  const { exitCode, stdout, stderr } = await watch.ended;
  t.is(exitCode, 0);
  t.regex(stderr, /no node of out answers on this machine any more/);
  const [first] = stdout.split('\n');
  const names = JSON.parse(first!).runs[0].nodes.map(({ name }: { name: string }) => name);
  t.deepEqual(names, ['kestrel', 'merlin']);
});

test('a folder without nodes, and none at all', async (t) => {
  const folder = await temporaryFolder(t);
  const none = await callCommand(folder, 'status', './.');
  t.deepEqual(none, {
    exitCode: 1,
    stdout: '',
    stderr: 'no node of . answers on this machine\n',
  });
  const nowhere = await callCommand(folder, 'status', './nowhere');
  t.is(nowhere.exitCode, 2);
  t.regex(nowhere.stderr, /^PathError nowhere: there is no such folder\./);
});

test('a socket is taken over from a killed process, never from a living one', async (t) => {
  const folder = await temporaryFolder(t);
  const fail = (text: string) => t.fail(text);
  const first = await serveStatus(folder, () => ({ one: 1 }), fail);
  const path = await socketPath(folder);
  t.deepEqual(await askNode(path), { kind: 'answer', text: '{"one":1}' });
  const second = serveStatus(folder, () => ({}), fail);
  await t.throwsAsync(second, { name: 'NodeFolderInUseError' });
  await first.close();
  t.deepEqual(await askNode(path), { kind: 'nobody' });
  await writeFile(path, '');
  t.deepEqual(await askNode(path), { kind: 'stale' });
  const third = await serveStatus(folder, () => ({}), fail);
  await third.close();
});

test('a node that is stopped does not hold up whoever asks', async (t) => {
  const folder = await temporaryFolder(t);
  const own = join(folder, 'state', 'kestrel');
  await mkdir(own, { recursive: true });
  const server = createServer(() => {}).listen(await socketPath(own));
  t.teardown(() => server.close());
  const { exitCode, stdout } = await callCommand(folder, 'status', './.');
  t.is(exitCode, 1);
  t.regex(stdout, /^kestrel +no answer: its process .* no answer in 2 s: stopped or very busy$/m);
});

test('a path too long for a socket is answered for elsewhere', async (t) => {
  const folder = join(await temporaryFolder(t), 'x'.repeat(120));
  await mkdir(folder);
  const server = await serveStatus(folder, () => ({ far: true }), t.fail);
  t.teardown(() => server.close());
  t.deepEqual(await askNode(await socketPath(folder)), { kind: 'answer', text: '{"far":true}' });
});

test('the words of several nodes become one table with what is recovered', async (t) => {
  const { mergeStatus, statusLines } = await import('../../node/cli/status/index.ts');
  const other = {
    ...{ peerId: 'osprey-id', name: 'osprey', alive: false, step: 38, complete: true },
    ...{ leaving: false, finished: false, holds: 5, due: 5, silentMs: 75_000, goneForMs: 70_000 },
    why: 'connection lost',
  };
  const running = {
    ...({ step: 41, complete: true, phase: 'working', goal: null, rewinds: 0 } as const),
    rewind: { step: 40, inMs: 11_200 },
    ...{ held: [0, 1, 2], due: [0, 1, 2, 3, 4], filling: [3], owned: [0, 1], unowned: [5] },
    copies: [1, 3, 2],
    missing: { updates: [5], whole: [], grams: [], norms: [] },
    ...{ waits: 2, absent: [], others: [other] },
  };
  const kestrel: NodeStatus = {
    ...{ format: 1, name: 'kestrel', peerId: 'kestrel-id', pid: 1, version: '0.1.0' },
    ...{ runId: 'ab'.repeat(32), steps: 400, buckets: 6, upForMs: 1, waiting: null, running },
  };
  const older = { ...other, name: null, alive: true, silentMs: 90_000, goneForMs: null, why: null };
  const merlin: NodeStatus = {
    ...{ ...kestrel, name: 'merlin', peerId: 'merlin-id' },
    running: {
      ...{ ...running, step: 40, complete: false, phase: 'gathering', goal: 41, rewind: null },
      others: [older],
    },
  };
  const fresh = { ...other, alive: true, holds: 0, due: 0, goneForMs: null, why: null };
  const few = { ...running, copies: [0, 6, 0], rewind: null, others: [fresh] };
  const [back] = mergeStatus({ answers: [{ ...kestrel, running: few }], unanswered: [] }).runs;
  t.is(
    back?.recovery[0],
    '6 of 6 buckets on one node only: being copied to kestrel',
    'kestrel is due more than it has',
  );
  const whole = { ...few, held: few.due };
  const [later] = mergeStatus({ answers: [{ ...kestrel, running: whole }], unanswered: [] }).runs;
  t.is(
    later?.recovery[0],
    '6 of 6 buckets on one node only: to be copied to osprey, which takes its share soon',
  );
  const status = mergeStatus({ answers: [kestrel, merlin], unanswered: [] });
  t.deepEqual(statusLines(status, new Date(2026, 0, 1, 12, 1, 15)), [
    'run abababab…: step 41 of 400, 2 nodes here, 1 gone',
    'node     step  holds   owns  state',
    'kestrel  41    3 of 5  2     works',
    'merlin   40    3 of 5  2     gathers step 41: 5 of 6 buckets here',
    'osprey   38    –       –     gone since 12:00:00 (1 min 15 s): connection lost',
    'recovering: 1 of 6 buckets on no node that is here: whoever has them is waited for; else ' +
      'the run goes back',
    'recovering: 3 of 6 buckets on one node only: being copied to kestrel, merlin',
    'recovering: kestrel: values of step 41 are lost; in 12 s back to step 40, if nobody returns',
    'recovering: kestrel: nobody holds bucket 5',
    'recovering: kestrel: takes on buckets 3-4; bucket 3 under way; it has 3 of 5 that are due',
    'recovering: kestrel: waits at step 41 for bucket 5; others were asked 2 times',
    'recovering: merlin: gathers step 41 from the others; 5 of 6 buckets are here',
  ]);
});
