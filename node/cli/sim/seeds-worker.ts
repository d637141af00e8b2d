/** The entry of a thread that runs seeds. */
import { parentPort } from 'node:worker_threads';
import { defined } from '../../../protocol/assert.ts';
import { runSeeds, type SeedJob } from './seeds.ts';

const port = defined(parentPort, 'the thread that started this one');
port.on('message', (job: SeedJob) => {
  // A rejection ends the thread, and its error reaches whoever started it.
  void runSeeds(job).then((summary) => port.postMessage(summary));
});
