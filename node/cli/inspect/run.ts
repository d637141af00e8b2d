/** What a run's folder holds, and whether its parts belong together. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IsoglossError } from '../../../protocol/index.ts';
import { checkpointName, listCheckpoints } from '../../store/index.ts';
import { RunFolderError } from '../errors.ts';
import { type FinalReport, reportSchema } from '../output/index.ts';
import { BASELINE_FOLDER, MODEL_FOLDER, REPORT_FILE, STATE_FOLDER } from '../places.ts';
import { type CheckpointInspection, inspectCheckpoint } from './checkpoint.ts';
import { type FileSize, inspectModel, listFiles, type ModelInspection } from './model.ts';

export interface RunInspection {
  readonly kind: 'run';
  readonly path: string;
  /** Null until the run is over. */
  readonly report: FinalReport | null;
  readonly model: ModelInspection | null;
  /** Oldest first; damaged ones are among the problems instead. */
  readonly checkpoints: readonly CheckpointInspection[];
  /** What nodes keep for themselves, node by node, oldest first. */
  readonly parts: readonly CheckpointInspection[];
  /** The same run with plain averaging. */
  readonly baseline: RunInspection | null;
  /** Right in the folder. */
  readonly files: readonly FileSize[];
}

interface InspectedRun {
  readonly inspection: RunInspection;
  readonly problems: readonly IsoglossError[];
}

/** Looks at everything; what is wrong with one part keeps none of the others from being told. */
export async function inspectRun(path: string): Promise<InspectedRun> {
  const problems: IsoglossError[] = [];
  /** What `look` finds, or null and one problem more. */
  const attempt = async <T>(look: () => Promise<T>): Promise<T | null> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      problems.push(error);
      return null;
    }
  };
  const all = async (folder: string) => {
    const found: CheckpointInspection[] = [];
    for (const step of (await listCheckpoints(folder)).reverse()) {
      const one = await attempt(() => inspectCheckpoint(join(folder, checkpointName(step))));
      if (one) found.push(one);
    }
    return found;
  };
  const names = await readdir(path);
  const state = names.includes(STATE_FOLDER) ? join(path, STATE_FOLDER) : undefined;
  const parts: CheckpointInspection[] = [];
  for (const name of state === undefined ? [] : (await readdir(state)).sort()) {
    parts.push(...(await all(join(state!, name))));
  }
  const baseline = names.includes(BASELINE_FOLDER)
    ? await inspectRun(join(path, BASELINE_FOLDER))
    : null;
  const inspection: RunInspection = {
    kind: 'run',
    path,
    report: await attempt(() => readReport(path, names)),
    model: names.includes(MODEL_FOLDER)
      ? await attempt(() => inspectModel(join(path, MODEL_FOLDER)))
      : null,
    checkpoints: await all(path),
    parts,
    baseline: baseline?.inspection ?? null,
    files: await listFiles(path),
  };
  problems.push(...contradictions(inspection), ...(baseline?.problems ?? []));
  return { inspection, problems };
}

async function readReport(path: string, names: readonly string[]): Promise<FinalReport | null> {
  if (!names.includes(REPORT_FILE)) return null;
  const file = join(path, REPORT_FILE);
  const text = await readFile(file, 'utf8');
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch (cause) {
    const problem =
      'is not a report of this version of isogloss: damaged, or another version wrote it';
    throw new RunFolderError(file, `${problem}.`, { cause });
  }
}

/** Where parts of the folder are of different runs, classes or parameters. */
function contradictions({ path, report, model, checkpoints, parts }: RunInspection) {
  const found: RunFolderError[] = [];
  const say = (problem: string) =>
    found.push(new RunFolderError(path, `${problem}. The folder mixes runs, or was changed.`));
  const [first] = checkpoints;
  const whole = report ?? first ?? parts[0];
  const origin = report ? REPORT_FILE : basename((first ?? parts[0])?.path ?? '');
  for (const one of [...checkpoints, ...parts]) {
    for (const key of ['runId', 'numericsClass'] as const) {
      if (whole === undefined || one[key] === whole[key]) continue;
      say(`${one.path} has the ${key} ${one[key]}, but ${origin} ${whole[key]}`);
    }
  }
  if (report && model && report.paramsHash !== model.paramsHash) {
    say(`${MODEL_FOLDER}/ is ${model.paramsHash}, but ${REPORT_FILE} says ${report.paramsHash}`);
  }
  const last = checkpoints.find(({ step }) => step === report?.steps);
  if (report && last && last.paramsHash !== report.paramsHash) {
    const name = basename(last.path);
    say(`${name} is ${last.paramsHash}, but ${REPORT_FILE} says ${report.paramsHash}`);
  }
  return found;
}
