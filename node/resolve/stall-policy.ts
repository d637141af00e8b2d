/**
 * What to do about a step that is stalled by its partition: every group is stationary, the whole
 * model is not. Pure functions of the step's Gram matrices, so that whoever has them all finds the
 * same groups.
 */
import { assert } from '../../protocol/assert.ts';
import { didYouMean } from '../schema/index.ts';
import { AggregatorError } from './errors.ts';
import { addGrams } from './gram.ts';
import { anyMask } from './mask.ts';
import { type GroupGram, residualsOf } from './residuals.ts';

/**
 * `report`: say so, and step as planned. `merge`: coarser groups for this step. `global`: one group
 * for this step.
 */
export const STALL_POLICIES = ['report', 'merge', 'global'] as const;
export type StallPolicy = (typeof STALL_POLICIES)[number];

/** A resolution group: its buckets, and what they have together. */
export interface StepGroup extends GroupGram {
  readonly buckets: readonly number[];
}

/**
 * The groups to resolve this step with. They are those given where the step isn't stalled; with
 * `merge` neighbours are joined two by two until it no longer is, which one group never is. Throws
 * an AggregatorError for a policy that there is not.
 */
export function groupsAfterStall(
  policy: StallPolicy,
  groups: readonly StepGroup[],
): readonly StepGroup[] {
  if (!STALL_POLICIES.includes(policy)) {
    const hint = didYouMean(policy, STALL_POLICIES);
    const known = STALL_POLICIES.join(', ');
    throw new AggregatorError(`there is no policy "${policy}"; use one of ${known}.${hint}`);
  }
  if (policy === 'report' || !residualsOf(groups).stalledByPartition) return groups;
  if (policy === 'global') return [joined(groups)];
  let coarser = groups;
  while (residualsOf(coarser).stalledByPartition) {
    assert(coarser.length > 1, 'one group is not stalled by its partition');
    const pairs: StepGroup[] = [];
    for (let g = 0; g < coarser.length; g += 2) pairs.push(joined(coarser.slice(g, g + 2)));
    coarser = pairs;
  }
  return coarser;
}

/** One group of several. */
function joined(groups: readonly StepGroup[]): StepGroup {
  const m = groups[0]!.mask.length;
  return {
    buckets: groups.flatMap(({ buckets }) => buckets).toSorted((a, b) => a - b),
    gram: addGrams(groups.map(({ gram }) => gram)),
    mask: anyMask(
      groups.map(({ mask }) => mask),
      m,
    ),
  };
}
