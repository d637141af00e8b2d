/** Threads that share a range of seeds, a few at a time. */
import { Worker } from 'node:worker_threads';
import type { Summary } from '../../../sim/index.ts';
import type { SeedJob, SeedSource } from './seeds.ts';

/** Seeds handed to a thread at once: few enough that all threads end together. */
const CHUNK = 10;
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export interface PoolOptions extends SeedSource {
  readonly from: number;
  /** The last seed; none: until `mayGoOn` says no. */
  readonly to: number | undefined;
  readonly threads: number;
  readonly mayGoOn: () => boolean;
  readonly onSummary: (summary: Summary) => void;
}

/** Resolves when all seeds are done; rejects with the first error of a thread. */
export async function runPool(options: PoolOptions): Promise<void> {
  const { mode, scenario, to = Number.MAX_SAFE_INTEGER, threads, mayGoOn, onSummary } = options;
  let next = options.from;
  const takeJob = (): SeedJob | null => {
    if (next > to || !mayGoOn()) return null;
    const count = Math.min(CHUNK, to - next + 1);
    const job = { from: next, count, mode, scenario };
    next += count;
    return job;
  };
  await Promise.all(Array.from({ length: threads }, () => runThread(takeJob, onSummary)));
}

async function runThread(
  takeJob: () => SeedJob | null,
  onSummary: (summary: Summary) => void,
): Promise<void> {
  const worker = new Worker(new URL(`./seeds-worker${EXTENSION}`, import.meta.url));
  try {
    for (let job = takeJob(); job !== null; job = takeJob()) {
      onSummary(await ask(worker, job));
    }
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, job: SeedJob): Promise<Summary> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (summary: Summary) => {
      worker.off('error', reject);
      resolve(summary);
    });
    worker.postMessage(job);
  });
}
