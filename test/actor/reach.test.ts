/** Reach: the newest step that a view can work on, which every node finds alone. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { newestReachable } from '../../node/actor/reach.ts';
import type { Standing } from '../../protocol/messages.ts';
import { ALL, at, BUCKETS, durable, rootOf } from './standing.ts';

/** The last step of the run. */
const LAST = 40;

/** Where a node goes that stands as `own` says, among others, by what `voices` of them say. */
function reach(own: Standing, others: readonly Standing[], voices = 2, exchangesParts = false) {
  const words = others.map((standing, i) => ({ id: `node-${i}`, standing }));
  const known = { firstRoot: rootOf(0), last: LAST, bucketCount: BUCKETS, keptLanguages: [] };
  const self = { standing: own, exchangesParts, ...known };
  const { step, root } = newestReachable(self, words, voices);
  return { step, root };
}

const STEP = (step: number, history?: string) => ({ step, root: rootOf(step, history) });

test('with nothing anywhere it is the base', (t) => {
  t.deepEqual(reach(at(0, []), []), STEP(0));
  t.deepEqual(reach(at(0, ALL), [at(0, ALL), at(0, [])]), STEP(0));
});

test('a node alone goes on where it stands if it has all of it', (t) => {
  t.deepEqual(reach(at(5, ALL), []), STEP(5));
  t.deepEqual(reach(at(5, [0, 1]), []), STEP(0));
});

test('a step is reached if each bucket has a holder, whoever that is', (t) => {
  t.deepEqual(reach(at(5, [0]), [at(5, [1]), at(5, [2])]), STEP(5));
  t.deepEqual(reach(at(5, [0]), [at(5, [1]), at(5, [1])]), STEP(0));
});

test('of the last step the parameters are enough, which whoever stands there has', (t) => {
  t.deepEqual(reach(at(LAST, [0]), [at(LAST, [1])]), STEP(LAST));
  t.deepEqual(reach(at(3, ALL), [at(LAST, []), at(LAST, [])]), STEP(LAST));
  const gathers = at(LAST, ALL, { complete: false });
  t.deepEqual(reach(at(3, ALL), [gathers, gathers]), STEP(3), 'who gathers it has not got it');
});

test('a value of the step before will do, since its holder can make the next', (t) => {
  t.deepEqual(reach(at(5, [0]), [at(4, [1, 2])]), STEP(5));
  t.deepEqual(reach(at(5, [0]), [at(3, [1, 2])]), STEP(0), 'one of two steps before will not');
  t.deepEqual(reach(at(5, ALL), [at(6, [1, 2])]), STEP(6), 'this node makes bucket 0 of step 6');
});

test('without complete parameters nothing can be made of a value, nor does it count', (t) => {
  const gathers = at(5, [1, 2], { complete: false });
  t.deepEqual(reach(at(5, [0]), [gathers]), STEP(0));
});

test('a disk counts for its own step, and no other', (t) => {
  t.deepEqual(reach(at(5, [0]), [at(0, [], { durable: [durable(5, [1, 2])] })]), STEP(5));
  t.deepEqual(reach(at(5, [0]), [at(0, [], { durable: [durable(4, [1, 2])] })]), STEP(0));
  const disks = [
    at(0, [], { durable: [durable(4, [0, 1])] }),
    at(0, [], { durable: [durable(4, [1, 2])] }),
  ];
  t.deepEqual(reach(at(0, ALL), disks), STEP(4), 'disks make up a step together');
});

test('where nodes exchange parts, a disk does not help those who still make the step', (t) => {
  const others = [at(4, [1]), at(0, [], { durable: [durable(5, [2])] })];
  t.deepEqual(reach(at(5, [0]), others, 2, false), STEP(5));
  t.deepEqual(reach(at(5, [0]), others, 2, true), STEP(0), 'bucket 1 would lack a part of 2');
  t.deepEqual(reach(at(5, [0]), [at(4, [1, 2])], 2, true), STEP(5));
  const disks = at(0, [], { durable: [durable(5, [1, 2])] });
  t.deepEqual(reach(at(5, [0]), [disks], 2, true), STEP(5));
});

test('what is lost of the newest step is an older one of the disks', (t) => {
  const [a, b] = [durable(4, [0, 1]), durable(2, [0, 1])];
  const own = at(7, [0], { durable: [a, b] });
  t.deepEqual(reach(own, [at(7, [1], { durable: [durable(2, [2])] })]), STEP(2));
  t.deepEqual(reach(own, [at(7, [1], { durable: [durable(4, [2])] })]), STEP(4));
});

test('parts of two histories are no step', (t) => {
  t.deepEqual(reach(at(5, [0]), [at(5, [1, 2], {}, 'theirs')]), STEP(0));
  const disks = at(0, [], { durable: [durable(5, [1, 2], 'theirs')] });
  t.deepEqual(reach(at(5, [0]), [disks]), STEP(0));
  t.deepEqual(
    reach(at(5, [0]), [at(4, [1, 2], {}, 'theirs')]),
    STEP(0),
    'nor do values of another parent make one',
  );
});

test('one voice among several is not believed, and two are', (t) => {
  const [liar, honest] = [at(9, ALL, {}, 'theirs'), at(0, ALL)];
  t.deepEqual(reach(at(0, ALL), [liar, honest]), STEP(0));
  t.deepEqual(reach(at(0, ALL), [liar, liar, honest]), STEP(9, 'theirs'));
  t.deepEqual(reach(at(0, ALL), [liar, honest], 1), STEP(9, 'theirs'), 'unless one is to do');
  t.deepEqual(reach(at(0, ALL), [at(9, ALL)]), STEP(9), 'or there is nobody else');
});

test('what this node followed, or has on disk, needs no second voice', (t) => {
  t.deepEqual(reach(at(5, ALL), [at(0, []), at(0, [])]), STEP(5));
  const own = at(0, [], { durable: [durable(5, ALL)] });
  t.deepEqual(reach(own, [at(0, []), at(0, [])]), STEP(5));
  t.deepEqual(reach(at(5, ALL), [at(6, [0]), at(0, [])]), STEP(6), 'nor the step after its own');
});

const standings = fc.array(
  fc.record({
    step: fc.integer({ min: 1, max: 4 }),
    buckets: fc.subarray(ALL),
    disk: fc.option(fc.record({ step: fc.integer({ min: 1, max: 4 }), buckets: fc.subarray(ALL) })),
  }),
  { minLength: 1, maxLength: 5 },
);

testProp(
  'nodes that see the same come to the same step, and one more never takes it back',
  [standings, fc.subarray(ALL)],
  (t, drawn, more) => {
    const nodes = drawn.map(({ step, buckets, disk }) =>
      at(step, buckets, disk === null ? {} : { durable: [durable(disk.step, disk.buckets)] }),
    );
    const goals = nodes.map((own, i) => reach(own, nodes.toSpliced(i, 1), 1));
    for (const goal of goals) t.deepEqual(goal, goals[0]);
    for (const step of [1, 2, 3, 4]) {
      const joined = reach(nodes[0]!, [...nodes.slice(1), at(step, more)], 1);
      t.true(joined.step >= goals[0]!.step);
    }
  },
);
