/** Which buckets a node fetches: a few at a time, more of those that too few others have. */
import test from 'ava';
import type { Context } from '../../node/actor/context.ts';
import { mostUrgent } from '../../node/actor/urgency.ts';
import { packBuckets } from '../../protocol/bucket-set.ts';
import type { Standing } from '../../protocol/messages.ts';

const BUCKETS = Array.from({ length: 20 }, (_, bucket) => bucket);

/** A node at step 5 of a run with two holders a bucket, among others with these buckets. */
function among(...others: { has: number[]; step?: number }[]): Context {
  const standings = others.map(({ has, step = 5 }, i) => {
    const standing = { complete: true, step, has: packBuckets(has, BUCKETS.length) };
    return { id: `node-${i}`, standing: standing as unknown as Standing };
  });
  return { step: 5, view: { standings }, options: { redundancy: 2 } } as unknown as Context;
}

test('where enough others have all of them two are fetched at once', (t) => {
  const context = among({ has: BUCKETS }, { has: BUCKETS });
  t.deepEqual(mostUrgent(context, BUCKETS, 0), [0, 1]);
  t.deepEqual(mostUrgent(context, BUCKETS, 1), [0]);
  t.deepEqual(mostUrgent(context, BUCKETS, 2), []);
});

test('of those that too few others have up to eight are, the scarcest first', (t) => {
  const context = among({ has: BUCKETS.slice(10) }, { has: BUCKETS.slice(15) });
  const nobodys = BUCKETS.slice(0, 10);
  t.deepEqual(mostUrgent(context, [...BUCKETS].reverse(), 0), nobodys.slice(2).reverse());
  t.deepEqual(mostUrgent(context, [12, 3, 17], 0), [3, 12], 'these are two already');
  t.deepEqual(mostUrgent(context, [17, 18, 3], 0), [3, 17], 'one more that is not scarce');
  t.deepEqual(mostUrgent(context, nobodys, 7), [0]);
  t.deepEqual(mostUrgent(context, nobodys, 8), []);
});

test('whoever is behind does not have a bucket as it is now', (t) => {
  const context = among({ has: BUCKETS }, { has: BUCKETS, step: 4 });
  t.is(mostUrgent(context, BUCKETS, 0).length, 8);
});
