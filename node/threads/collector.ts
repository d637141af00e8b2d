/** How V8's garbage collector counts the memory of buffers. */
import { setFlagsFromString } from 'node:v8';

/** The version of V8 that has the flag, and where it was measured: Node 24's. */
const MEASURED_V8 = '13.';

/**
 * Lets buffers count as part of the heap, for all threads of this process. Otherwise V8 collects
 * after every 64 MB of new buffers, whatever the heap's size, and marks all of it: several times in
 * each step, a quarter of a node's processor time. To be called before the threads start; does
 * nothing on another V8 than the one that it was measured on.
 */
export function countBuffersAsHeap(): void {
  if (!process.versions.v8.startsWith(MEASURED_V8)) return;
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
