/** Checkpoints that a run no longer goes by: renamed, so that nobody takes them for its own. */
import { join } from 'node:path';
import { setAside } from '../files/index.ts';
import { checkpointName, listCheckpoints } from './open-checkpoint.ts';

/** Does so with all in `folder` above `step`, and gives their new paths, the newest step first. */
export async function setNewerAside(folder: string, step: number): Promise<string[]> {
  const aside: string[] = [];
  for (const newer of await listCheckpoints(folder)) {
    if (newer > step) aside.push(await setAside(join(folder, checkpointName(newer))));
  }
  return aside;
}
