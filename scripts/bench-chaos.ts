/**
 * `npm run bench:chaos`: real nodes of the shipped example, one killed every 15 s and restarted,
 * for 10 minutes, against the same run without kills. `--minutes`, `--nodes`, `--every`, `--config`
 * and `--set` make it another one. Ends with 1 where a node was wrong, or where more units were
 * computed than the goal allows: both say MISSED.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXAMPLE, MAIN, median, timeLocal } from './bench/example.ts';
import { aboveZero, orUsage } from './usage.ts';

const {
  minutes,
  nodes,
  every,
  seed,
  config,
  set: sets,
} = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      nodes: { type: 'string', default: '6' },
      every: { type: 'string', default: '15' },
      seed: { type: 'string', default: '1' },
      config: { type: 'string', default: EXAMPLE },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  for (const flag of ['minutes', 'every'] as const) aboveZero(flag, values[flag], 'any');
  aboveZero('nodes', values.nodes);
  return values;
});

/** For the pace, from which the number of steps follows. */
const PILOT_STEPS = 12;
const USED_OVER_COMPUTED_MIN = 0.97;

console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores to use`);
const pilot = await timeLocal(sets, { nodes: Number(nodes), steps: PILOT_STEPS, config });
const steps = Math.max(PILOT_STEPS, Math.ceil((60_000 * Number(minutes)) / median(pilot.stepMs)));
console.log(`${nodes} nodes, ${steps} steps of about ${median(pilot.stepMs).toFixed(0)} ms`);

const folder = await mkdtemp(join(tmpdir(), 'isogloss-chaos-'));
const args = [
  ...['chaos', config, '--nodes', nodes, '--every', every, '--minutes', minutes],
  ...['--seed', seed, '--steps', String(steps), '--calm', '--out', join(folder, 'out'), '--json'],
  ...sets.flatMap((text) => ['--set', text]),
];
const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
let stdout = '';
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  stdout += text;
});
const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
if (stdout === '') {
  console.log(`isogloss chaos ended with ${exitCode} and no report; its logs: ${folder}`);
  process.exit(1);
}
const report = JSON.parse(stdout);
const { figures, calmStepsPerSecond, violations } = report;
const { detectionMs, recoveryMs, catchUpMs, usedOverComputed } = figures;
const quantiles = ({ count, p50, p99 }: { count: number; p50: number; p99: number }) =>
  count === 0 ? 'no sample' : `p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms of ${count}`;
const isThrifty = (usedOverComputed ?? 0) >= USED_OVER_COMPUTED_MIN;
const rows: [string, string][] = [
  ['kills, restarts, rewinds', `${figures.kills}, ${figures.restarts}, ${figures.rewinds}`],
  ['parameters as without faults, every root too', report.ok ? 'reached' : 'MISSED'],
  ['detection', quantiles(detectionMs)],
  ['recovery', quantiles(recoveryMs)],
  ['catching up after a restart', quantiles(catchUpMs)],
  [
    `units used over computed (≥ ${USED_OVER_COMPUTED_MIN})`,
    `${usedOverComputed?.toFixed(4) ?? '–'} ` + (isThrifty ? 'reached' : 'MISSED'),
  ],
  ['steps/s under kills', figures.stepsPerSecond.toFixed(3)],
  ['steps/s without', calmStepsPerSecond.toFixed(3)],
  ['of the pace', (figures.stepsPerSecond / calmStepsPerSecond).toFixed(3)],
];
for (const [what, figure] of rows) console.log(`${what.padEnd(46)}  ${figure}`);
for (const text of violations) console.log(`VIOLATION ${text}`);
if (report.ok) await rm(folder, { recursive: true, force: true });
else console.log(`logs: ${folder}`);
process.exit(report.ok && isThrifty ? 0 : 1);
