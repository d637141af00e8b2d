/** The published and derived vectors of the field for mean and mgda, and the degenerate cases. */
import test from 'ava';
import { resolve } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';

interface Vector {
  title: string;
  gram: number[];
  weights: number[];
  squaredNorm: number;
  normalize?: 'none' | 'l2';
  mask?: number[];
}

const tight = { rtol: 2e-15, atol: 2e-15 };

const mgdaVectors: Vector[] = [
  { title: "TorchJD's", gram: [18, -22, -22, 38], weights: [0.6, 0.4], squaredNorm: 2 },
  {
    title: 'orthogonal rows',
    gram: [1, 0, 0, 0, 4, 0, 0, 0, 9],
    weights: [36 / 49, 9 / 49, 4 / 49],
    squaredNorm: 36 / 49,
  },
  {
    title: 'orthogonal rows, l2: 1/3, 1/6, 1/9 over their sum',
    gram: [1, 0, 0, 0, 4, 0, 0, 0, 9],
    weights: [6 / 11, 3 / 11, 2 / 11],
    squaredNorm: 1 / 3,
    normalize: 'l2',
  },
  {
    title: 'three rows in the plane of all',
    gram: [2, 0, 1, 0, 3, -1, 1, -1, 5],
    weights: [0.4, 0.4, 0.2],
    squaredNorm: 1,
  },
  { title: 'rank 2 of 3', gram: [9, 3, 0, 3, 2, 3, 0, 3, 9], weights: [0, 1, 0], squaredNorm: 2 },
  {
    title: 'rank 2 of 3, l2',
    gram: [9, 3, 0, 3, 2, 3, 0, 3, 9],
    weights: [0.5, 0, 0.5],
    squaredNorm: 0.5,
    normalize: 'l2',
  },
  {
    title: 'three rows 120° apart',
    gram: [1, -0.5, -0.5, -0.5, 1, -0.5, -0.5, -0.5, 1],
    weights: [1 / 3, 1 / 3, 1 / 3],
    squaredNorm: 0,
  },
  { title: 'a dominated row', gram: [1, 2, 2, 9], weights: [1, 0], squaredNorm: 1 },
  { title: 'opposite rows', gram: [1, -3, -3, 9], weights: [0.75, 0.25], squaredNorm: 0 },
  {
    title: 'a duplicate: the lowest index gets its weight',
    gram: [1, 1, -0.5, 1, 1, -0.5, -0.5, -0.5, 1],
    weights: [0.5, 0, 0.5],
    squaredNorm: 0.25,
  },
  {
    title: 'a zero row that is present: nothing moves',
    gram: [4, 1, 0, 1, 2, 0, 0, 0, 0],
    weights: [0, 0, 1],
    squaredNorm: 0,
  },
  {
    title: 'a zero row that is present, l2: nothing moves',
    gram: [4, 1, 0, 1, 2, 0, 0, 0, 0],
    weights: [0, 0, 1],
    squaredNorm: 0,
    normalize: 'l2',
  },
  {
    title: 'a zero row that is masked: the others decide',
    gram: [4, 1, 0, 1, 2, 0, 0, 0, 0],
    weights: [0.25, 0.75, 0],
    squaredNorm: 1.75,
    mask: [1, 1, 0],
  },
  { title: 'one row', gram: [7], weights: [1], squaredNorm: 7 },
  { title: 'one zero row', gram: [0], weights: [1], squaredNorm: 0 },
  { title: 'equal rows', gram: [3, 3, 3, 3], weights: [1, 0], squaredNorm: 3 },
  {
    title: 'all rows zero',
    gram: [0, 0, 0, 0, 0, 0, 0, 0, 0],
    weights: [1 / 3, 1 / 3, 1 / 3],
    squaredNorm: 0,
  },
  {
    title: 'all rows zero, l2',
    gram: [0, 0, 0, 0],
    weights: [0.5, 0.5],
    squaredNorm: 0,
    normalize: 'l2',
  },
];

for (const { title, gram, weights, squaredNorm, normalize = 'none', mask } of mgdaVectors) {
  test(`mgda, ${title}`, (t) => {
    const options = { aggregator: 'mgda', normalize, ...(mask === undefined ? {} : { mask }) };
    const result = resolve(gram, options);
    allclose(result.weights, weights, tight);
    allclose([result.certificate.squaredNorm], [squaredNorm], tight);
    t.true(result.certificate.gapRelative <= 1e-14);
    t.is(result.certificate.stationary, squaredNorm === 0);
    t.is(result.certificate.problem, 'min-norm');
  });
}

test('opposite rows of any ratio weigh k : 1', (t) => {
  for (const k of [1e-6, 0.1, 1, 7, 1e6]) {
    const { weights } = resolve([1, -k, -k, k * k], { aggregator: 'mgda', normalize: 'none' });
    allclose(weights, [k / (1 + k), 1 / (1 + k)], tight);
  }
  t.pass();
});

test('two rows are not clamped away from the corners', (t) => {
  const { weights } = resolve([1, 0, 0, 1e12], { aggregator: 'mgda', normalize: 'none' });
  allclose(weights, [1 - 1e-12, 1e-12], { rtol: 1e-11, atol: 0 });
  t.pass();
});

test('the mean weighs every language that is present the same', (t) => {
  const gram = [18, -22, 0, -22, 38, 0, 0, 0, 5];
  const all = resolve(gram, { aggregator: 'mean' });
  t.deepEqual(all.weights, Float64Array.of(1 / 3, 1 / 3, 1 / 3));
  t.is(all.certificate.problem, 'none');
  t.is(all.certificate.gapRelative, Number.NaN);
  allclose([all.certificate.leastDescent], [-4 / 3], tight);
  const two = resolve(gram, { aggregator: 'mean', mask: [1, 0, 1] });
  t.deepEqual(two.weights, Float64Array.of(0.5, 0, 0.5));
  const unit = resolve([1, 0, 0, 4], { aggregator: 'mean', normalize: 'l2' });
  allclose(unit.weights, [2 / 3, 1 / 3], tight);
});

test('no language present gives no direction, and says so', (t) => {
  for (const aggregator of ['mean', 'mgda']) {
    const { weights, certificate } = resolve([1, 0, 0, 1], { aggregator, mask: [0, 0] });
    t.deepEqual(weights, new Float64Array(2));
    t.true(certificate.empty);
    t.is(certificate.rows, 0);
  }
});
