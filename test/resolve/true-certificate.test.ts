/** Certificates beside exact arithmetic: what they say is true of the weights that are given. */
import test from 'ava';
import { type Problem, resolve } from '../../node/resolve/index.ts';
import { wolfe } from '../../node/resolve/min-norm.ts';
import { createStream } from '../../protocol/random.ts';
import { exactBalanceGapOf, exactConeGapOf, exactOf } from './exact.ts';
import { sizeOf } from './families.ts';
import {
  gramOf,
  type Matrix,
  nastyMatrix,
  plainMatrix,
  roundedOppositeMatrix,
} from './matrices.ts';

/** Whole numbers times powers of two far apart: of these rows G loses digits, d all of them. */
function spreadMatrix(seed: number): Matrix {
  const random = createStream('spread', seed);
  const m = 2 + random.nextBelow(6);
  const rows = Array.from({ length: m }, () => {
    const factor = 2 ** (random.nextBelow(61) - 30);
    return Array.from({ length: 3 + (seed % 3) }, () => (random.nextBelow(11) - 5) * factor);
  });
  return { label: `spread, ${m} #${seed}`, m, gram: gramOf(rows) };
}

const spread = Array.from({ length: 400 }, (_, seed) => spreadMatrix(seed));
const others = [
  ...Array.from({ length: 84 }, (_, i) => nastyMatrix(5 * i)),
  ...Array.from({ length: 24 }, (_, i) => plainMatrix(19 * i)),
].filter(({ m }) => m <= 16);

/** What numbers below the normal ones are off by. */
const LEAST = 2 ** -1072;

const isNear = (actual: number, expected: number, unit: number) =>
  Math.abs(actual - expected) <= 2 ** -31 * Math.abs(expected) + 2 ** -90 * unit + LEAST;

/** By problem, of weights that hold all of its answer; null where nothing is solved. */
function exactGapOf(problem: Problem, gram: Float64Array, weights: Float64Array): number | null {
  if (problem === 'min-norm') return Math.max(0, exactOf(gram, weights).gap);
  if (problem === 'fixed-point') return exactBalanceGapOf(gram, weights);
  const u = new Float64Array(weights.length).fill(1 / weights.length);
  return problem === 'dual-cone' ? exactConeGapOf(gram, weights, u) : null;
}

for (const aggregator of ['mgda', 'mean', 'pcgrad', 'dualproj', 'upgrad', 'nash-mtl']) {
  const gaps = aggregator === 'upgrad' ? '' : ', and the gap of what is solved,';
  test(`${aggregator}: ‖d‖² and the least descent${gaps} are those of exact arithmetic`, (t) => {
    for (const { label, m, gram } of [...spread, ...others]) {
      const { weights, certificate } = resolve(gram, { aggregator, normalize: 'none' });
      const exact = exactOf(gram, weights);
      const { squaredNorm, leastDescent, problem, gap } = certificate;
      const size = sizeOf(gram, weights);
      const longest = Math.sqrt(Math.max(...weights.map((_, i) => gram[i * m + i]!)));
      t.true(isNear(squaredNorm, Math.max(0, exact.squaredNorm), size * size), label);
      const unit = size * longest;
      t.true(isNear(leastDescent, exact.leastDescent, unit), `${label}: ${leastDescent}`);
      if (aggregator === 'upgrad') continue;
      const exactGap = exactGapOf(problem, gram, weights);
      if (exactGap === null) continue;
      const about = problem === 'min-norm' ? unit : size * size;
      t.true(isNear(gap, exactGap, about), `${label}: ${gap}, exactly ${exactGap}`);
    }
  });
}

test("upgrad's gap is that of its projections, to a share of ‖d‖²", (t) => {
  let doubled = 0;
  for (const { label, m, gram } of [...spread.slice(0, 150), ...others]) {
    let sum = 0;
    let rounding = 0;
    for (let row = 0; row < m; row++) {
      const u = Array.from({ length: m }, (_, i) => (i === row ? 1 / m : 0));
      const options = { aggregator: 'upgrad', preference: u, normalize: 'none' } as const;
      const { weights, certificate } = resolve(gram, options);
      const exact = exactConeGapOf(gram, weights, u);
      const noise = 2 ** -32 * certificate.squaredNorm + 2 ** -90 * certificate.scale;
      const what = `${label}, row ${row}: ${certificate.gap}, exactly ${exact}`;
      t.true(Math.abs(certificate.gap - exact) <= noise + 2 ** -31 * exact + LEAST, what);
      if (exact > 2 ** -32 * certificate.squaredNorm) doubled++;
      sum += certificate.gap;
      rounding += noise;
    }
    const { gap } = resolve(gram, { aggregator: 'upgrad', normalize: 'none' }).certificate;
    t.true(Math.abs(gap - sum) <= 2 ** -40 * sum + rounding, label);
  }
  t.true(doubled > 100);
});

test('projections of rows opposite but for rounding are not called converged on cosines', (t) => {
  const rows = [
    [5, -2, -5, 3],
    [-4.999992370605469, 2, 5.000007629394531, -2.9999847412109375],
  ];
  const gram = gramOf(rows);
  const { weights, certificate } = resolve(gram, { aggregator: 'dualproj' });
  const { gapRelative, leastDescent, squaredNorm } = certificate;
  t.true(isNear(certificate.gap, exactConeGapOf(gram, weights, [0.5, 0.5]), 0));
  t.true(gapRelative > 1e-4 && leastDescent < -1e-4 * squaredNorm);
  t.false(certificate.converged);
  t.false(resolve(gram, { aggregator: 'upgrad' }).certificate.converged);
});

/** Rows (4, 3, −1)·2^50, (−4, −4, 3) and (−3, 2, 2). */
const HARMED = [
  ...[26 * 2 ** 100, -31 * 2 ** 50, -8 * 2 ** 50],
  ...[-31 * 2 ** 50, 41, 10, -8 * 2 ** 50, 10, 17],
];
const ALIKE = [
  { aggregator: 'mgda' },
  { aggregator: 'mgda-capped', cap: 1 },
  { aggregator: 'fedmgda', epsilon: 1 },
];

test('a language that rounding of the weights harms is told, and nothing is converged', (t) => {
  const { weights, gap, converged } = wolfe(Float64Array.from(HARMED), 3);
  const exact = exactOf(HARMED, weights);
  t.is(exact.leastDescent, -0.125);
  t.true(gap > exact.squaredNorm);
  t.false(converged);
});

test('prices in twice the digits find weights there that harm no language', (t) => {
  for (const options of ALIKE) {
    t.true(resolve(HARMED, { ...options, normalize: 'l2' }).certificate.converged);
    const { weights, certificate } = resolve(HARMED, { ...options, normalize: 'none' });
    const exact = exactOf(HARMED, weights);
    t.true(certificate.converged, options.aggregator);
    t.true(exact.leastDescent > 3.3, options.aggregator);
    t.true(exact.gap <= 2 ** -40 * exact.squaredNorm);
  }
});

test('rows that are opposite but for rounding have weights whose gap is rounding too', (t) => {
  for (let seed = 0; seed < 1500; seed++) {
    const { label, m, gram } = roundedOppositeMatrix(seed);
    for (const options of ALIKE) {
      const { weights, certificate } = resolve(gram, { ...options, normalize: 'none' });
      const what = `${options.aggregator}, ${label}`;
      t.true(certificate.converged, what);
      const { gap, squaredNorm } = exactOf(gram, weights);
      const longest = Math.sqrt(Math.max(...weights.map((_, i) => gram[i * m + i]!)));
      const rounding = 2 ** -46 * sizeOf(gram, weights) * longest;
      t.true(gap <= 2 ** -36 * squaredNorm || gap <= rounding, `${what}: ${gap}`);
    }
  }
});

test('mgda and its kin are converged where the gap is small beside d, and nowhere else', (t) => {
  const counts = { converged: 0, not: 0 };
  for (const { label, gram } of spread) {
    const answers = ALIKE.map((options) => resolve(gram, { ...options, normalize: 'none' }));
    for (const { weights, certificate } of answers) {
      const { gap, squaredNorm } = exactOf(gram, weights);
      const isSmall = gap <= 2 ** -10 * squaredNorm;
      t.is(certificate.converged, isSmall || squaredNorm <= 2 ** -40 * certificate.scale, label);
      counts[certificate.converged ? 'converged' : 'not']++;
      if (certificate.converged && !certificate.stationary) {
        t.true(certificate.leastDescent > 0, label);
      }
    }
  }
  t.log(counts);
  t.true(counts.converged > 1000 && counts.not > 20);
});

test('a row that shortens d by less than rounding has its weight all the same', (t) => {
  // At right angles: weights are as 1/‖gᵢ‖², and without the long row ⟨g₁, d⟩ would be 0.
  const gram = [1, 0, 0, 0, 2 ** 80, 0, 0, 0, 1];
  const { weights, certificate } = resolve(gram, { aggregator: 'mgda', normalize: 'none' });
  t.deepEqual([...weights], [0.5, 2 ** -81, 0.5]);
  t.deepEqual([certificate.converged, certificate.leastDescent], [true, 0.5]);
  t.is(certificate.gap, 2 ** -82);
});
