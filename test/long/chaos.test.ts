/**
 * Real nodes under kills and broken wires end in the bits of the run without faults: the short
 * forms of `npm run bench:chaos` and of `isogloss chaos --schedule`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Schedule } from '../../sim/chaos/index.ts';
import { capsuleOf, drawTrial, formatCapsule, type Trial } from '../../sim/index.ts';
import { runCommand } from '../cli/command.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';

const KEPT = { power: false, disk: 'kept' } as const;
const EVERYBODY = { peers: [], oneWay: false };

interface Told {
  readonly ok: boolean;
  readonly violations: readonly string[];
  readonly paramsHash: string;
  readonly schedule: Schedule;
  readonly figures: {
    readonly kills: number;
    readonly restarts: number;
    readonly usedOverComputed: number | null;
    readonly steps: number;
  };
}

async function chaos(
  t: ExecutionContext,
  { steps, flags, schedule }: { steps: number; flags: string[]; schedule?: Schedule },
): Promise<Told> {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps, output: { checkpointEverySteps: 10 } });
  if (schedule) await writeFile(join(folder, 'faults.json'), JSON.stringify(schedule));
  const from = schedule ? ['--schedule', 'faults.json'] : [];
  const args = ['chaos', 'my.yaml', '--out', 'out', '--json', ...flags, ...from];
  const { exitCode, stdout, stderr } = await runCommand(t, folder, ...args);
  t.is(exitCode, 0, `${stdout}\n${stderr}`);
  const report = JSON.parse(stdout) as Told;
  t.deepEqual(report.violations, []);
  t.deepEqual(JSON.parse(await readFile(join(folder, 'out/chaos.json'), 'utf8')), report);
  t.log(JSON.stringify(report.figures));
  return report;
}

test.serial('three nodes, two kills: the same roots, losses and parameters', async (t) => {
  const flags = ['--nodes', '3', '--every', '8', '--minutes', '0.3', '--calm'];
  const { figures, schedule } = await chaos(t, { steps: 1_500, flags });
  t.is(schedule.length, 2);
  t.is(figures.kills, 2);
  t.is(figures.steps, 1_500);
  t.true(figures.usedOverComputed! > 0.9);
});

test.serial('all die but one, then that one; all go on from their disks', async (t) => {
  const crash = (nodes: string[], atMs: number, durationMs: number) =>
    ({ fault: 'crash', atMs, durationMs, nodes, args: KEPT }) as const;
  const schedule = [crash(['kestrel', 'merlin'], 4_000, 16_000), crash(['osprey'], 14_000, 6_000)];
  // So many that a fast machine is not through before the last kill.
  const { figures } = await chaos(t, { steps: 3_000, flags: ['--nodes', '3'], schedule });
  t.is(figures.kills, 3);
  t.is(figures.restarts, 3);
});

test.serial('two of three machines are lost with their disks: the third has copies', async (t) => {
  const args = { power: false, disk: 'wiped' } as const;
  const schedule: Schedule = [
    { fault: 'crash', atMs: 14_000, durationMs: 2_000, nodes: ['kestrel', 'merlin'], args },
  ];
  const { figures } = await chaos(t, { steps: 1_500, flags: ['--nodes', '3'], schedule });
  t.is(figures.kills, 2);
  // Begun anew, the run would compute a third of its steps twice.
  t.true(figures.usedOverComputed! > 0.9);
});

test.serial('pauses, partitions, resets, garbage, wiped and old disks', async (t) => {
  const args = EVERYBODY;
  const schedule: Schedule = [
    { fault: 'pause', atMs: 1_000, durationMs: 3_000, nodes: ['merlin'], args: {} },
    {
      fault: 'partition',
      atMs: 5_000,
      durationMs: 4_000,
      nodes: [],
      args: { groups: [['kestrel', 'merlin'], ['osprey']] },
    },
    { fault: 'reset', atMs: 10_000, durationMs: 0, nodes: ['osprey'], args },
    {
      fault: 'flip',
      atMs: 11_000,
      durationMs: 1_000,
      nodes: ['kestrel'],
      args: { peers: ['merlin'], oneWay: false, share: 0.05, part: 'payload' },
    },
    {
      fault: 'crash',
      atMs: 14_000,
      durationMs: 1_000,
      nodes: ['kestrel'],
      args: { power: false, disk: 'wiped' },
    },
    {
      fault: 'crash',
      atMs: 20_000,
      durationMs: 1_000,
      nodes: ['merlin'],
      args: { power: false, disk: 'older' },
    },
  ];
  const { figures } = await chaos(t, { steps: 800, flags: ['--nodes', '3'], schedule });
  t.true(figures.kills >= 1);
});

test.serial('one capsule, in the simulator and on real processes', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 600, output: { checkpointEverySteps: 10 } });
  const trial = drawTrial(21, 'recoverable');
  const schedule: Trial['schedule'] = [
    { fault: 'pause', atMs: 1_000, durationMs: 2_000, nodes: ['n1'], args: {} },
    { fault: 'crash', atMs: 5_000, durationMs: 1_000, nodes: ['n0'], args: KEPT },
  ];
  const scenario = { ...trial.scenario, nodes: ['n0', 'n1', 'n2'], redundancy: 2 };
  const capsule = capsuleOf({ ...trial, scenario, schedule }, null, null, '0.0.0');
  await writeFile(join(folder, 'capsule.json'), formatCapsule(capsule));
  const flags = ['--capsule', 'capsule.json', '--json'];
  const simulated = await runCommand(t, folder, 'sim', ...flags);
  t.is(simulated.exitCode, 0, simulated.stdout);
  t.is(JSON.parse(simulated.stdout).violation, null);
  const real = await runCommand(t, folder, 'chaos', 'my.yaml', '--out', 'out', ...flags);
  t.is(real.exitCode, 0, `${real.stdout}\n${real.stderr}`);
  const { violations, figures, nodes } = JSON.parse(real.stdout);
  t.deepEqual(violations, []);
  t.is(nodes, 3);
  t.is(figures.kills, 1);
});
