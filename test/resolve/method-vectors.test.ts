/** Published and derived vectors of every method that solves, projects or remembers. */
import test from 'ava';
import { gramOfRows, resolve } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';
import type { Configuration } from './configurations.ts';
import { directionOf } from './families.ts';

const derived = { rtol: 0, atol: 6e-9 };
const exact = { rtol: 4e-15, atol: 4e-15 };

const TORCHJD = [18, -22, -22, 38];
const DIAGONAL = [1, 0, 0, 0, 4, 0, 0, 0, 9];
const PLAIN = [2, 0, 1, 0, 3, -1, 1, -1, 5];
const RANK_TWO = [9, 3, 0, 3, 2, 3, 0, 3, 9];

type Vector = [options: Configuration, gram: number[], weights: number[], atol?: 'exact'];

const vectors: Vector[] = [
  [{ aggregator: 'cagrad', c: 0.2 }, TORCHJD, [0.58164966, 0.5]],
  [{ aggregator: 'cagrad', c: 0.4 }, TORCHJD, [0.66329932, 0.5]],
  [{ aggregator: 'cagrad', c: 0.5 }, TORCHJD, [0.70412415, 0.5]],
  [{ aggregator: 'cagrad' }, DIAGONAL, [0.9569429, 1 / 3, 1 / 3]],
  [{ aggregator: 'cagrad', c: 0.4 }, PLAIN, [0.48269136, 0.54401646, 1 / 3]],
  [{ aggregator: 'cagrad', c: 0.5 }, RANK_TWO, [1 / 3, 1, 1 / 3], 'exact'],
  [{ aggregator: 'cagrad', c: 0 }, PLAIN, [1 / 3, 1 / 3, 1 / 3], 'exact'],
  [{ aggregator: 'dualproj' }, TORCHJD, [11 / 18, 0.5], 'exact'],
  [{ aggregator: 'dualproj' }, DIAGONAL, [1 / 3, 1 / 3, 1 / 3], 'exact'],
  [{ aggregator: 'dualproj' }, PLAIN, [1 / 3, 1 / 3, 1 / 3], 'exact'],
  [{ aggregator: 'upgrad' }, TORCHJD, [10 / 9, 15 / 19], 'exact'],
  [{ aggregator: 'upgrad' }, DIAGONAL, [1 / 3, 1 / 3, 1 / 3], 'exact'],
  [{ aggregator: 'upgrad' }, PLAIN, [1 / 3, 4 / 9, 0.4], 'exact'],
  [{ aggregator: 'pcgrad' }, TORCHJD, [20 / 9, 30 / 19], 'exact'],
  [{ aggregator: 'pcgrad' }, DIAGONAL, [1, 1, 1], 'exact'],
  [{ aggregator: 'pcgrad', order: 'index' }, PLAIN, [1, 4 / 3, 1.2], 'exact'],
  [{ aggregator: 'gradvac' }, TORCHJD, [20 / 9, 30 / 19], 'exact'],
  [{ aggregator: 'gradvac', order: 'index' }, PLAIN, [1, 4 / 3, 1.2], 'exact'],
  [{ aggregator: 'nash-mtl' }, TORCHJD, [0.59146115, 0.40707148]],
  [{ aggregator: 'nash-mtl' }, DIAGONAL, [1, 1 / 2, 1 / 3], 'exact'],
  [{ aggregator: 'nash-mtl' }, PLAIN, [0.60292607, 0.65771431, 0.45272598]],
  [{ aggregator: 'nash-mtl' }, RANK_TWO, [0.27216553, 0.40824829, 0.27216553]],
  [{ aggregator: 'fairgrad' }, TORCHJD, [0.59146115, 0.40707148]],
  [{ aggregator: 'fairgrad', alpha: 2 }, TORCHJD, [0.47136292, 0.31945423]],
  [{ aggregator: 'fairgrad', alpha: 2 }, DIAGONAL, [1, 0.39685026, 0.23112042]],
  [{ aggregator: 'fairgrad', alpha: 0 }, DIAGONAL, [1 / 3, 1 / 3, 1 / 3], 'exact'],
  [{ aggregator: 'mgda-capped', cap: 1, normalize: 'none' }, TORCHJD, [0.6, 0.4], 'exact'],
  [{ aggregator: 'mgda-capped', cap: 0.4, normalize: 'none' }, PLAIN, [0.4, 0.4, 0.2], 'exact'],
  [{ aggregator: 'mgda-capped', cap: 0.1 }, [1, 0, 0, 1], [0.5, 0.5], 'exact'],
  // Orthogonal rows: wᵢ‖gᵢ‖² is the same for those below the cap.
  [{ aggregator: 'mgda-capped', normalize: 'none' }, DIAGONAL, [0.5, 4.5 / 13, 2 / 13], 'exact'],
  [{ aggregator: 'fedmgda', epsilon: 0, normalize: 'none' }, PLAIN, [1 / 3, 1 / 3, 1 / 3], 'exact'],
  [{ aggregator: 'fedmgda', epsilon: 1, normalize: 'none' }, PLAIN, [0.4, 0.4, 0.2], 'exact'],
  [
    { aggregator: 'fedmgda', epsilon: 0.1, normalize: 'none' },
    RANK_TWO,
    [17 / 60, 13 / 30, 17 / 60],
  ],
];

for (const [options, gram, weights, precision] of vectors) {
  test(`${JSON.stringify(options)} of ${gram.join(' ')}`, (t) => {
    const { weights: found, certificate } = resolve(gram, options);
    allclose(found, weights, precision === 'exact' ? exact : derived);
    t.false(certificate.gapRelative > 1e-14, `gapRelative ${certificate.gapRelative}`);
  });
}

test("the direction of the bargaining solution, shortened to 1, is TorchJD's", (t) => {
  const rows = [Float32Array.of(-4, 1, 1), Float32Array.of(6, 1, 1)];
  const gram = gramOfRows(rows);
  const { weights } = resolve(gram, { aggregator: 'nash-mtl', maxNorm: 1 });
  allclose(directionOf(rows, weights), [0.0542, 0.7061, 0.7061], { rtol: 0, atol: 1e-4 });
  const whole = resolve(gram, { aggregator: 'nash-mtl' });
  allclose([whole.certificate.squaredNorm], [2], exact);
  allclose(
    weights,
    whole.weights.map((weight) => weight / Math.sqrt(2)),
    exact,
  );
  const wide = resolve(gram, { aggregator: 'nash-mtl', maxNorm: 2 });
  t.deepEqual(wide.weights, whole.weights, 'a shorter one is left as it is');
});

test('maxNorm bounds d of the divided rows, which with l2 is not that of the raw ones', (t) => {
  const gram = [18, -22, -22, 38];
  const options = { aggregator: 'nash-mtl', maxNorm: 1, normalize: 'l2' } as const;
  const { weights, certificate } = resolve(gram, options);
  allclose([certificate.squaredNorm], [1], exact);
  const square = 18 * weights[0]! ** 2 - 44 * weights[0]! * weights[1]! + 38 * weights[1]! ** 2;
  t.true(Math.abs(Math.sqrt(square) - 5.026) < 1e-3);
});

test("sdmgrad's two steps are TorchJD's: what it found stays, the momentum doesn't", (t) => {
  const options = { aggregator: 'sdmgrad', iterations: 1 };
  const first = resolve([1, 0, 0, 0, 0.25, 0, 0, 0, 0], options);
  allclose(first.weights, [1 / 13, 1 / 13, 11 / 13], exact);
  const second = resolve([1, 0, 0, 0, 1, 0, 0, 0, 1], { ...options, state: first.state });
  allclose(second.weights, [6 / 13, 6 / 13, 1 / 13], exact);
  t.pass();
});

test('sdmgrad and modo take the inner products of two batches', (t) => {
  const gram = [1, 0, 0, 1];
  const cross = [1, 0.5, 0, 0.25];
  const { weights } = resolve(gram, { aggregator: 'modo', gamma: 0.1, rho: 0, cross });
  // (½, ½) − 0.1·(0.75, 0.125), moved onto the simplex.
  allclose(weights, [0.5 - 0.03125, 0.5 + 0.03125], exact);
  const one = resolve(gram, { aggregator: 'sdmgrad', cross });
  t.notDeepEqual(one.weights, resolve(gram, { aggregator: 'sdmgrad' }).weights);
});

test('rescale divides the direction, and nothing else', (t) => {
  const whole = resolve(PLAIN, { aggregator: 'cagrad', c: 0.4 });
  for (const [rescale, factor] of [
    ['linear', 1 / 1.4],
    ['square', 1 / 1.16],
  ] as const) {
    const { weights, certificate } = resolve(PLAIN, { aggregator: 'cagrad', c: 0.4, rescale });
    allclose(
      weights,
      whole.weights.map((weight) => factor * weight),
      exact,
    );
    t.true(certificate.gapRelative <= 1e-14);
  }
});

test('opposite rows, zero rows and equal rows are answered by every method that solves', (t) => {
  for (const aggregator of ['nash-mtl', 'fairgrad']) {
    for (const gram of [
      [1, -3, -3, 9],
      [4, 0, 0, 0],
    ]) {
      const { weights, certificate } = resolve(gram, { aggregator });
      t.deepEqual(weights, new Float64Array(2), 'there is no such w: d = 0');
      t.is(certificate.problem, 'none');
      t.true(certificate.stationary);
    }
    const equal = resolve([3, 3, 3, 3], { aggregator });
    allclose([equal.weights[0]!, equal.certificate.squaredNorm], [1 / Math.sqrt(6), 2], exact);
    allclose(resolve(new Float64Array(9), { aggregator }).weights, [1 / 3, 1 / 3, 1 / 3], exact);
  }
  const stationary = resolve([1, -3, -3, 9], { aggregator: 'cagrad', c: 1.5 });
  t.deepEqual(stationary.weights, new Float64Array(2), 'from c = 1 on d = 0 is within reach');
  for (const aggregator of ['dualproj', 'upgrad']) {
    const { certificate } = resolve([1, -3, -3, 9], { aggregator });
    t.true(certificate.stationary);
    const zero = resolve([4, 1, 0, 1, 2, 0, 0, 0, 0], { aggregator });
    allclose(zero.weights, [1 / 3, 1 / 3, 1 / 3], exact);
  }
  const skipped = resolve([18, -22, 0, -22, 38, 0, 0, 0, 0], { aggregator: 'pcgrad' });
  allclose(skipped.weights, [20 / 9, 30 / 19, 1], exact);
});

test('one row alone gets all weight, or what its method gives', (t) => {
  for (const aggregator of ['mgda', 'mgda-capped', 'fedmgda', 'upgrad', 'dualproj', 'pcgrad']) {
    allclose(resolve([7], { aggregator }).weights, [1], exact);
  }
  allclose(resolve([4], { aggregator: 'nash-mtl' }).weights, [0.5], exact);
  allclose(resolve([4], { aggregator: 'cagrad', c: 0.4 }).weights, [1.4], exact);
  t.pass();
});
