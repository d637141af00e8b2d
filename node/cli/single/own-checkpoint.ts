/** Where a hand-started node goes on: a named checkpoint, the run's newest, or its own part. */
import { assertResumable, type Checkpoint, newestCheckpoint } from '../../store/index.ts';
import { type Job, namedCheckpoint, newestOfRun } from '../job/index.ts';

/**
 * `folder` is the run's, `own` this node's in it. Its own part is enough if the other nodes have
 * theirs of the same step; where there is nothing yet, the run begins at its base. Throws the
 * errors of node/store for a checkpoint that can't be used.
 */
export async function ownCheckpoint(
  job: Job,
  resume: string | boolean,
  { folder, own, numericsClass }: { folder: string; own: string; numericsClass: string },
  note: (text: string) => void,
): Promise<Checkpoint | undefined> {
  if (resume === false) return undefined;
  if (typeof resume === 'string') return await namedCheckpoint(job, numericsClass, resume);
  const whole = await newestOfRun(job, numericsClass, folder, note);
  const { checkpoint: part } = await newestCheckpoint(own);
  if (part !== undefined) assertResumable(part, job.manifest, numericsClass);
  const newest = (part?.manifest.step ?? -1) > (whole?.manifest.step ?? -1) ? part : whole;
  if (newest === undefined) note('there is no checkpoint yet: the run begins at its base');
  return newest;
}
