/**
 * `npm run zoo`: the honest proof of the simulator. Plants each bug and says how many seeds it took
 * to find it, which checker did, and to how many faults it shrank. A seed that breaks a promise
 * without the bug does not count. Exits with 1 where a bug was not found, or not made small.
 *
 *     npm run -s zoo -- [--seeds 10000] [--threads 2] [NAME …]
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { drawTrial, runTrial } from '../sim/index.ts';
import { type Bug, bugs } from './zoo/bugs.ts';

const HUNT = fileURLToPath(new URL('./zoo/hunt.ts', import.meta.url));
const SEEDS = 10_000;
const FAULTS_MAX = 3;
const SHRINK_MS_MAX = 60_000;

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

/** The first seed that breaks a promise with the bug, and none without it; shrunk. */
async function find(bug: Bug, seeds: number): Promise<Found> {
  for (let from = 0; from < seeds; ) {
    const found = await hunt(bug, from, seeds - 1);
    if (found.seed === null) return found;
    const { violation } = await runTrial(drawTrial(found.seed));
    if (violation === null) return await hunt(bug, found.seed, found.seed, 'shrink');
    from = found.seed + 1;
  }
  return { name: bug.name, seed: null };
}

function row(bug: Bug, { seed, checker, faults, shrinkMs }: Found, seeds: number): string {
  const cells =
    seed === null
      ? [`not in ${seeds}`, '', '', '']
      : [`${seed + 1}`, checker!, `${faults}`, `${(shrinkMs! / 1000).toFixed(1)} s`];
  return `| ${[bug.name, bug.what, ...cells].join(' | ')} |`;
}

function isGood({ seed, faults, shrinkMs }: Found): boolean {
  return seed !== null && faults! <= FAULTS_MAX && shrinkMs! < SHRINK_MS_MAX;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: String(SEEDS) },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const seeds = Number(values.seeds);
const waiting = bugs.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const unknown = positionals.filter((name) => !bugs.some((bug) => bug.name === name));
if (unknown.length > 0 || !(seeds > 0)) {
  throw new Error(`no such bug: ${unknown.join(', ')}, or no seeds: ${values.seeds}`);
}
const lines = new Map<Bug, string>();
let bad = 0;
const queue = [...waiting];
await Promise.all(
  Array.from({ length: Number(values.threads) }, async () => {
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
for (const bug of waiting) process.stdout.write(`${lines.get(bug)}\n`);
process.exitCode = bad > 0 ? 1 : 0;
