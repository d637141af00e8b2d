/** An aggregator of one's own: in ten lines, or whole. */
import test from 'ava';
import {
  type Aggregator,
  aggregatorByName,
  aggregatorOfModule,
  gramOfRows,
  type OwnAggregator,
  ownAggregator,
  resolve,
} from '../../node/resolve/index.ts';
import { statefulAggregator } from '../helpers/stateful-aggregator.ts';

const inverseSquare: OwnAggregator = {
  name: 'inverse-square',
  options: { floor: 0, quiet: true, unit: 'one' },
  weigh({ gram, k, options }) {
    const floor = Number(options['floor']);
    const raw = Array.from({ length: k }, (_, i) => 1 / (floor + gram[i * k + i]!));
    const sum = raw.reduce((a, b) => a + b);
    return raw.map((weight) => weight / sum);
  },
};

test('a name and a function are an aggregator, with options, masks and a certificate', (t) => {
  const gram = [1, 0, 0, 0, 4, 0, 0, 0, 9];
  const { weights, certificate } = resolve(gram, { aggregator: inverseSquare });
  t.deepEqual(
    [...weights].map((weight) => Math.round(weight * 49)),
    [36, 9, 4],
  );
  t.is(certificate.problem, 'none');
  const masked = resolve(gram, { aggregator: inverseSquare, mask: [0, 1, 1], floor: 1 });
  t.deepEqual(
    [...masked.weights].map((weight) => Math.round(weight * 15)),
    [0, 10, 5],
  );
  const unit = resolve(gram, { aggregator: inverseSquare, normalize: 'l2', losses: [1, 2, 3] });
  t.deepEqual(
    [...unit.weights].map((weight) => Math.round(weight * 11)),
    [6, 3, 2],
  );
});

test('it sees losses and a stream of its own', (t) => {
  const noisy: OwnAggregator = {
    name: 'noisy',
    normalize: 'l2',
    weigh: ({ k, losses, random }) =>
      Array.from({ length: k }, (_, i) => losses[i]! + random.nextFloat()),
  };
  const options = { aggregator: noisy, losses: [5, 7], mask: [0, 1], normalize: 'none' } as const;
  const { weights } = resolve([1, 0, 0, 1], options);
  t.is(weights[0], 0);
  t.true(weights[1]! >= 7 && weights[1]! < 8);
  t.deepEqual(resolve([1, 0, 0, 1], options).weights, weights);
  t.is(ownAggregator(noisy), ownAggregator(noisy), 'made once');
  t.is(ownAggregator(noisy).normalizeDefault, 'l2');
});

test('a whole aggregator passes as it is, and is found by name among ours', (t) => {
  t.is(aggregatorOfModule(statefulAggregator), statefulAggregator);
  t.is(aggregatorByName('stateful', [statefulAggregator]), statefulAggregator);
  const gram = gramOfRows([Float32Array.of(1, 2)]);
  t.is(resolve(gram, { aggregator: statefulAggregator }).state.length, 2);
});

test('what is no aggregator says what it lacks', (t) => {
  const refuses = (exported: unknown, message: RegExp) => {
    t.throws(() => aggregatorOfModule(exported), { name: 'AggregatorError', message });
  };
  const weigh = () => [1];
  refuses(undefined, /exports it as default/);
  refuses(null, /exports it as default/);
  refuses(weigh, /exports it as default/);
  refuses({ weigh }, /name is undefined/);
  refuses({ name: 'Upper', weigh }, /name is "Upper", expected a-z/);
  refuses({ name: 'one' }, /one: weigh is no function/);
  refuses({ name: 'one', weigh, normalize: 'l1' }, /one: normalize is none of none, l2/);
  refuses({ name: 'one', weigh, options: { module: 1 } }, /can't be called module/);
  refuses({ ...statefulAggregator, schema: {} }, /stateful: an aggregator with state has weigh/);
  refuses({ ...statefulAggregator, weigh: 1 }, /with state has weigh/);
  const odd = { ...statefulAggregator, name: 'odd' } satisfies Aggregator;
  t.throws(() => resolve([1], { aggregator: odd, share: 1 }), {
    message: 'odd: unknown key "share". Did you mean "state"?',
  });
});
