/** Numbers that leave the range of float64 or float32 on their way to an answer. */
import test from 'ava';
import { type ResolveOptions, resolve, resolveRows } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';

const TWO = [18, -22, -22, 38];
const f32 = (...values: number[]) => Float32Array.from(values);
const f64 = (...values: number[]) => Float64Array.from(values);

const LEFT = 'something left the range of numbers';
const NEARER = 'Bring rows, losses, options and state nearer to 1.';
const far: readonly (readonly [gram: number[], options: ResolveOptions, message: string])[] = [
  [
    [1e300, 0, 0, 1e300],
    { aggregator: 'modo', gamma: 1e10 },
    `modo gives language 0 weight NaN: ${LEFT}. ${NEARER}`,
  ],
  [
    TWO,
    { aggregator: 'cr-mogm', state: f64(1e308, 1e308, 1, 1) },
    `cr-mogm gives language 0 weight Infinity: ${LEFT}. ${NEARER}`,
  ],
  [
    [1e308, -1e308, -1e308, 1.7e308],
    { aggregator: 'pcgrad', normalize: 'none' },
    `pcgrad gives weights with ‖d‖² = NaN and (Σ |wᵢ|·‖gᵢ‖)² = Infinity: ${LEFT}. ${NEARER}`,
  ],
  [
    [1e300, 0, 0, 4],
    { aggregator: 'mean', normalize: 'loss', losses: [1e-10, 1] },
    'mean: row 0 of length 1e+150, divided as normalize loss says, leaves the range of numbers. ' +
      'Bring rows and losses nearer to 1.',
  ],
  [
    [1, 0, 0, 1e-300],
    { aggregator: 'mgda', normalize: 'loss', losses: [1, 1e20] },
    'mgda: row 1 of length 1e-150, divided as normalize loss says, leaves the range of numbers. ' +
      'Bring rows and losses nearer to 1.',
  ],
];

for (const [gram, options, message] of far) {
  test(`numbers out of range: ${message.slice(0, 60)}`, (t) => {
    t.throws(() => resolve(gram, options), { name: 'GramError', message });
  });
}

test('losses far from 1 divide rows of any length', (t) => {
  const gram = [18e-300, -22e-300, -22e-300, 38e-300];
  for (const aggregator of ['mgda', 'mean', 'upgrad']) {
    const near = resolve(TWO, { aggregator, normalize: 'loss+', losses: [1, 3] });
    const far = resolve(gram, { aggregator, normalize: 'loss+', losses: [1e-25, 3e-25] });
    allclose(far.weights, near.weights, { rtol: 1e-13, atol: 0 });
    t.true(Math.abs(far.certificate.leastCosine - near.certificate.leastCosine) < 1e-15);
  }
});

test('a state that was made up gives no weight to who is masked', (t) => {
  const state = f64(3, 0.25, 0.5, 1, 0);
  const { weights } = resolve(TWO, { aggregator: 'psmgd', mask: [1, 0], state });
  t.deepEqual([...weights], [0.25, 0]);
});

test('a direction that float32 has no numbers for is refused', (t) => {
  const long = [f32(1, 3e38), f32(1, 3e38)];
  for (const aggregator of ['sum', 'graddrop']) {
    const message =
      `${aggregator}: the direction has Infinity at 1, beyond the range of float32. ` +
      'Give shorter rows.';
    t.throws(() => resolveRows(long, { aggregator }), { name: 'GramError', message });
  }
  t.deepEqual([...resolveRows(long, { aggregator: 'mean' }).direction], [...long[0]!]);
});
