/** The solver behind nash-mtl and fairgrad: what it balances, and where there is no balance. */
import test from 'ava';
import { fixedPoint } from '../../node/resolve/fixed-point.ts';
import { resolve } from '../../node/resolve/index.ts';
import { dot, times } from '../../node/resolve/products.ts';
import { allclose } from '../helpers/allclose.ts';
import { exactBalanceGapOf } from './exact.ts';
import { drawRows, families } from './families.ts';
import { longRowsMatrix, nastyMatrix, shareMatrix } from './matrices.ts';

const POWERS = [0.05, 0.5, 1, 2, 10];

/** Σ αᵢ‖gᵢ‖. */
const sizeOf = (gram: Float64Array, k: number, weights: Float64Array) =>
  weights.reduce((sum, weight, i) => sum + weight * Math.sqrt(gram[i * k + i]!), 0);

test('(Gα)ᵢ is the power of αᵢ, or all weights are 0 where the rows can vanish', (t) => {
  for (const family of Object.keys(families)) {
    for (let seed = 0; seed < 12; seed++) {
      const { gram, rows } = drawRows(family, 2 + (seed % 6), 3 + (seed % 4), seed);
      const k = rows.length;
      for (const p of POWERS) {
        const what = `${family} #${seed}, p = ${p}`;
        const { weights, iterations, converged } = fixedPoint(gram, k, p);
        t.true(converged, what);
        t.true(iterations <= 60, `${what}: ${iterations} steps`);
        if (weights.every((weight) => weight === 0)) continue;
        const size = sizeOf(gram, k, weights);
        times(gram, k, weights).forEach((inner, i) => {
          const [gain, wanted] = [weights[i]! * inner, weights[i]! ** (1 - p)];
          const noise = 1e-9 * wanted + 1e-13 * size * size;
          t.true(Math.abs(gain - wanted) <= noise, `${what}: ${gain} of ${i}, not ${wanted}`);
        });
      }
    }
  }
});

test('a row of zeros vanishes alone', (t) => {
  const answer = fixedPoint(Float64Array.of(1, 0, 0, 0), 2, 1);
  t.deepEqual([...answer.weights], [0, 0]);
  t.deepEqual([answer.iterations, answer.converged], [0, true]);
});

test('a row that is balanced from the start stays, while others are not', (t) => {
  // Rows 1 and 2 are 60° apart, 3 and 4 120°: weights of 1 have the ‖d‖² of 5 that they need.
  const gram = Float64Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? 1 : 0));
  gram[7] = gram[11] = 0.5;
  gram[19] = gram[23] = -0.5;
  const { weights, converged } = fixedPoint(gram, 5, 1);
  const [near, far] = [Math.sqrt(1 / 1.5), Math.sqrt(1 / 0.5)];
  allclose(weights, [1, near, near, far, far], { rtol: 1e-14, atol: 0 });
  t.true(converged);
});

test('where one search loses its way from rows of 1e-40 to 1e40, stages lead there', (t) => {
  // By seed, what was lost before there were stages.
  const lost = [
    [171, 0.5],
    [437, 2],
    [423, 4],
    [129, 5],
    [269, 5],
    [423, 5],
  ] as const;
  for (const [seed, alpha] of lost) {
    const { gram, m, label } = nastyMatrix(seed);
    const { weights, converged } = fixedPoint(gram, m, 1 / alpha);
    t.true(converged, label);
    const size = sizeOf(gram, m, weights);
    times(gram, m, weights).forEach((inner, i) => {
      const [gain, wanted] = [weights[i]! * inner, weights[i]! ** (1 - 1 / alpha)];
      const noise = 1e-9 * wanted + 1e-13 * size * size;
      t.true(Math.abs(gain - wanted) <= noise, `${label}: ${gain} of ${i}, not ${wanted}`);
    });
  }
});

test('where powers leave the range of numbers it says so, and keeps the weights before', (t) => {
  // Lengths from 1e-40 to 1e40: of the start, 1 all in the solver's units, no step leads on.
  const { gram, m } = nastyMatrix(3);
  const { weights, iterations, converged } = fixedPoint(gram, m, 10);
  t.deepEqual([iterations, converged], [0, false]);
  t.true(weights.every((weight) => weight > 0 && Number.isFinite(weight)));
  // The best of their ray.
  const square = dot(weights, times(gram, m, weights));
  const wanted = weights.reduce((sum, weight) => sum + weight ** -9, 0);
  t.true(Math.abs(square / wanted - 1) <= 1e-9, `${square} beside ${wanted}`);
});

test('where rows all but cancel the search ends as soon as its steps are rounding', (t) => {
  let hard = 0;
  for (let seed = 0; seed < 400; seed++) {
    for (const { label, gram } of [shareMatrix(seed), longRowsMatrix(seed)]) {
      for (const alpha of [0.5, 1, 2]) {
        const { weights, certificate } = resolve(gram, { aggregator: 'fairgrad', alpha });
        if (certificate.problem === 'none') continue;
        const { iterations, converged, gapRelative, scale, squaredNorm } = certificate;
        const what = `${label}, alpha = ${alpha}: ${iterations} steps, gap ${gapRelative}`;
        t.true(converged && iterations <= 60, what);
        // What rounding of the weights leaves.
        const rounding = 2 ** -53 * (scale / squaredNorm);
        if (rounding > 1e-6) hard++;
        if (alpha === 1) {
          const gap = exactBalanceGapOf(gram, weights) / squaredNorm;
          t.true(gap <= 4 * rounding + 1e-15, what);
        }
      }
    }
  }
  t.true(hard > 100);
});

test('gains that are far less than what they are added up from end the search too', (t) => {
  // 4^−20 beside sums of 50: of such a gain float64 has two digits, and twice the digits all.
  for (const seed of [13, 97, 132]) {
    const { gram } = drawRows('duplicates', 2 + (seed % 7), 3 + (seed % 4), seed);
    const { certificate } = resolve(gram, { aggregator: 'fairgrad', alpha: 0.05 });
    const { problem, converged, iterations, gapRelative } = certificate;
    t.deepEqual([problem, converged], ['fixed-point', true], `#${seed}`);
    t.true(iterations <= 60 && gapRelative <= 1e-14, `#${seed}: ${iterations}, ${gapRelative}`);
  }
});
