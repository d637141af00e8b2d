/** Where values can't all be right, and this node can't tell which is wrong: the run ends here. */
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import type { Context } from './context.ts';
import { directionKey } from './keys.ts';
import type { Outbox } from './outbox.ts';

/** What this node computed of a bucket's next value is not what it was sent. */
export function failForValue(context: Context, bucket: number): void {
  const text =
    `step ${context.step + 1}: the value of bucket ${bucket} that this node computed is ` +
    'not the one that it was sent: one of the two is wrong';
  context.emit({ kind: 'failed', error: 'Divergence', text });
}

/**
 * Whether this node has followed another direction of a bucket than the one that it computed; then
 * the one is in the place of the other.
 */
export function isOtherThanFollowed(
  context: Context,
  outbox: Outbox,
  bucket: number,
  hash: Hash | null,
): boolean {
  const said = outbox.get(directionKey(context.step, bucket))?.message;
  if (said?.kind !== 'direction' || said.hash === hash) return false;
  const text =
    `step ${context.step}: the direction of bucket ${bucket} that this node computed is not the ` +
    'one that it was sent: one of the two is wrong';
  context.emit({ kind: 'failed', error: 'Divergence', text });
  return true;
}

/**
 * Buckets that are resolved together leave one state of the aggregator. Whether these values of the
 * next step, by bucket, do, and what is in memory is that one; if not, somebody weighed other Gram
 * matrices than somebody else.
 */
export function haveOneState(context: Context, values: readonly ValueHashes[]): boolean {
  for (const [index, group] of context.groups.entries()) {
    const first = group[0]!;
    const { aggregator } = values[first]!;
    const other = group.find((one) => values[one]!.aggregator !== aggregator);
    const isSet = context.statesOf(context.step + 1, index).every((one) => one === aggregator);
    if (other === undefined && isSet) continue;
    const whom = other === undefined ? `bucket ${first}` : `buckets ${first} and ${other}`;
    const text =
      `step ${context.step + 1}: the aggregator's state that goes with ${whom} is not the same ` +
      'wherever it came from: one of them is wrong';
    context.emit({ kind: 'failed', error: 'Divergence', text });
    return false;
  }
  return true;
}
