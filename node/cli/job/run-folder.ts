/**
 * A run's folder: which one it is, and the files in it that are written as the run goes.
 * Checkpoints and models in it are written by node/store.
 */
import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { removeTemporaries, writeFileAtomic } from '../../files/index.ts';
import { type LoadedConfig, resolvedYaml } from '../config/index.ts';
import { PathError } from '../errors.ts';
import { type Elapsed, metricsRow, type Report, type StepReport } from '../output/index.ts';
import { REPORT_FILE, RESOLVED_CONFIG } from '../places.ts';
import { parseRow, Tally } from './tally.ts';

const RUNS_FOLDER = 'runs';
/** So many runs beside each other are somebody's mistake. */
const RUNS_MAX = 1_000_000;
export const METRICS_FILE = 'metrics.jsonl';

/**
 * The folder that a run writes to, made if need be; absolute. `resume`: the folder of a run that
 * goes on. Throws a PathError for one that is not empty, or that is no folder.
 */
export async function chooseRunFolder(
  { config, folder }: LoadedConfig,
  resume: string | boolean,
): Promise<string> {
  const named = config.output.folder;
  if (named !== undefined) return await claimNamed(resolve(folder, named), resume !== false);
  if (typeof resume === 'string') return dirname(resolve(resume));
  return resume ? await newestRun() : await claimNext();
}

async function claimNamed(path: string, resumes: boolean): Promise<string> {
  const shown = relative('.', path) || '.';
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === false) {
    throw new PathError(shown, 'is a file, expected a folder for the results. Name another --out.');
  }
  if (status === undefined && resumes) {
    throw new PathError(
      shown,
      'there is no run to go on with. Leave --resume out, or correct --out.',
    );
  }
  await mkdir(path, { recursive: true });
  const names = await readdir(path);
  if (names.length > 0 && !resumes) {
    const remedy = 'Name another --out, or go on with what is there: --resume.';
    throw new PathError(shown, `is not empty. ${remedy}`);
  }
  return path;
}

async function claimNext(): Promise<string> {
  await mkdir(RUNS_FOLDER, { recursive: true });
  const next = 1 + Math.max(0, ...(await numberedRuns()));
  for (let number = next; number < RUNS_MAX; number++) {
    const path = resolve(RUNS_FOLDER, String(number));
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new PathError(RUNS_FOLDER, `holds ${RUNS_MAX} runs. Remove some, or name an --out.`);
}

/** The newest run of those that are numbered. Throws a PathError where there is none. */
export async function newestRun(): Promise<string> {
  const numbers = await numberedRuns();
  if (numbers.length === 0) {
    throw new PathError(RUNS_FOLDER, 'there is no run. Name its folder.');
  }
  return resolve(RUNS_FOLDER, String(Math.max(...numbers)));
}

async function numberedRuns(): Promise<number[]> {
  const names = await readdir(RUNS_FOLDER).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The files of one run that grow with it. */
export class RunFolder {
  readonly path: string;
  readonly tally = new Tally();

  constructor(path: string) {
    this.path = path;
  }

  /** Writes the resolved config, and keeps the rows up to `firstStep` of an earlier start. */
  async begin(loaded: LoadedConfig, firstStep: number): Promise<void> {
    // What a killed run was writing is never written again if this one begins at a later step.
    await removeTemporaries(this.path);
    await mkdir(this.path, { recursive: true });
    await writeFileAtomic(join(this.path, RESOLVED_CONFIG), resolvedYaml(loaded, this.path));
    const kept: string[] = [];
    const text = await readFile(this.#metrics, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      const row = parseRow(line);
      if (row === undefined || row.current_steps > firstStep) continue;
      this.tally.add(row);
      kept.push(`${line}\n`);
    }
    await writeFileAtomic(this.#metrics, kept.join(''));
  }

  /** Adds a row to metrics.jsonl and to the tally. */
  async addStep(report: StepReport, elapsed: Omit<Elapsed, 'totalTokens'>): Promise<void> {
    const { stalled, gapRelativeMax, residualBucket, residualGlobal } = report;
    this.tally.add({
      current_steps: report.step,
      languageTokens: { ...report.languageTokens },
      conflicts: { ...report.conflicts, pairs: [...report.conflicts.pairs] },
      certificates: { stalled, gapRelativeMax, residualBucket, residualGlobal },
    });
    const row = metricsRow(report, { ...elapsed, totalTokens: this.tally.totalTokens });
    const file = await open(this.#metrics, 'a');
    try {
      await file.write(`${JSON.stringify(row)}\n`);
    } finally {
      await file.close();
    }
  }

  async writeReport(report: Report): Promise<void> {
    await writeFileAtomic(join(this.path, REPORT_FILE), `${JSON.stringify(report, null, 2)}\n`);
  }

  get #metrics(): string {
    return join(this.path, METRICS_FILE);
  }
}
