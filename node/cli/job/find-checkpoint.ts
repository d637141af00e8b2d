/** Where a run goes on: the checkpoint that was named, or the newest that its folder holds. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { IsoglossError } from '../../../protocol/index.ts';
import { setAside } from '../../files/index.ts';
import { type ModelFiles, modelFolderFiles } from '../../model/index.ts';
import {
  assembleCheckpoint,
  assertResumable,
  type Checkpoint,
  checkpointName,
  newestCheckpoint,
  newestCompleteStep,
  openCheckpoint,
  pruneCheckpoints,
  setNewerAside,
} from '../../store/index.ts';
import { STATE_FOLDER } from '../places.ts';
import type { Job } from './open-job.ts';

/** Told to the user in between. */
type Note = (text: string) => void;

/**
 * The newest checkpoint of a run's folder: an assembled one, or one that the nodes' own folders
 * make a whole of, which is then assembled. Damaged ones are named and passed over. Undefined
 * where there is none. Throws a ResumeMismatchError where it is of another run.
 */
export async function newestOfRun(
  job: Job,
  numericsClass: string,
  folder: string,
  note: Note,
): Promise<Checkpoint | undefined> {
  const { checkpoint, refused } = await newestCheckpoint(folder);
  for (const error of refused) note(`${error.name} ${error.message} An older one is taken.`);
  const parts = await newestCompleteStep(await stateFolders(folder));
  let newest = checkpoint;
  if (parts !== undefined && parts.step > (checkpoint?.manifest.step ?? -1)) {
    newest = (await assembled(job, folder, parts, note)) ?? checkpoint;
  }
  if (newest !== undefined) assertResumable(newest, job.manifest, numericsClass);
  return newest;
}

/**
 * A checkpoint that the user named. What is newer in `folders` is no longer of the run, and is set
 * aside. Throws the errors of node/store.
 */
export async function namedCheckpoint(
  job: Job,
  numericsClass: string,
  path: string,
  folders: readonly string[],
  note: Note,
): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(path);
  assertResumable(checkpoint, job.manifest, numericsClass);
  for (const folder of folders) {
    for (const aside of await setNewerAside(folder, checkpoint.manifest.step)) {
      note(`it is newer than ${basename(path)}, where the run goes on, and is set aside: ${aside}`);
    }
  }
  return checkpoint;
}

/** The small files that make a checkpoint a Hugging Face folder. */
export function modelFilesOf({ model }: { readonly model: ModelFiles }): Record<string, string> {
  const { config, configJson, tokenizer, tokenizerFiles } = model;
  const { bosId, eosId } = tokenizer;
  return modelFolderFiles({ config, configJson, bosId, eosId, tokenizerFiles });
}

/** Sets aside what has a checkpoint's name: it is damaged, or of a course that the run has left. */
export async function clearTarget(target: string, note: Note): Promise<void> {
  const names = await readdir(dirname(target));
  if (!names.includes(basename(target))) return;
  note(`${target} was there already, and is ${await setAside(target)} now`);
}

/**
 * Removes older assembled checkpoints, once that of `step` stands. It stays in any case: newer ones
 * may be damaged in ways that only reading them all shows.
 */
export async function pruneAssembled(
  { config }: Pick<Job, 'config'>,
  folder: string,
  step: number,
): Promise<void> {
  await pruneCheckpoints(folder, config.output.checkpointsKept, step);
}

/** The nodes' own folders in a run's. */
export async function stateFolders(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, STATE_FOLDER)).catch(() => []);
  return names.sort().map((name) => join(folder, STATE_FOLDER, name));
}

async function assembled(
  job: Job,
  folder: string,
  parts: { readonly step: number; readonly shardFolders: readonly string[] },
  note: Note,
): Promise<Checkpoint | undefined> {
  const target = join(folder, checkpointName(parts.step));
  try {
    await clearTarget(target, note);
    await assembleCheckpoint(parts.shardFolders, target, modelFilesOf(job), (error) =>
      note(`${error.name} ${error.message} Another folder has the same.`),
    );
    const checkpoint = await openCheckpoint(target);
    await pruneAssembled(job, folder, parts.step);
    return checkpoint;
  } catch (error) {
    if (!(error instanceof IsoglossError)) throw error;
    note(`${error.name} ${error.message}`);
    return undefined;
  }
}
