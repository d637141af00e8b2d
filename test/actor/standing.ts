/** Standings for tests: a node at a step of a chain of roots that all honest nodes share. */
import { packBuckets } from '../../protocol/bucket-set.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { Standing } from '../../protocol/messages.ts';
import { standingWith } from '../helpers/standing.ts';

export const BUCKETS = 3;
export const ALL = [0, 1, 2];

/** root(step) of the run, or of another history of it. */
export function rootOf(step: number, history = 'ours'): string {
  return hashOf(`root of ${history}`, String(step));
}

export const bits = (buckets: readonly number[]) => packBuckets(buckets, BUCKETS);

/** A node that is complete at a step and has these buckets. */
export function at(
  step: number,
  buckets: readonly number[],
  over: Partial<Standing> = {},
  history = 'ours',
): Standing {
  const held = bits(buckets);
  return standingWith(rootOf(step, history), {
    ...{ step, previousRoot: step === 0 ? null : rootOf(step - 1, history) },
    ...{ has: held, held, heldBefore: held },
    ...over,
  });
}

/** A checkpoint of these buckets on somebody's disk. */
export function durable(step: number, buckets: readonly number[], history = 'ours') {
  return {
    step,
    root: rootOf(step, history),
    previousRoot: rootOf(step - 1, history),
    buckets: bits(buckets),
  };
}
