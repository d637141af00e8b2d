/**
 * What lies at a path that the user names: a model, a checkpoint or a run's folder; and where the
 * config of a run is found from inside it.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OWN_FOLDER } from '../store/index.ts';
import { PathError } from './errors.ts';

export const MODEL_FOLDER = 'model';
export const RESOLVED_CONFIG = 'config.resolved.yaml';
export const REPORT_FILE = 'report.json';
/** In a run's folder: a row a step, as the node that writes there saw it. */
export const METRICS_FILE = 'metrics.jsonl';
/** A run's folder: here each node keeps what it writes, until it is assembled. */
export const STATE_FOLDER = 'state';
/** In a node's folder there: its key pair, by which the others know it again. */
export const IDENTITY_FILE = 'identity.key';
/** In a run's folder: the same run with plain averaging. */
export const BASELINE_FOLDER = 'baseline-mean';

/** What a folder is taken for, by the names in it; what it should hold is not looked at. */
export type PlaceKind = 'model' | 'checkpoint' | 'run';

const MODEL_CONFIG = 'config.json';
const CHECKPOINT_NAME = /^checkpoint-\d+$/;
const RUN_NAMES: readonly string[] = [MODEL_FOLDER, RESOLVED_CONFIG, REPORT_FILE, STATE_FOLDER];

/** From a node's own checkpoint (run/state/NAME/checkpoint-N) up to the run's folder. */
const LEVELS_MAX = 4;

/**
 * A checkpoint is told by our folder in it, or, if it was torn, by its name. Throws a PathError
 * where there is no folder, or one that holds nothing of ours.
 */
export async function placeKind(path: string): Promise<PlaceKind> {
  const names = await readdir(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT'
        ? 'there is no such folder'
        : cause.code === 'ENOTDIR'
          ? 'is a file, expected a folder'
          : `cannot be read (${cause.code})`;
    throw new PathError(path, `${why}. Name a model folder, a checkpoint or a run's folder.`);
  });
  if (names.includes(OWN_FOLDER)) return 'checkpoint';
  if (names.includes(MODEL_CONFIG)) return 'model';
  if (CHECKPOINT_NAME.test(basename(resolve(path)))) return 'checkpoint';
  if (names.some((name) => RUN_NAMES.includes(name) || CHECKPOINT_NAME.test(name))) return 'run';
  const problem = `holds no model (${MODEL_CONFIG}), no checkpoint and no run`;
  throw new PathError(path, `${problem}. Name a folder that does.`);
}

/** The resolved config of the run that `path` is, or lies in; undefined where there is none. */
export async function findResolvedConfig(path: string): Promise<string | undefined> {
  let folder = path;
  for (let level = 0; level < LEVELS_MAX; level++) {
    const candidate = join(folder, RESOLVED_CONFIG);
    const status = await stat(candidate).catch(() => undefined);
    if (status?.isFile()) return candidate;
    folder = resolve(folder) === resolve(folder, '..') ? folder : parentOf(folder);
  }
  return undefined;
}

/** The folder above, told as the user would: `runs/1` of `runs/1/model`, `..` of `.`. */
function parentOf(folder: string): string {
  const name = basename(folder);
  return name === '' || name === '.' || name === '..' ? join(folder, '..') : dirname(folder);
}
