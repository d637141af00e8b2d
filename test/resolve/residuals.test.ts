/** When a step counts as stalled by its partition, and when it doesn't although little is left. */
import test from 'ava';
import { residualsOf } from '../../node/resolve/index.ts';

const BOTH = Uint8Array.of(1, 1);
const groupsOf = (...grams: readonly (readonly number[])[]) =>
  grams.map((gram) => ({ gram: Float64Array.from(gram), mask: BOTH }));

/** Two buckets of which each is stationary for weights of its own. */
const stalled = (size: number) =>
  groupsOf(
    [1, -3, -3, 9].map((entry) => size * entry),
    [9, -3, -3, 1].map((entry) => size * entry),
  );

test('what stalls, stalls whatever the unit of the gradients', (t) => {
  for (const size of [2 ** -60, 2 ** -20, 1, 2 ** 20, 2 ** 60]) {
    t.deepEqual(residualsOf(stalled(size)), {
      residualBucket: 0,
      residualGlobal: 2 * size,
      stalledByPartition: true,
    });
  }
});

test('what moves, moves whatever the unit of the gradients', (t) => {
  for (const size of [2 ** -60, 2 ** -20, 1, 2 ** 20, 2 ** 60]) {
    const { residualBucket, residualGlobal, stalledByPartition } = residualsOf(
      groupsOf([size, 0, 0, size], [size, 0, 0, size]),
    );
    t.deepEqual([residualBucket, residualGlobal], [size, size]);
    t.false(stalledByPartition);
  }
});

test('a whole that is stationary but for rounding is not stalled', (t) => {
  const opposite = [2 ** 20, -(2 ** 20), -(2 ** 20), 2 ** 20];
  const other = (size: number) => [1, -3, -3, 9].map((entry) => size * entry);
  const rounding = residualsOf(groupsOf(opposite, other(2 ** -27)));
  t.true(rounding.residualGlobal > 2 ** -30);
  t.false(rounding.stalledByPartition);
  t.true(residualsOf(groupsOf(opposite, other(1))).stalledByPartition);
});

test('nothing is left of rows that are zero, nor where nobody has one', (t) => {
  const nothing = { residualBucket: 0, residualGlobal: 0, stalledByPartition: false };
  t.deepEqual(residualsOf(groupsOf([0, 0, 0, 0])), nothing);
  t.deepEqual(residualsOf([]), nothing);
  const absent = { gram: new Float64Array(4), mask: new Uint8Array(2) };
  t.deepEqual(residualsOf([absent]), nothing);
  const rest = residualsOf([absent, ...stalled(1)]);
  t.deepEqual(rest, residualsOf(stalled(1)));
});
