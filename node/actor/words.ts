/** What a node's word about itself means for the work of others. */
import { areSame, hasBucket } from '../../protocol/bucket-set.ts';
import type { Standing } from '../../protocol/messages.ts';
import type { Pace } from './gossip.ts';

/** Whether a node said one word after another. */
export function isLater(a: Standing, b: Standing): boolean {
  if (a.incarnation !== b.incarnation) return a.incarnation > b.incarnation;
  return a.beat > b.beat;
}

/** Whether work is dealt out otherwise after the second of two words of one node. */
export function changesWork(a: Standing, b: Standing): boolean {
  return (
    changesShares(a, b) ||
    a.heldFrom !== b.heldFrom ||
    !areSame(a.has, b.has) ||
    !areSame(a.held, b.held) ||
    !areSame(a.heldBefore, b.heldBefore)
  );
}

/** Whether it takes other shares of the work after the second, whatever it holds. */
export function changesShares(a: Standing, b: Standing): boolean {
  return (
    a.incarnation !== b.incarnation ||
    a.complete !== b.complete ||
    a.activeFrom !== b.activeFrom ||
    a.slownessFrom !== b.slownessFrom ||
    a.leaving !== b.leaving ||
    a.finished !== b.finished
  );
}

/**
 * Whether a node takes shares of the work of `step`. Who has finished does not; among many, who end
 * at other moments, nothing is dealt out anew for that.
 */
export function takesShares(standing: Standing, step: number, pace: Pace): boolean {
  const { activeFrom, complete, leaving, finished } = standing;
  if (!complete || leaving || (finished && !pace.isWide)) return false;
  if (activeFrom === null || activeFrom > step) return false;
  return standing.step > step - pace.behindMax;
}

/** Whether a node counts as a holder of a bucket for what is about `step`. */
export function countsAsHolder(standing: Standing, bucket: number, step: number): boolean {
  const { held, heldBefore, heldFrom, complete } = standing;
  if (!complete || standing.step < step - 1) return false;
  return hasBucket(step >= heldFrom ? held : heldBefore, bucket);
}

/** Whether a node has the whole value of a bucket at its own step, announced for it or not. */
export function reallyHolds(standing: Standing, bucket: number): boolean {
  return standing.complete && hasBucket(standing.has, bucket);
}

/** Whether a node has a bucket, or is to have it soon: what its holders need concerns it. */
export function follows(standing: Standing, bucket: number): boolean {
  return reallyHolds(standing, bucket) || (standing.complete && hasBucket(standing.held, bucket));
}
