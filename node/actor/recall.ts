/**
 * Recalling: what nobody has in memory any more of the step at hand is here again, read from this
 * node's own disk, or from the base that everybody has. No step is lost by it.
 */
import type { Composition } from './composition.ts';
import { stateKey, valueKey } from './keys.ts';
import type { LoadedStep } from './types.ts';

/** Deadlines after which a node takes what is another's to take, but has not been. */
const ANYBODY_WAITS = 2;

/** Takes what was read; whether this node holds more than before. */
export function recall(parts: Composition, loaded: LoadedStep): boolean {
  const { context, course, member } = parts;
  const { step, root, previousRoot, values } = loaded;
  course.recalled();
  const isOfUse = context.complete && step === context.step && root === context.root;
  if (step === 0) return recallBase(parts, isOfUse);
  const read = values.flatMap((hashes, bucket) => (hashes === null ? [] : [{ bucket, hashes }]));
  const isNext = context.complete && step === context.step + 1 && previousRoot === context.root;
  if (isOfUse) for (const { bucket } of read) regain(parts, bucket);
  else if (isNext) {
    for (const one of read) {
      const isHere = step === context.step || !member.lacks(one.bucket);
      if (!isHere) member.resolved({ ...one, resolution: null, kept: false });
    }
  } else if (!member.keeps(step)) letGoOfRead(parts, loaded);
  return isOfUse;
}

/** What was read is of no use by now, but for a bucket that is taken on from there. */
export function letGoOfRead({ context, backup }: Composition, { step, values }: LoadedStep): void {
  const isRead = (bucket: number) => values[bucket] === null || backup.fills.reads(step, bucket);
  const rest = context.buckets.filter((bucket) => !isRead(bucket));
  context.drop(rest.map((bucket) => valueKey(step, bucket)));
  context.drop(context.groups.map((_, group) => stateKey(step, group)));
}

/** A bucket that was being taken on is here now: what holders need comes to it as one of them. */
function regain({ holdings, backup }: Composition, bucket: number): void {
  backup.fills.cease(bucket);
  holdings.regain(bucket);
}

/** Of the base each node takes the lost buckets that it is to hold. */
function recallBase(parts: Composition, isOfUse: boolean): boolean {
  const { context, holdings, backup, deadline, member } = parts;
  const lost = context.buckets.filter((bucket) => holdings.owner(bucket) === null);
  const due = new Set(deadline.waits >= ANYBODY_WAITS ? lost : holdings.due);
  const mine = isOfUse ? lost.filter((bucket) => due.has(bucket)) : [];
  for (const bucket of mine) regain(parts, bucket);
  const isRead = (bucket: number) => holdings.hasWhole(0, bucket) || backup.fills.reads(0, bucket);
  const rest = context.buckets.filter((bucket) => !isRead(bucket));
  // All of the base was read; the rest is in the way, but for what is published.
  if (member.keeps(0)) {
    for (const bucket of rest) context.emit({ kind: 'unhold', step: 0, bucket });
  } else context.drop(rest.map((bucket) => valueKey(0, bucket)));
  return mine.length > 0;
}
