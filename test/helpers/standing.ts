/** What a node says of itself, for tests: one that is complete at the base and holds nothing. */
import type { Hash } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';

/** `over` replaces what a test is about; sets of buckets are of at most eight. */
export function standingWith(root: Hash, over: Partial<Standing> = {}): Standing {
  const none = new Uint8Array(1);
  return {
    ...{ incarnation: 1, beat: 1, step: 0, root, previousRoot: null, complete: true },
    ...{ has: none, held: none, heldFrom: 0, heldBefore: none },
    ...{ activeFrom: 0, slowness: null, slownessFrom: 0, slownessBefore: null },
    ...{ durable: [], stopAt: null, leaving: false, lacks: none, done: false, finished: false },
    ...over,
  };
}
