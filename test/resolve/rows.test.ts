/** Methods made of the rows themselves, and all methods from rows. */
import test from 'ava';
import {
  aggregatorSchema,
  aggregators,
  directionInto,
  gramOfRows,
  resolve,
  resolveRows,
} from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
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
  const absent = resolveRows([null, ...rows, null], { aggregator: 'trimmed-mean' });
  t.deepEqual(absent.direction, direction);
});

test('in a run trimmed-mean of too few rows is their median', (t) => {
  const config = aggregatorSchema.parse({ name: 'trimmed-mean', trim: 9 });
  const random = () => createStream('unused');
  const median = new Float32Array(4);
  directionInto(median, { rows: rows.slice(0, 3), weights: [], random }, config);
  t.deepEqual([...median], [1, 5, 3, 0]);
  directionInto(median, { rows: rows.slice(0, 2), weights: [], random }, config);
  t.deepEqual([...median], [2.5, 1.5, -1.5, 0], 'of two their mean');
});

test('a mask leaves rows out as if they were not there, whatever they hold', (t) => {
  const broken = Float32Array.of(Number.NaN, 1, 1, 1);
  for (const aggregator of ['mgda', 'gradvac', 'trimmed-mean', 'graddrop']) {
    const masked = resolveRows([rows[0]!, broken, null, ...rows.slice(1)], {
      aggregator,
      mask: [1, 0, 1, 1, 1, 0],
    });
    const { direction, resolved } = resolveRows(rows.slice(0, 3), { aggregator });
    t.deepEqual(masked.direction, direction, aggregator);
    if (resolved === null) continue;
    const [first, , , ...others] = masked.resolved!.weights;
    t.deepEqual([first, ...others], [...resolved.weights, 0], aggregator);
    t.deepEqual(masked.resolved!.certificate, resolved.certificate, aggregator);
  }
});

test('with all rows masked nothing moves, and d is as long as they are', (t) => {
  for (const aggregator of ['mgda', 'trimmed-mean']) {
    const { direction } = resolveRows(rows, { aggregator, mask: [0, 0, 0, 0] });
    t.deepEqual(direction, new Float32Array(4), aggregator);
  }
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

test('no row, and no such option', (t) => {
  const absent = resolveRows([null, null], { aggregator: 'graddrop' });
  t.deepEqual(absent, { direction: new Float32Array(0), resolved: null });
  const none = resolveRows([null, null], { aggregator: 'mgda' });
  t.true(none.resolved!.certificate.empty);
  const refuses = (options: object, message: RegExp) => {
    t.throws(() => resolveRows(rows, { aggregator: 'graddrop', ...options }), {
      name: 'AggregatorError',
      message,
    });
  };
  refuses({ leak: 2 }, /graddrop: leak/);
  refuses({ trim: 2 }, /unknown key "trim"/);
  refuses({ normalize: 'l2' }, /normalize/);
  t.throws(() => resolve([1], { aggregator: 'graddrop' }), {
    name: 'AggregatorError',
    message: /graddrop needs the gradients themselves: use resolveRows/,
  });
});

test('rows of bf16 are the f32 whose upper halves they are, for every method', (t) => {
  // Whole numbers this small are numbers of bf16, too.
  const short = rows.map((row) => Uint16Array.from(new Uint32Array(row.buffer), (x) => x >>> 16));
  const given = [rows[0]!, null, short[1]!, short[2]!, short[3]!];
  const asF32 = [rows[0]!, null, ...rows.slice(1)];
  for (const { name: aggregator } of aggregators) {
    t.deepEqual(resolveRows(given, { aggregator }), resolveRows(asF32, { aggregator }), aggregator);
  }
});
