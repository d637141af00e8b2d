/** The Gram kernel, groups, state, residuals and refusals. */
import test from 'ava';
import {
  type AggregatorConfig,
  AggregatorError,
  addGrams,
  aggregatorByName,
  aggregatorSchema,
  aggregatorSchemaWith,
  aggregators,
  anyMask,
  conflicts,
  createAggregatorState,
  gramOfRows,
  minNorm,
  preferenceByOrder,
  residualsOf,
  resolve,
  resolveGroup,
} from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { allclose } from '../helpers/allclose.ts';
import { statefulAggregator } from '../helpers/stateful-aggregator.ts';

const mgda: AggregatorConfig = { name: 'mgda', normalize: 'none' };
const full = (m: number) => new Uint8Array(m).fill(1);
const givens = (m: number) => ({
  losses: new Float64Array(m).fill(1),
  random: createStream('run', 0, 0),
  state: new Float64Array(0),
});

function drawRows(label: string, m: number, n: number): Float32Array[] {
  const random = createStream(label);
  return Array.from({ length: m }, () =>
    Float32Array.from({ length: n }, () => random.nextFloat() - 0.5),
  );
}

test('rows that are not there give zeros, also when none is', (t) => {
  const [a, b] = drawRows('null', 2, 40) as [Float32Array, Float32Array];
  const gram = gramOfRows([null, a, null, b]);
  const pair = gramOfRows([a, b]);
  t.deepEqual([gram[5], gram[7], gram[13], gram[15]], [...pair]);
  t.is(gram.filter((entry) => entry !== 0).length, 4);
  t.deepEqual(gramOfRows([null, null]), new Float64Array(4));
  t.throws(() => gramOfRows([a, new Float32Array(3)]), { message: /row 1 has 3 values/ });
});

test('a wide group is the sum of its buckets, and one bucket alone is itself', (t) => {
  const rows = drawRows('wide', 3, 60);
  const cuts = [0, 20, 21, 60];
  const grams = cuts
    .slice(1)
    .map((end, k) => gramOfRows(rows.map((row) => row.slice(cuts[k], end))));
  const wide = resolveGroup({ grams, mask: full(3), ...givens(3) }, mgda);
  const summed = resolveGroup({ grams: [addGrams(grams)], mask: full(3), ...givens(3) }, mgda);
  t.deepEqual(wide, summed);
  const whole = resolve(gramOfRows(rows), { aggregator: 'mgda', normalize: 'none' });
  allclose(wide.weights, whole.weights, { rtol: 1e-12, atol: 1e-12 });
});

test('in a wide group a language takes part if any bucket has its row', (t) => {
  const masks = [Uint8Array.of(1, 0, 0), Uint8Array.of(0, 0, 1)];
  t.deepEqual(anyMask(masks, 3), Uint8Array.of(1, 0, 1));
  const grams = [
    Float64Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0),
    Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 2),
  ];
  const { weights } = resolveGroup({ grams, mask: anyMask(masks, 3), ...givens(3) }, mgda);
  t.deepEqual(weights, Float64Array.of(0.5, 0, 0.5));
});

test('dense buckets stop where the whole model would go on, and the step says so', (t) => {
  const mask = full(2);
  const first = { gram: Float64Array.of(1, -3, -3, 9), mask };
  const second = { gram: Float64Array.of(9, -3, -3, 1), mask };
  t.deepEqual(residualsOf([first, second]), {
    residualBucket: 0,
    residualGlobal: 2,
    stalledByPartition: true,
  });
  const sum = { gram: addGrams([first.gram, second.gram]), mask };
  t.false(residualsOf([sum]).stalledByPartition);
  const stationary = { gram: Float64Array.of(1, -1, -1, 1), mask };
  t.false(residualsOf([stationary, stationary]).stalledByPartition);
  t.false(residualsOf([]).stalledByPartition);
});

test('on a forest of buckets block-wise mgda ends at the optimum, from every start', (t) => {
  // f1 = θ1² + θ2², f2 = (θ2 − 1)² + (θ3 − 1)²: optimal exactly where θ1 = 0, θ3 = 1, θ2 in [0, 1].
  const random = createStream('chain');
  const masks = [Uint8Array.of(1, 0), Uint8Array.of(1, 1), Uint8Array.of(0, 1)];
  for (let start = 0; start < 20; start++) {
    const theta = Array.from({ length: 3 }, () => 3 * random.nextFloat() - 1);
    for (let s = 0; s < 200; s++) {
      const columns = [
        [2 * theta[0]!, 0],
        [2 * theta[1]!, 2 * (theta[1]! - 1)],
        [0, 2 * (theta[2]! - 1)],
      ];
      columns.forEach(([a, b], block) => {
        const gram = Float64Array.of(a! * a!, a! * b!, a! * b!, b! * b!);
        const input = { grams: [gram], mask: masks[block]!, ...givens(2) };
        const { weights } = resolveGroup(input, mgda);
        theta[block]! -= 0.1 * (weights[0]! * a! + weights[1]! * b!);
      });
    }
    t.true(Math.abs(theta[0]!) < 1e-9 && Math.abs(theta[2]! - 1) < 1e-9);
    t.true(theta[1]! > -1e-9 && theta[1]! < 1 + 1e-9);
  }
});

test('an aggregator that remembers gives other weights when its state is lost', (t) => {
  const own = [statefulAggregator];
  const config = aggregatorSchemaWith(own).parse({ name: 'stateful' });
  const gram = Float64Array.of(18, -22, -22, 38);
  const later = Float64Array.of(1, 0, 0, 4);
  const begin = createAggregatorState(config, 2, own);
  const at = (matrix: Float64Array, state: Float64Array) =>
    resolveGroup({ ...givens(2), grams: [matrix], mask: full(2), state }, config, own);
  const first = at(gram, begin);
  t.deepEqual(begin, new Float64Array(3), 'what was given stays as it was');
  const second = at(later, first.state);
  t.deepEqual(second.weights, at(later, first.state.slice()).weights);
  t.notDeepEqual(second.weights, at(later, begin).weights);
  const masked = resolveGroup(
    { ...givens(2), grams: [gram], mask: new Uint8Array(2), state: first.state },
    config,
    own,
  );
  t.deepEqual(masked.state, first.state, 'a step without rows changes no state');
  const direct = resolve(gram, { aggregator: statefulAggregator, state: first.state });
  t.deepEqual(direct.state, at(gram, first.state).state);
});

test('as many languages as are allowed are solved exactly', (t) => {
  const m = 256;
  const gram = gramOfRows(drawRows('many', m, 300));
  const { weights, gap, converged } = minNorm(gram, m);
  t.true(converged);
  t.true(weights.filter((weight) => weight > 0).length > 50);
  t.true(gap <= 1e-14 * gram[0]!);
});

test('conflicts are the pairs of negative cosine', (t) => {
  const gram = Float64Array.of(4, -2, 3, 0, -2, 4, 0, 0, 3, 0, 9, 0, 0, 0, 0, 0);
  const { cosines, pairs, leastCosine } = conflicts(gram, full(4));
  t.deepEqual(pairs, [{ a: 0, b: 1, cosine: -0.5 }]);
  t.is(leastCosine, -0.5);
  t.is(cosines[2], 0.5);
  t.is(cosines[3], Number.NaN, 'a zero row has no direction');
  t.deepEqual(conflicts(gram, Uint8Array.of(1, 0, 1, 1)).pairs, []);
});

test('the configuration is strict, and the mean takes rows as they are by default', (t) => {
  t.deepEqual(aggregatorSchema.parse({ name: 'mgda' }), { name: 'mgda', normalize: 'l2' });
  t.deepEqual(aggregatorSchema.parse({ name: 'mean' }), { name: 'mean', normalize: 'none' });
  t.false(aggregatorSchema.safeParse({ name: 'mgda', cap: 1 }).success);
  t.false(aggregatorSchema.safeParse({ name: 'stateful' }).success);
  t.is(aggregatorByName('mean').stateLength(8, {}), 0);
});

test('a preference counts the same from a configuration and from a call', (t) => {
  const gram = Float64Array.of(18, -22, 3, -22, 38, 1, 3, 1, 5);
  const preference = [0.5, 2, 1];
  for (const { name, usesPreference } of aggregators) {
    if (usesPreference !== true) continue;
    const of = name === 'cr-mogm' || name === 'psmgd' ? { of: 'upgrad' } : {};
    const config = aggregatorSchema.parse({ name, preference, ...of });
    const input = {
      grams: [gram],
      mask: Uint8Array.of(1, 1, 1),
      losses: new Float64Array(3),
      random: createStream('resolve', 0),
      state: createAggregatorState(config, 3),
    };
    const called = resolve(gram, { aggregator: name, preference, ...of });
    t.deepEqual(resolveGroup(input, config).weights, called.weights, name);
  }
});

test('a preference by name is brought into order, and has to fit', (t) => {
  const config = (preference: unknown) => aggregatorSchema.parse({ name: 'upgrad', preference });
  const ids = ['a', 'b', 'c'];
  t.deepEqual(preferenceByOrder(config({ c: 3, a: 0 }), ids).preference, [0, 1, 3]);
  t.deepEqual(preferenceByOrder(config([1, 2, 3]), ids).preference, [1, 2, 3]);
  t.is(preferenceByOrder(config(undefined), ids).preference, undefined);
  const said = (preference: unknown) =>
    t.throws(() => preferenceByOrder(config(preference), ids), { instanceOf: AggregatorError })
      ?.message;
  t.is(said([1]), 'preference has 1 numbers for 3 languages: a, b, c');
  t.is(said({ d: 1 }), 'preference names "d", which is no language trained on: a, b, c');
  t.is(said([0, 0, 0]), 'preference is 0 for all languages, expected more for one at least');
  t.false(aggregatorSchema.safeParse({ name: 'mgda', preference: [1] }).success);
  t.false(aggregatorSchema.safeParse({ name: 'upgrad', preference: [Infinity] }).success);
});
