/** Buckets that this node need not hold any longer, because those who are to hold them do. */
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';

/** Announces the end of holding buckets that enough others hold, who are to. */
export function offerAway(context: Context, holdings: Holdings, due: ReadonlySet<number>): void {
  const { holders } = context.placement(context.step);
  for (const bucket of holdings.held) {
    if (due.has(bucket) || !holdings.isAnnounced(bucket)) continue;
    const placed = holders[bucket]!;
    const there = holdings.holders(bucket).filter((id) => placed.includes(id));
    const enough = Math.min(context.options.redundancy, placed.length);
    if (there.length >= enough) holdings.announce(bucket, false);
  }
}

/** Lets go of what is announced no longer. */
export function letGo(context: Context, holdings: Holdings): void {
  for (const bucket of holdings.leaving) {
    holdings.held.delete(bucket);
    context.emit({ kind: 'unhold', step: context.step, bucket });
  }
}
