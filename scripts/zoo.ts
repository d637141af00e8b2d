/**
 * `npm run zoo`: the honest proof of the simulator. Plants each bug and says how many seeds it took
 * to find it, which checker did, and to how many faults it shrank. A seed that breaks a promise
 * without the bug does not count. Times are of one core, whatever else the machine does. Exits with
 * 1 where a bug was not found, or not made small.
 *
 *     npm run -s zoo -- [--seeds 10000] [--threads 2] [NAME …]
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { drawTrial, runTrial } from '../sim/index.ts';
import { aboveZero, orUsage } from './usage.ts';
import { type Bug, bugs } from './zoo/bugs.ts';

const HUNT = fileURLToPath(new URL('./zoo/hunt.ts', import.meta.url));
const SEEDS = 10_000;
const FAULTS_MAX = 3;
const SHRINK_MS_MAX = 60_000;
/** Seeds that are shrunk until one has few enough faults left. */
const TRIES_MAX = 4;

const foundSchema = z.object({
  name: z.string(),
  seed: z.number().nullable(),
  checker: z.string().optional(),
  text: z.string().optional(),
  faults: z.number().optional(),
  shrinkMs: z.number().optional(),
});
type Found = z.infer<typeof foundSchema>;

const run = promisify(execFile);

async function hunt({ name }: Bug, from: number, to: number, ...then: 'shrink'[]): Promise<Found> {
  const { stdout } = await run(process.execPath, [HUNT, name, `${from}`, `${to}`, ...then]);
  return foundSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1)!));
}

/** What is known of a bug: the first seed that breaks a promise by it, and the best one shrunk. */
interface Finding {
  readonly first: Found;
  readonly best: Found;
}

/** Seeds that break a promise with the bug and none without it, until one shrinks well. */
async function find(bug: Bug, seeds: number): Promise<Finding | null> {
  let finding = null as Finding | null;
  for (let from = 0, tries = 0; from < seeds && tries < TRIES_MAX; ) {
    const found = await hunt(bug, from, seeds - 1);
    if (found.seed === null) break;
    from = found.seed + 1;
    const { violation } = await runTrial(drawTrial(found.seed));
    if (violation !== null) continue;
    tries++;
    const shrunk = await hunt(bug, found.seed, found.seed, 'shrink');
    const isBetter: boolean = finding === null || shrunk.faults! < finding.best.faults!;
    finding = { first: finding?.first ?? found, best: isBetter ? shrunk : finding!.best };
    if (isGood(finding)) break;
  }
  return finding;
}

function row(bug: Bug, finding: Finding | null, seeds: number): string {
  const cells = finding === null ? [`not in ${seeds}`, '', '', ''] : cellsOf(finding);
  return `| ${[bug.name, bug.what, ...cells].join(' | ')} |`;
}

function cellsOf({ first, best }: Finding): string[] {
  const from = best.seed === first.seed ? '' : ` (seed ${best.seed})`;
  const shrunk = `${(best.shrinkMs! / 1000).toFixed(1)} s`;
  return [`${first.seed! + 1}`, first.checker!, `${best.faults}${from}`, shrunk];
}

function isGood(finding: Finding | null): boolean {
  if (finding === null) return false;
  const { faults, shrinkMs } = finding.best;
  return faults! <= FAULTS_MAX && shrinkMs! < SHRINK_MS_MAX;
}

const { seeds, threads, chosen } = orUsage(import.meta.filename, () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: String(SEEDS) },
      threads: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const unknown = positionals.filter((name) => !bugs.some((bug) => bug.name === name));
  if (unknown.length > 0) {
    const names = bugs.map(({ name }) => name).join(', ');
    throw new Error(`no such bug: ${unknown.join(', ')}; there are ${names}`);
  }
  return {
    seeds: aboveZero('seeds', values.seeds),
    threads: aboveZero('threads', values.threads),
    chosen: bugs.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
  };
});
const lines = new Map<Bug, string>();
let bad = 0;
const queue = [...chosen];
await Promise.all(
  Array.from({ length: threads }, async () => {
    for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
      try {
        const found = await find(bug, seeds);
        if (!isGood(found)) bad++;
        lines.set(bug, row(bug, found, seeds));
      } catch (error) {
        bad++;
        const text = String((error as { stderr?: string }).stderr ?? error);
        const line = text.split('\n').find((one) => one.includes('Error')) ?? text;
        lines.set(bug, `| ${bug.name} | ${bug.what} | ${line} | | | |`);
      }
      process.stderr.write(`${lines.get(bug)}\n`);
    }
  }),
);
process.stdout.write('| bug | what is wrong | seeds | checker | faults | shrunk in |\n');
process.stdout.write('|---|---|---|---|---|---|\n');
for (const bug of chosen) process.stdout.write(`${lines.get(bug)}\n`);
process.exitCode = bad > 0 ? 1 : 0;
