/**
 * What the threads of a node have in common: those that compute give way to the event loop, so that
 * heartbeats, slices and updates flow also where there are fewer cores than threads.
 *
 * ```ts
 * import { giveWay } from './node/threads/index.ts';
 *
 * giveWay(); // first thing in a worker thread that computes
 * ```
 */
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

export { countBuffersAsHeap } from './collector.ts';

/** Enough for a third of the weight of a thread that doesn't give way. */
const NICENESS = 5;
const NICENESS_MAX = 19;

/** Of the calling thread, as Linux counts threads; undefined elsewhere. */
export function threadId(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined; // a sandbox without it
  }
}

/**
 * Lowers the priority of the calling thread alone, which only Linux can; elsewhere nothing happens.
 * Whatever it was: what is computed stays the same.
 */
export function giveWay(): void {
  const id = threadId();
  if (id === undefined) return;
  try {
    setPriority(id, Math.min(NICENESS_MAX, getPriority(id) + NICENESS));
  } catch {
    // A sandbox that forbids it: the thread goes on as it is.
  }
}
