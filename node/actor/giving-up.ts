/** Buckets that this node need not hold any longer, because those who are to hold them do. */
import { hasBucket } from '../../protocol/bucket-set.ts';
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import { reallyHolds } from './words.ts';

/**
 * Announces the end of holding buckets that enough others hold, who are to. Whoever takes nobody's
 * word goes on with all that it has: for what it doesn't hold it would have to.
 */
export function offerAway(context: Context, holdings: Holdings, due: ReadonlySet<number>): void {
  if (context.believesNobody) return;
  const { holders } = context.placement(context.step);
  for (const bucket of holdings.held) {
    if (due.has(bucket) || !holdings.isAnnounced(bucket)) continue;
    const placed = holders[bucket]!;
    const there = holdings.holders(bucket).filter((id) => placed.includes(id));
    const enough = Math.min(context.options.redundancy, placed.length);
    if (there.length >= enough) holdings.announce(bucket, false);
  }
}

/** Lets go of what is announced no longer, unless those who were to hold it are gone by now. */
export function letGo(context: Context, holdings: Holdings): void {
  for (const bucket of holdings.leaving) {
    if (!isHeldByOthers(context, bucket)) {
      holdings.regain(bucket);
      continue;
    }
    holdings.held.delete(bucket);
    context.emit({ kind: 'unhold', step: context.step, bucket });
  }
}

/** Whether as many others as there should be have the bucket, and mean to keep it. */
function isHeldByOthers(context: Context, bucket: number): boolean {
  const { view, step, options } = context;
  const keepers = view.standings.filter(
    ({ standing }) =>
      standing.step >= step - 1 &&
      reallyHolds(standing, bucket) &&
      hasBucket(standing.held, bucket),
  );
  const placed = context.placement(step).holders[bucket]!.length;
  return keepers.length >= Math.min(options.redundancy, placed);
}
