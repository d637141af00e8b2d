/**
 * Runs the example under several seeds, each with its plain-mean baseline, and prints a Markdown
 * table of bits per byte: of the base, of both results, and what lies between them. Fails when a
 * cell is missing, never over who is better.
 *
 *     npm run -s seeds-table -- [--seeds 1,2,3] [--nodes 4] [--config examples/udhr.yaml]
 *       [--runs runs/seeds] [--set KEY=VALUE …] [--readme]
 *
 * A seed whose report lies in the folder `runs` already is not run again. --readme writes the table
 * into README.md too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Report, reportSchema } from '../node/cli/output/index.ts';
import { writeFileAtomic } from '../node/files/index.ts';
import { withTable } from './seeds-table/readme.ts';
import { SeedsTableError, seedsTable } from './seeds-table/table.ts';
import { orUsage } from './usage.ts';

const ROOT = join(import.meta.dirname, '..');
const REPORT_FILE = 'report.json';

/** The report in a run's folder; undefined if there is none. */
async function readReport(folder: string): Promise<Report | undefined> {
  const path = join(folder, REPORT_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = reportSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SeedsTableError(`${path}: ${issue?.path.join('.')}: ${issue?.message}.`);
}

/** Runs one seed; its progress goes to standard error, its JSON lines nowhere. */
async function runSeed(folder: string, args: readonly string[]): Promise<Report> {
  const command = [join(ROOT, 'node/cli/bin.ts'), 'local', ...args, '--out', folder, '--json'];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) {
    throw new SeedsTableError(
      `isogloss ${command.slice(1).join(' ')} ended with ${code ?? signal}.`,
    );
  }
  const report = await readReport(folder);
  if (report === undefined) throw new SeedsTableError(`${folder} holds no ${REPORT_FILE}.`);
  return report;
}

function parseSeeds(text: string): number[] {
  const seeds = text.split(',').map(Number);
  if (seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) return seeds;
  throw new SeedsTableError(`--seeds ${text}: expected whole numbers such as 1,2,3.`);
}

async function main(): Promise<void> {
  const values = orUsage(import.meta.filename, () => {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '1,2,3' },
        nodes: { type: 'string', default: '4' },
        config: { type: 'string', default: join(ROOT, 'examples/udhr.yaml') },
        runs: { type: 'string', default: join(ROOT, 'runs/seeds') },
        set: { type: 'string', multiple: true, default: [] },
        readme: { type: 'boolean', default: false },
      },
    });
    return { ...values, seeds: parseSeeds(values.seeds) };
  });
  const { config, nodes, runs } = values;
  const overrides = values.set.flatMap((one) => ['--set', one]);
  const reports: Report[] = [];
  for (const seed of values.seeds) {
    const folder = join(runs, `seed-${seed}`);
    const flags = ['--baseline', 'mean', '--seed', String(seed), '--nodes', nodes, ...overrides];
    reports.push((await readReport(folder)) ?? (await runSeed(folder, [config, ...flags])));
  }
  const table = seedsTable(reports);
  console.log(table);
  if (!values.readme) return;
  const path = join(ROOT, 'README.md');
  await writeFileAtomic(path, withTable(await readFile(path, 'utf8'), table));
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    if (!(error instanceof SeedsTableError)) throw error;
    console.error(`${error.name}: ${error.message}`);
    process.exitCode = 1;
  });
}
