/** Which buckets are to be fetched first: those that too few others have. */
import type { Context } from './context.ts';
import { reallyHolds } from './words.ts';

/** Buckets whose values are fetched at once, so that the work of the step goes on beside. */
const FETCHED_MAX = 2;
/** Of those that too few have: the next node that dies may be the last that has one. */
const URGENT_MAX = 8;

/** Whether too few other nodes have a bucket as it is at this node's step, or later. */
export function isScarce(context: Context, bucket: number): boolean {
  return copiesElsewhere(context, bucket) < context.options.redundancy;
}

function copiesElsewhere({ view, step }: Context, bucket: number): number {
  return view.standings.filter(
    ({ standing }) => standing.step >= step && reallyHolds(standing, bucket),
  ).length;
}

/** Those of the buckets that are to be fetched now, beside so many that are being fetched. */
export function mostUrgent(
  context: Context,
  lacking: readonly number[],
  fetched: number,
): number[] {
  const urgent: number[] = [];
  const rest: number[] = [];
  for (const bucket of lacking) (isScarce(context, bucket) ? urgent : rest).push(bucket);
  urgent.sort((a, b) => copiesElsewhere(context, a) - copiesElsewhere(context, b));
  const chosen = urgent.slice(0, Math.max(0, URGENT_MAX - fetched));
  return [...chosen, ...rest.slice(0, Math.max(0, FETCHED_MAX - fetched - chosen.length))];
}
