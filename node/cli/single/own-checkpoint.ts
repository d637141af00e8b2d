/** Where a hand-started node may go on: a named checkpoint, the run's newest, and its own parts. */
import { join } from 'node:path';
import { IsoglossError } from '../../../protocol/index.ts';
import {
  assertResumable,
  type Checkpoint,
  checkpointName,
  listCheckpoints,
  openCheckpoint,
} from '../../store/index.ts';
import { type Job, namedCheckpoint, newestOfRun } from '../job/index.ts';

/**
 * `folder` is the run's, `own` this node's in it. Which of them the run goes on from, the nodes
 * find between them; where there is nothing yet, it begins at its base or where the others are.
 * Throws the errors of node/store for a checkpoint that is of another run.
 */
export async function ownCheckpoints(
  job: Job,
  resume: string | boolean,
  { folder, own, numericsClass }: { folder: string; own: string; numericsClass: string },
  note: (text: string) => void,
): Promise<Checkpoint[]> {
  if (resume === false) return [];
  if (typeof resume === 'string') {
    return [await namedCheckpoint(job, numericsClass, resume, [folder, own], note)];
  }
  const whole = await newestOfRun(job, numericsClass, folder, note);
  const found = whole === undefined ? [] : [whole];
  for (const step of await listCheckpoints(own)) {
    if (found.some(({ manifest }) => manifest.step === step)) continue;
    const part = await openPart(join(own, checkpointName(step)), note);
    if (part === undefined) continue;
    assertResumable(part, job.manifest, numericsClass);
    found.push(part);
  }
  if (found.length === 0)
    note('there is no checkpoint yet: it begins at the base, or joins the run');
  return found;
}

/** A damaged one is named and passed over. */
async function openPart(
  path: string,
  note: (text: string) => void,
): Promise<Checkpoint | undefined> {
  try {
    return await openCheckpoint(path);
  } catch (error) {
    if (!(error instanceof IsoglossError)) throw error;
    note(`${error.name} ${error.message} It is passed over.`);
    return undefined;
  }
}
