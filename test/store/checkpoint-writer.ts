/**
 * A process that writes checkpoints until it is killed: two nodes' shards, then the whole. It tells
 * each on stdout as soon as it is durable. To be started with the folder and the first step.
 */
import { join } from 'node:path';
import { removeFolderAtomic } from '../../node/files/index.ts';
import { assembleCheckpoint, checkpointName, removeTemporaries } from '../../node/store/index.ts';
import { createRun, MODEL_FILES, writeShards } from './helpers.ts';

const [folder, firstStep] = process.argv.slice(2) as [string, string];
const run = createRun({ rows: 512 });
for (const name of ['', 'kestrel', 'merlin']) await removeTemporaries(join(folder, name));
for (let step = Number(firstStep); ; step++) {
  const shards = await writeShards(folder, run, step);
  process.stdout.write(`shards ${step}\n`);
  await assembleCheckpoint(shards, join(folder, checkpointName(step)), MODEL_FILES);
  process.stdout.write(`whole ${step}\n`);
  // As a launcher that keeps two.
  const old = join(folder, checkpointName(step - 2));
  await removeFolderAtomic(old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
