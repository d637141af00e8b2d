/** Checkpoints below the folders that a user names: a run's, a node's, or a checkpoint itself. */
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { checkpointName, listCheckpoints, OWN_FOLDER } from '../store/index.ts';
import { PathError } from './errors.ts';
import { RESOLVED_CONFIG, STATE_FOLDER } from './places.ts';

const CHECKPOINT_NAME = /^checkpoint-\d+$/;
const REMEDY = "Name a run's folder, a node's (state/NAME in it), or a checkpoint-N.";

/** As listParts. Throws a PathError where there is none. */
export async function findParts(path: string): Promise<string[]> {
  const found = await listParts(path);
  if (found.length === 0) throw new PathError(path, `holds no checkpoint. ${REMEDY}`);
  return found;
}

/**
 * Paths of the checkpoints, whole or torn: `path` itself; those in it; those of each node in its
 * state/; and where it is no run and has none, those of each folder in it. Throws a PathError for
 * what is no folder.
 */
export async function listParts(path: string): Promise<string[]> {
  const names = await readdir(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'there is no such folder' : `cannot be read (${cause.code})`;
    throw new PathError(path, `${why}. ${REMEDY}`);
  });
  if (names.includes(OWN_FOLDER) || CHECKPOINT_NAME.test(basename(resolve(path)))) return [path];
  const state = names.includes(STATE_FOLDER) ? await foldersIn(join(path, STATE_FOLDER)) : [];
  const found = await partsIn([path, ...state]);
  if (found.length > 0 || names.includes(RESOLVED_CONFIG)) return found;
  return await partsIn(await foldersIn(path));
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return folders.sort().map((name) => join(path, name));
}

async function partsIn(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (const step of await listCheckpoints(folder))
      found.push(join(folder, checkpointName(step)));
  }
  return found;
}
