/** `isogloss chaos` from the outside: what it refuses, and that it leaves no process behind. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { capsuleOf, drawTrial, formatCapsule, type Schedule } from '../../sim/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, startCommand } from './command.ts';

const LOOK_EVERY_MS = 100;

/** Resolves with what `look` finds, as soon as it finds something. */
async function found<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const one = await look();
    if (one !== undefined) return one;
    await sleep(LOOK_EVERY_MS);
  }
}

/** The process of a node, as it tells it when the run begins. */
async function pidOf(log: string): Promise<number | undefined> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const pid = /"pid":(\d+)/.exec(text)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('its nodes end with it, even if it is killed while one is stopped', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 2_000 });
  const pause = { fault: 'pause', atMs: 1, durationMs: 3_600_000, nodes: ['merlin'], args: {} };
  await writeFile(join(folder, 'faults.json'), JSON.stringify([pause]));
  const flags = ['--nodes', '2', '--out', 'out', '--schedule', 'faults.json'];
  const running = startCommand(t, folder, 'chaos', 'my.yaml', ...flags);
  const pids = await Promise.all(
    ['kestrel', 'merlin'].map((name) =>
      found(() => pidOf(join(folder, `out/chaos/logs/${name}.jsonl`))),
    ),
  );
  await running.says(/ s {2}pause /);
  t.true(pids.every(isAlive));
  running.child.kill('SIGKILL');
  await running.ended;
  await found(() => (pids.some(isAlive) ? undefined : true));
  t.false(pids.some(isAlive));
});

test('stopped, it ends its nodes and tells what it found so far', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 2_000 });
  const schedule = [
    { fault: 'pause', atMs: 1, durationMs: 20, nodes: ['merlin'], args: {} },
    { fault: 'pause', atMs: 3_600_000, durationMs: 20, nodes: ['merlin'], args: {} },
  ];
  await writeFile(join(folder, 'faults.json'), JSON.stringify(schedule));
  const flags = ['--nodes', '2', '--out', 'out', '--schedule', 'faults.json'];
  const running = startCommand(t, folder, 'chaos', 'my.yaml', ...flags);
  await running.says(/ s {2}pause /);
  const pids = await Promise.all(
    ['kestrel', 'merlin'].map((name) =>
      found(() => pidOf(join(folder, `out/chaos/logs/${name}.jsonl`))),
    ),
  );
  // As Ctrl-C in a terminal does.
  for (const pid of [running.child.pid!, ...pids]) process.kill(pid, 'SIGINT');
  const { exitCode, stdout, stderr } = await running.ended;
  t.is(exitCode, 130, `${stdout}\n${stderr}`);
  t.regex(stdout, /^0 kills, 0 restarts of 2 nodes in \d+ steps/m);
  t.regex(stdout, /^stopped at step \d+; no violation until then$/m);
  t.false(pids.some(isAlive));
  const report = JSON.parse(await readFile(join(folder, 'out/chaos.json'), 'utf8'));
  t.like(report, { ok: true, interrupted: true, violations: [] });
  t.is(report.figures.usedOverComputed, null);
  t.deepEqual(
    report.schedule.map(({ fault }: { fault: string }) => fault),
    ['pause'],
  );
});

for (const [early, exitCode, text] of [
  [true, 0, '1 of 2 faults were not carried out: the run ended before them'],
  [false, 1, '1 of 1 faults were not carried out: the run ended before them'],
] as const) {
  test(`faults that the run ended before are told${early ? '' : '; all: exit 1'}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder, { steps: 200 });
    const pause = (atMs: number) => {
      return { fault: 'pause', atMs, durationMs: 20, nodes: ['merlin'], args: {} };
    };
    const schedule = [...(early ? [pause(1)] : []), pause(3_600_000)];
    await writeFile(join(folder, 'faults.json'), JSON.stringify(schedule));
    const flags = ['--nodes', '2', '--out', 'out', '--schedule', 'faults.json'];
    const run = await startCommand(t, folder, 'chaos', 'my.yaml', ...flags).ended;
    t.is(run.exitCode, exitCode, run.stderr);
    t.true(run.stdout.includes(`WARNING ${text}\n`), run.stdout);
    const report = JSON.parse(await readFile(join(folder, 'out/chaos.json'), 'utf8'));
    t.like(report, { ok: early, warning: text });
    t.is(run.stdout.includes('NOT OK: it shows nothing'), !early);
  });
}

function capsule(schedule: Schedule): string {
  return formatCapsule(capsuleOf({ ...drawTrial(21), schedule }, null, null, '0.0.0'));
}

const BAD: readonly { what: string; text?: string; says: RegExp }[] = [
  { what: 'that is not there', says: /^CapsuleError: faults\.json can't be read/ },
  { what: 'that is not one', text: '{}', says: /^CapsuleError: faults\.json: format: / },
  {
    what: 'with a fault that no process can suffer',
    text: capsule([
      { fault: 'clockStep', atMs: 1, durationMs: 0, nodes: ['n0'], args: { byMs: 1 } },
    ]),
    says: /^ScheduleError faults\.json: 0\.fault: clockStep is no fault of processes; there are/,
  },
  {
    what: 'with a fault of a node that there is not',
    text: capsule([{ fault: 'pause', atMs: 1, durationMs: 1, nodes: ['n77'], args: {} }]),
    says: /^CapsuleError: faults\.json: schedule\.0\.nodes: there is no node n77; there are n0/,
  },
];

for (const { what, text, says } of BAD) {
  test(`a capsule is refused ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder);
    if (text !== undefined) await writeFile(join(folder, 'faults.json'), text);
    const args = ['chaos', './my.yaml', '--capsule', './faults.json', '--out', './out'];
    const { exitCode, stderr } = await callCommand(folder, ...args);
    t.is(exitCode, 2, stderr);
    t.regex(stderr, says);
  });
}
