/** Methods made of the rows themselves, and all methods from rows. */
import test from 'ava';
import { aggregators, gramOfRows, resolve, resolveRows } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';
import { directionOf, drawRows } from './families.ts';

const rows = [
  Float32Array.of(1, -2, 3, 0),
  Float32Array.of(4, 5, -6, 0),
  Float32Array.of(-7, 8, 9, 0),
  Float32Array.of(10, 11, 12, 0),
];

test('trimmed-mean leaves out the largest and the smallest in each place', (t) => {
  const { direction, resolved } = resolveRows(rows, { aggregator: 'trimmed-mean' });
  t.deepEqual([...direction], [2.5, 6.5, 6, 0]);
  t.is(resolved, null);
  const whole = resolveRows(rows, { aggregator: 'trimmed-mean', trim: 0 });
  t.deepEqual([...whole.direction], [2, 5.5, 4.5, 0]);
  const median = resolveRows(rows.slice(0, 3), { aggregator: 'trimmed-mean', trim: 9 });
  t.deepEqual([...median.direction], [1, 5, 3, 0]);
  const absent = resolveRows([null, ...rows, null], { aggregator: 'trimmed-mean' });
  t.deepEqual(absent.direction, direction);
});

test('graddrop keeps one sign in each place, each as often as it should', (t) => {
  let ups = 0;
  const draws = 4000;
  const pair = [Float32Array.of(3, 0, 2), Float32Array.of(-1, 0, 5)];
  for (let seed = 0; seed < draws; seed++) {
    const { direction } = resolveRows(pair, { aggregator: 'graddrop', seed });
    t.true(direction[0] === 3 || direction[0] === -1);
    t.deepEqual([direction[1], direction[2]], [0, 7]);
    if (direction[0] === 3) ups++;
  }
  // ½(1 + 2/4); the standard error of the share is 0.007.
  allclose([ups / draws], [0.75], { rtol: 0, atol: 0.03 });
  const leaky = resolveRows(pair, { aggregator: 'graddrop', leak: 1, seed: 3 });
  t.deepEqual([...leaky.direction], [2, 0, 7], 'all that leaks is the sum');
  const again = resolveRows(pair, { aggregator: 'graddrop', seed: 5 });
  t.deepEqual(again, resolveRows(pair, { aggregator: 'graddrop', seed: 5 }));
});

test('from rows every method gives the direction of its weights', (t) => {
  for (const { name, fromRows } of aggregators) {
    if (fromRows !== undefined) continue;
    const { rows: drawn } = drawRows('independent', 4, 5, 3);
    const { direction, resolved } = resolveRows([drawn[0]!, null, ...drawn.slice(1)], {
      aggregator: name,
      seed: 2,
    });
    const { weights } = resolve(gramOfRows(drawn), { aggregator: name, seed: 2 });
    t.deepEqual([resolved!.weights[0], ...resolved!.weights.slice(2)], [...weights], name);
    allclose(direction, directionOf(drawn, weights), { rtol: 1e-6, atol: 1e-6 });
  }
});

test('no rows, and no such option', (t) => {
  t.deepEqual(resolveRows([], { aggregator: 'graddrop' }).direction, new Float32Array(0));
  const none = resolveRows([null, null], { aggregator: 'mgda' });
  t.true(none.resolved!.certificate.empty);
  const refuses = (options: object, message: RegExp) => {
    t.throws(() => resolveRows(rows, { aggregator: 'graddrop', ...options }), {
      name: 'AggregatorError',
      message,
    });
  };
  refuses({ leak: 2 }, /graddrop: leak/);
  refuses({ trim: 2 }, /Unrecognized key/);
  refuses({ normalize: 'l2' }, /normalize/);
  t.throws(() => resolve([1], { aggregator: 'graddrop' }), {
    name: 'AggregatorError',
    message: /graddrop needs the gradients themselves: use resolveRows/,
  });
});
