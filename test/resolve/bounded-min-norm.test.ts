/** The solver behind mgda-capped and fedmgda: corners, and answers from which no step leads on. */
import test from 'ava';
import { boundedGap, boundedMinNorm, cornerOf } from '../../node/resolve/bounded-min-norm.ts';
import { minNorm } from '../../node/resolve/min-norm.ts';
import { normsOf } from '../../node/resolve/normalize.ts';
import { squareOf } from '../../node/resolve/products.ts';
import { allclose } from '../helpers/allclose.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

const bounds = (m: number, low: number, high: number) => ({
  low: new Float64Array(m).fill(low),
  high: new Float64Array(m).fill(high),
});

test('the cheapest rows get all that they may, of equals the lowest index', (t) => {
  const corner = (low: number, high: number, prices: number[]) => [
    ...cornerOf(bounds(prices.length, low, high), Float64Array.from(prices)),
  ];
  t.deepEqual(corner(0, 1, [3, -1, 2]), [0, 1, 0]);
  t.deepEqual(corner(0.125, 0.5, [3, 1, 2]), [0.125, 0.5, 0.375]);
  t.deepEqual(corner(0, 0.5, [1, 1, 1, 1]), [0.5, 0.5, 0, 0]);
});

test('a corner keeps its bounds to the bit, however their sum is rounded', (t) => {
  for (let m = 2; m <= 64; m++) {
    const prices = Float64Array.from({ length: m }, (_, i) => i);
    const corner = cornerOf(bounds(m, 1 / m, 1), prices);
    t.true(
      corner.every((weight) => weight >= 1 / m),
      String(m),
    );
  }
});

test('the gap is what the best corner would save, and never below 0', (t) => {
  const gram = Float64Array.of(1, 0, 0, 4);
  t.is(boundedGap(gram, 2, bounds(2, 0, 1), Float64Array.of(0, 1)), 4);
  t.is(boundedGap(gram, 2, bounds(2, 0.25, 0.75), Float64Array.of(0.5, 0.5)), 0.375);
  t.is(boundedGap(gram, 2, bounds(2, 0.5, 0.5), Float64Array.of(0.5, 0.5)), 0);
  const { gap } = boundedMinNorm(gram, 2, bounds(2, 0, 0.75));
  t.is(gap, 0);
});

test('bounds that bind nothing cost no digit, however different the rows are', (t) => {
  for (let seed = 0; seed < 420; seed++) {
    const { label, m, gram } = nastyMatrix(seed);
    if (m > 16) continue;
    const free = minNorm(gram, m);
    const square = (w: Float64Array) => Math.max(0, squareOf(gram, m, w));
    const scale = free.weights.reduce((sum, weight, i) => sum + weight * gram[i * m + i]!, 0);
    const { weights } = boundedMinNorm(gram, m, bounds(m, 0, 1));
    t.true(square(weights) <= square(free.weights) + 1e-13 * scale, label);
  }
});

test('where far longer rows hide what shorter ones promise, it says so', (t) => {
  let hidden = 0;
  for (let seed = 3; seed < 420; seed += 14) {
    const { label, m, gram } = nastyMatrix(seed);
    const least = squareOf(gram, m, minNorm(gram, m).weights);
    const { weights, converged } = boundedMinNorm(gram, m, bounds(m, 0, 1));
    const isAnswer = squareOf(gram, m, weights) <= 1.01 * least;
    if (converged) t.true(isAnswer, label);
    else hidden++;
  }
  t.true(hidden > 0);
});

/** Where d gets shorter all the while and the promise does not: see matrices.test.ts. */
const LONG_SEARCHES = [114, 128, 268, 548, 1668];

test('weights keep their bounds, and no corner promises more than rounding', (t) => {
  const matrices = [
    ...Array.from({ length: 60 }, (_, i) => plainMatrix(19 * i)).filter(({ m }) => m <= 24),
    ...Array.from({ length: 140 }, (_, i) => nastyMatrix(3 * i)).filter(({ m }) => m <= 16),
    ...LONG_SEARCHES.map(nastyMatrix),
  ];
  for (const { label, m, gram } of matrices) {
    const norms = normsOf(gram, m);
    for (const [low, high] of [
      [0, Math.max(0.3, 1 / m)],
      [0, Math.min(1, 1 / m + 0.1)],
      [0.5 / m, 0.8],
    ] as const) {
      const what = `${label}, ${low} to ${high}`;
      const answer = boundedMinNorm(gram, m, bounds(m, low, high));
      const { weights, gap, iterations, converged } = answer;
      t.true(converged || label.startsWith('very uneven'), what);
      t.true(iterations <= 50 + 10 * m, `${what}: ${iterations} steps`);
      const slack = 1e-14;
      t.true(
        weights.every((w) => w >= low - slack && w <= high + slack),
        what,
      );
      t.true(Math.abs(weights.reduce((a, b) => a + b, 0) - 1) <= 1e-13, what);
      const size = weights.reduce((sum, weight, i) => sum + weight * norms[i]!, 0);
      const longest = Math.max(...norms);
      t.true(gap <= 1e-13 * size * (size + high * longest), `${what}: gap ${gap / size / size}`);
    }
  }
});

test('rows of zeros are an answer at once', (t) => {
  const { weights, gap, iterations, converged } = boundedMinNorm(
    new Float64Array(9),
    3,
    bounds(3, 0, 0.5),
  );
  allclose(weights, [0.5, 0.5, 0], { rtol: 0, atol: 0 });
  t.deepEqual([gap, iterations, converged], [0, 0, true]);
});
