/**
 * The same as public.ts for what goes over the groups of a step: matrices and masks are looked at
 * before anything is made of them.
 */
import { shownValue } from '../schema/index.ts';
import { GramError } from './errors.ts';
import { checkedSquare } from './gram-check.ts';
import { refinedGroups as refined } from './refined.ts';
import { type GroupGram, type Residuals, residualsOf as residuals } from './residuals.ts';
import {
  groupsAfterStall as afterStall,
  type StallPolicy,
  type StepGroup,
} from './stall-policy.ts';
import { bitsOf, EACH_ROW, listOf, maskOfAny } from './vector-check.ts';

/**
 * The residuals of a step from its groups, in order. They are the same whatever the aggregator.
 * Throws a GramError for groups whose matrices or masks are none, or of another number of rows.
 */
export function residualsOf(groups: readonly GroupGram[]): Residuals {
  return residuals(checkedGroups(groups));
}

/**
 * The groups to resolve this step with. They are those given where the step isn't stalled; with
 * `merge` neighbours are joined two by two until it no longer is, which one group never is. Throws
 * an AggregatorError for a policy that there is not, a GramError as `residualsOf`.
 */
export function groupsAfterStall(
  policy: StallPolicy,
  groups: readonly StepGroup[],
): readonly StepGroup[] {
  const checked = checkedGroups(groups).map((group, g) => {
    return { ...group, buckets: listOf(groups[g]!.buckets, `groups[${g}].buckets`, 'numbers') };
  });
  const found = afterStall(policy, checked);
  return found === checked ? groups : found;
}

function checkedGroups(groups: readonly GroupGram[]): GroupGram[] {
  let m: number | undefined;
  return Array.from(listOf(groups, 'groups', 'groups'), (group, g) => {
    if (typeof group !== 'object' || group === null) {
      throw new GramError(`groups[${g}] is ${shownValue(group)}, expected { gram, mask }`);
    }
    const what = `groups[${g}].mask`;
    const mask =
      m === undefined
        ? maskOfAny(group.mask, what)
        : bitsOf(group.mask, m, what, `${EACH_ROW}, as groups[0] has`);
    m = mask.length;
    return { mask, gram: checkedSquare(group.gram, m, mask, `groups[${g}].gram`) };
  });
}

/**
 * Groups of bucket indices, each ascending, by their first. `masks[b][l]` is 1 where language l
 * depends on bucket b; a bucket that nobody depends on is a group of its own. Throws a GramError
 * for masks that are none, or of another number of languages.
 */
export function refinedGroups(masks: readonly ArrayLike<number>[]): number[][] {
  let m: number | undefined;
  const checked = Array.from(listOf(masks, 'masks', 'masks'), (mask, b) => {
    const what = `masks[${b}]`;
    const bits = m === undefined ? maskOfAny(mask, what) : bitsOf(mask, m, what, 'one a language');
    m = bits.length;
    return bits;
  });
  return refined(checked);
}
