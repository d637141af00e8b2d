/**
 * `npm run bench:memory`: whether the memory of real nodes stays flat over a long run with churn. A
 * tiny model on four nodes, two of which are killed and started again by turns; of the other two
 * the resident memory is read twice a second from /proc (Linux). `--steps` and `--every` (seconds
 * between kills) make it another one; for about the first thousand steps the collector lets the
 * heap grow to a size that suits it. Exits with 1 where memory grew, or a node was wrong.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Fault, faultText } from '../sim/index.ts';
import { writeTinyRun } from '../test/helpers/tiny-run.ts';
import { MAIN } from './bench/example.ts';
import { growth, type Sample } from './bench-memory/growth.ts';
import { aboveZero, orUsage } from './usage.ts';

/** Names that chaos gives. The last two die and come back. */
const STAYING = ['kestrel', 'merlin'];
const CHURNING = ['osprey', 'hobby'];
const DOWN_MS = 2_000;
/** More than any run of this size lasts. */
const KILLS = 200;
const LOOK_EVERY_MS = 500;
/** Of the last quarter over those before. */
const GROWTH_MAX = 0.05;
const PAGE_BYTES = 4096;

const { steps, everyMs } = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      steps: { type: 'string', default: '5000' },
      every: { type: 'string', default: '6' },
    },
  });
  const everyMs = 1000 * aboveZero('every', values.every, 'any');
  if (everyMs <= DOWN_MS) throw new Error(`--every ${values.every}: expected more than 2 s`);
  return { steps: aboveZero('steps', values.steps), everyMs };
});
const schedule: Fault[] = Array.from({ length: KILLS }, (_, i) => ({
  fault: 'crash',
  atMs: (i + 1) * everyMs,
  durationMs: DOWN_MS,
  nodes: [CHURNING[i % CHURNING.length]!],
  args: { power: false, disk: 'kept' },
}));

const folder = await mkdtemp(join(tmpdir(), 'isogloss-memory-'));
await writeTinyRun(folder, { steps: steps, output: { checkpointEverySteps: 20 } });
await writeFile(join(folder, 'faults.json'), JSON.stringify(schedule));
console.log(`${steps} steps of 4 nodes; every ${everyMs / 1000} s: ${faultText(schedule[0]!)}`);
const args = ['chaos', 'my.yaml', '--nodes', '4', '--schedule', 'faults.json', '--out', 'out'];
const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let stdout = '';
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  stdout += text;
});
const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
const samples = new Map<string, Sample[]>(STAYING.map((name) => [name, []]));
const looking = setInterval(() => void Promise.all(STAYING.map(look)), LOOK_EVERY_MS);
const exitCode = await ended;
clearInterval(looking);

let isFlat = true;
for (const [name, seen] of samples) {
  const found = growth(seen);
  if (found === null) {
    isFlat = false;
    console.log(`${name}: too few samples (${seen.length})`);
    continue;
  }
  const { atMb, mbPer100Steps, share, steps } = found;
  if (share > GROWTH_MAX) isFlat = false;
  const quarters = atMb.map((mb) => mb.toFixed(0)).join(', ');
  console.log(
    `${name}: ${quarters} MB in the quarters of steps ${steps.join('..')}; ` +
      `slope of the last three ${mbPer100Steps.toFixed(3)} MB in 100 steps, ` +
      `${(100 * share).toFixed(1)} % more in the last than before ` +
      `(≤ ${100 * GROWTH_MAX} %) ${share > GROWTH_MAX ? 'MISSED' : 'reached'}`,
  );
}
const { figures, violations } = JSON.parse(stdout === '' ? '{}' : stdout);
console.log(
  `${figures?.kills ?? 'unknown'} kills; violations: ${violations?.join('; ') || 'none'}`,
);
await rm(folder, { recursive: true, force: true });
process.exit(isFlat && exitCode === 0 ? 0 : 1);

/** What a node says, and what the system says of it. */
async function look(name: string): Promise<void> {
  const text = await readFile(join(folder, 'out', 'chaos', 'logs', `${name}.jsonl`), 'utf8').catch(
    () => '',
  );
  const pid = /"pid":(\d+)/.exec(text)?.[1];
  const step = [...text.slice(-20_000).matchAll(/"type":"step"[^\n]*?"step":(\d+)/g)].at(-1)?.[1];
  if (pid === undefined || step === undefined) return;
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  const pages = Number(statm.split(' ')[1]);
  if (pages > 0) samples.get(name)!.push({ step: Number(step), bytes: pages * PAGE_BYTES });
}
