/**
 * `npm run zoo`: the honest proof of the simulator. Plants each bug and says how many seeds it took
 * to find it, which checker did, and to how many faults it shrank. `-- NAME …` hunts these only.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Bug, bugs } from './zoo/bugs.ts';

const HUNT = fileURLToPath(new URL('./zoo/hunt.ts', import.meta.url));
const SEEDS_MAX = 10_000;
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

async function hunt({ name }: Bug): Promise<Found> {
  const { stdout } = await run(process.execPath, [HUNT, name, String(SEEDS_MAX)]);
  return foundSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1)!));
}

function row(bug: Bug, { seed, checker, faults, shrinkMs }: Found): string {
  const cells =
    seed === null
      ? [`not in ${SEEDS_MAX}`, '', '', '']
      : [`${seed + 1}`, checker!, `${faults}`, `${(shrinkMs! / 1000).toFixed(0)} s`];
  return `| ${[bug.name, bug.what, ...cells].join(' | ')} |`;
}

function isGood({ seed, faults, shrinkMs }: Found): boolean {
  return seed !== null && faults! <= FAULTS_MAX && shrinkMs! < SHRINK_MS_MAX;
}

const asked = process.argv.slice(2);
const waiting = bugs.filter(({ name }) => asked.length === 0 || asked.includes(name));
const lines = new Map<Bug, string>();
let bad = 0;
const queue = [...waiting];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
      try {
        const found = await hunt(bug);
        if (!isGood(found)) bad++;
        lines.set(bug, row(bug, found));
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
