/** Finds out which steps the nodes' own checkpoints make a whole of. */
import { join } from 'node:path';
import { IsoglossError } from '../../protocol/errors.ts';
import { checkpointName, listCheckpoints, readCheckpointManifest } from './open-checkpoint.ts';

/** A step of which every bucket is in some node's folder. */
export interface CompleteStep {
  readonly step: number;
  /** What assembleCheckpoint takes. */
  readonly shardFolders: readonly string[];
}

/**
 * The newest step whose checkpoints in `folders` (one a node) hold every bucket between them, by
 * their manifests; undefined where there is none. Checkpoints that are damaged are passed over.
 */
export async function newestCompleteStep(
  folders: readonly string[],
): Promise<CompleteStep | undefined> {
  const steps = new Set((await Promise.all(folders.map(listCheckpoints))).flat());
  for (const step of [...steps].sort((a, b) => b - a)) {
    const shardFolders: string[] = [];
    const roots = new Set<string>();
    const held = new Set<number>();
    let wanted = Number.POSITIVE_INFINITY;
    for (const folder of folders) {
      const path = join(folder, checkpointName(step));
      const manifest = await readCheckpointManifest(path).catch(ignoreOurs);
      if (manifest === undefined) continue;
      shardFolders.push(path);
      roots.add(manifest.root);
      wanted = manifest.values.length;
      for (const bucket of manifest.shards.flatMap(({ buckets }) => buckets)) held.add(bucket);
    }
    if (held.size === wanted && roots.size === 1) return { step, shardFolders };
  }
  return undefined;
}

function ignoreOurs(error: unknown): undefined {
  if (!(error instanceof IsoglossError)) throw error;
}
