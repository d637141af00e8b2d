/**
 * Files and folders that are there as a whole or not at all: written under a temporary name beside
 * the target, synced, renamed. One process at a time writes in a folder; what a killed one left
 * under a temporary name is removed by the next write of the same name, or by removeTemporaries.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TargetExistsError } from './errors.ts';

const TEMPORARY_SUFFIX = '.partial';

/**
 * The name under which `path` is written; hidden, and no folder listing takes it for the target.
 */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}${TEMPORARY_SUFFIX}`);
}

/** Whether a name in a folder is one that temporaryName makes. */
function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith(TEMPORARY_SUFFIX);
}

/** Writes a file; it replaces one of the same name. Durable when the promise resolves. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  await writeFileSynced(temporary, content);
  await rename(temporary, path);
  await syncEntry(dirname(path));
}

/**
 * Writes a file under its own name and syncs it: for use within a folder that is itself temporary.
 */
export async function writeFileSynced(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes the folder `target` of what `fill` puts into the temporary folder that it is given. Durable
 * when the promise resolves; if `fill` fails nothing is left. Throws a TargetExistsError if
 * `target` exists, unless it is an empty folder.
 */
export async function writeFolderAtomic(
  target: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  await assertFree(target);
  const temporary = temporaryName(target);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await syncTree(temporary);
    await renameFolder(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncEntry(dirname(target));
}

async function assertFree(target: string): Promise<void> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new TargetExistsError(target, { cause: error });
  });
  if (names.length > 0) throw new TargetExistsError(target);
}

async function renameFolder(temporary: string, target: string): Promise<void> {
  await rename(temporary, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    throw new TargetExistsError(target, { cause: error });
  });
}

/**
 * Renames a folder to NAME.aside, or NAME.aside-2 and so on where that is taken, and gives the new
 * path; it is durable when the promise resolves.
 */
export async function setAside(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const target = `${path}.aside${number === 1 ? '' : `-${number}`}`;
    try {
      await rename(path, target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') continue;
      throw error;
    }
    await syncEntry(dirname(path));
    return target;
  }
}

/** Removes what killed writers left in `folder`; gives the names. */
export async function removeTemporaries(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(ignoreMissing)).filter(isTemporary).sort();
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
  return names;
}

/**
 * Removes a folder so that it is gone as a whole: it loses its name first, so that a kill leaves no
 * half of it under that name.
 */
export async function removeFolderAtomic(path: string): Promise<void> {
  const temporary = temporaryName(path);
  await rm(temporary, { recursive: true, force: true });
  await rename(path, temporary);
  await rm(temporary, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Syncs every file and folder under `path`, and itself last. */
async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await syncTree(child);
    else await syncEntry(child);
  }
  await syncEntry(path);
}

/** Syncs a file, or a folder's list of names. */
async function syncEntry(path: string): Promise<void> {
  // Windows has no handles of folders; its file system logs renames itself.
  if (process.platform === 'win32' && (await stat(path)).isDirectory()) return;
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
