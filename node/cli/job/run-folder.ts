/**
 * A run's folder: which one it is, and the files in it that are written as the run goes.
 * Checkpoints and models in it are written by node/store.
 */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { removeTemporaries, writeFileAtomic } from '../../files/index.ts';
import { type LoadedConfig, resolvedYaml } from '../config/index.ts';
import { PathError } from '../errors.ts';
import { type Elapsed, metricsRow, type Report, type StepReport } from '../output/index.ts';
import { METRICS_FILE, REPORT_FILE, RESOLVED_CONFIG } from '../places.ts';
import { MetricsFile } from './metrics-file.ts';
import type { Tally } from './tally.ts';

const RUNS_FOLDER = 'runs';
/** So many runs beside each other are somebody's mistake. */
const RUNS_MAX = 1_000_000;

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
  readonly #metrics: MetricsFile;
  #runId = '';

  constructor(path: string) {
    this.path = path;
    this.#metrics = new MetricsFile(join(path, METRICS_FILE));
  }

  /** Sums over all steps that are recorded. */
  get tally(): Tally {
    return this.#metrics.tally;
  }

  /** Writes the resolved config, and keeps the rows that earlier starts of this run have left. */
  async begin(loaded: LoadedConfig, runId: string, firstStep: number): Promise<void> {
    this.#runId = runId;
    // What a killed run was writing is never written again if this one begins at a later step.
    await removeTemporaries(this.path);
    await mkdir(this.path, { recursive: true });
    await writeFileAtomic(join(this.path, RESOLVED_CONFIG), resolvedYaml(loaded, this.path));
    await this.#metrics.begin(runId, firstStep);
  }

  /** Adds a row to metrics.jsonl and to the tally. */
  async addStep(report: StepReport, elapsed: Omit<Elapsed, 'totalTokens'>): Promise<void> {
    const { stalled, unsolved, harmed, gapRelativeMax, ...residuals } = report;
    const { residualBucket, residualGlobal } = residuals;
    const tallied = {
      current_steps: report.step,
      root: report.root,
      languageTokens: { ...report.languageTokens },
      conflicts: { ...report.conflicts, pairs: [...report.conflicts.pairs] },
      certificates: {
        ...{ stalled, unsolved, harmed, gapRelativeMax },
        ...{ residualBucket, residualGlobal },
      },
    };
    await this.#metrics.add(tallied, (totalTokens) => {
      return { ...metricsRow(report, { ...elapsed, totalTokens }), runId: this.#runId };
    });
  }

  async writeReport(report: Report): Promise<void> {
    await writeFileAtomic(join(this.path, REPORT_FILE), `${JSON.stringify(report, null, 2)}\n`);
  }
}
