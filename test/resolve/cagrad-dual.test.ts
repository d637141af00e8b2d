/** CAGrad's dual: what only its solution meets, and where there is none but d = 0. */
import test from 'ava';
import { cagradDual } from '../../node/resolve/cagrad-dual.ts';
import { resolve } from '../../node/resolve/index.ts';
import { minNorm } from '../../node/resolve/min-norm.ts';
import { dot, squareOf, times } from '../../node/resolve/products.ts';
import { exactOf } from './exact.ts';
import { drawRows, families } from './families.ts';
import { longRowsMatrix, type Matrix, nastyMatrix, plainMatrix, shareMatrix } from './matrices.ts';

const matrices: Matrix[] = [
  ...Array.from({ length: 100 }, (_, i) => plainMatrix(7 * i)).filter(({ m }) => m <= 16),
  ...Array.from({ length: 420 }, (_, seed) => nastyMatrix(seed)).filter(({ m }) => m <= 16),
  ...Object.keys(families).flatMap((family) =>
    Array.from({ length: 12 }, (_, seed) => {
      const { gram, rows } = drawRows(family, 2 + (seed % 5), 3 + (seed % 4), seed);
      return { label: `${family} #${seed}`, m: rows.length, gram };
    }),
  ),
];

test('no corner of the simplex is a better w, but for rounding', (t) => {
  let nothing = 0;
  for (const { label, m, gram } of matrices) {
    const u = new Float64Array(m).fill(1 / m);
    const h = times(gram, m, u);
    const square = dot(u, h);
    const lengths = Float64Array.from({ length: m }, (_, i) => Math.sqrt(gram[i * m + i]!));
    if (!(square > 1e-12 * dot(u, lengths) ** 2)) continue;
    for (const c of [0.1, 0.4, 1, 3]) {
      const what = `${label}, c = ${c}`;
      const { weights, rho, iterations, converged } = cagradDual(gram, m, u, c);
      t.true(converged, what);
      t.true(iterations <= 60, `${what}: ${iterations} rounds`);
      const phi = c * Math.sqrt(square);
      if (weights === null) {
        const least = Math.sqrt(squareOf(gram, m, minNorm(gram, m).weights));
        t.true(least <= 1e-6 * Math.max(...lengths), `${what}: rows that reach ${least}`);
        nothing++;
        continue;
      }
      t.true(weights.every((weight) => weight >= 0) && Number.isFinite(rho), what);
      t.true(Math.abs(weights.reduce((a, b) => a + b) - 1) <= 1e-12, what);
      // What a little more of each row would add to ⟨g_w, g₀⟩ + φ‖g_w‖.
      const gw = times(gram, m, weights);
      const prices = h.map((value, i) => value + rho * gw[i]!);
      const size = Math.sqrt(square) + rho * dot(weights, lengths);
      const price = dot(weights, prices);
      prices.forEach((other, i) => {
        const noise = 1e-9 * size * Math.max(lengths[i]!, dot(weights, lengths));
        t.true(other >= price - noise, `${what}: ${other} of ${i} is less than ${price}`);
      });
      const reach = rho * Math.sqrt(Math.max(0, dot(weights, gw)));
      t.true(Math.abs(reach - phi) <= 1e-6 * size, `${what}: ρ‖g_w‖ is ${reach}, φ ${phi}`);
      if (!label.startsWith('very uneven')) continue;
      t.true(Math.abs(reach / phi - 1) <= 1e-9, `${what}: nothing cancels, and it is ${reach}`);
    }
  }
  t.true(nothing > 20);
});

test('rows of any lengths in one matrix: d is as far from the mean as c says', (t) => {
  for (const power of [80, 100, 150]) {
    const [short, long] = [10 ** -power, 10 ** power];
    for (const between of [-0.9, -0.2, 0, 0.5]) {
      const gram = [short * short, between, between, long * long];
      for (const c of [0.3, 0.5, 1, 3]) {
        const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c });
        const away = weights.map((weight) => weight - 0.5);
        const square = (w: ArrayLike<number>) => exactOf(gram, w).squaredNorm;
        const reach = Math.sqrt(square(away) / square([0.5, 0.5]));
        const what = `1e±${power}, ${between}, c = ${c}: ${reach}`;
        t.true(certificate.converged && Math.abs(reach / c - 1) <= 1e-6, what);
      }
    }
  }
});

test('where all combinations that point against the mean are as good, d = 0', (t) => {
  // In one dimension and with c = 1 the ball around g₀ reaches 0, and one row asks for just that.
  const rows = [2, 0, 2, -1];
  const gram = Float64Array.from(rows.flatMap((a) => rows.map((b) => a * b)));
  const u = new Float64Array(4).fill(0.25);
  const { weights, rho, converged } = cagradDual(gram, 4, u, 1);
  t.true(converged);
  const d = rows.reduce((sum, row, i) => sum + (u[i]! + rho * weights![i]!) * row, 0);
  t.true(Math.abs(d) <= 1e-9, String(d));
});

test('rows of very different length that nearly cancel are not taken for nothing', (t) => {
  // (1, 2⁻¹⁶) and (−1024, 2⁻¹⁶): together they go somewhere, and no row is rounding beside them.
  const e = 2 ** -32;
  const gram = [1 + e, e - 1024, e - 1024, 2 ** 20 + e];
  const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c: 1.5 });
  // With 60 digits.
  t.true(Math.abs(weights[0]! / 37441796 - 1) <= 1e-7, String(weights[0]));
  t.true(Math.abs(weights[1]! / 36564.2543 - 1) <= 1e-7, String(weights[1]));
  t.true(Math.abs(certificate.leastDescent - 0.0087261) <= 1e-6);
  t.deepEqual([certificate.converged, certificate.stationary], [true, false]);
});

/** How far d is from the mean, in units of the mean's length. */
function reachOf(gram: ArrayLike<number>, weights: Float64Array): number {
  const mean = new Float64Array(weights.length).fill(1 / weights.length);
  const away = weights.map((weight, i) => weight - mean[i]!);
  return Math.sqrt(exactOf(gram, away).squaredNorm / exactOf(gram, mean).squaredNorm);
}

test('below c = 1 d is as far from a mean that nearly vanishes as c says', (t) => {
  const gram = [5, -4, -1, -4, 208, -204, -1, -204, 205 + 2 ** -30];
  for (const c of [0.5, 1.5]) {
    const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c });
    t.deepEqual([certificate.converged, certificate.stationary], [true, false]);
    t.true(Math.abs(reachOf(gram, weights) / c - 1) <= 2 ** -10);
    t.true(certificate.leastDescent > 0);
  }
});

test('beside short rows that go somewhere long ones that cancel are not nothing', (t) => {
  let directions = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const { gram } = longRowsMatrix(seed);
    for (const c of [0.4, 1, 2]) {
      const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c });
      const isNothing = weights.every((weight) => weight === 0);
      if (isNothing) t.true(certificate.stationary, `#${seed}, c = ${c}`);
      else directions++;
    }
  }
  t.true(directions > 1000);
});

test('converged means a small gap and the distance from the mean that was asked for', (t) => {
  const counts = { converged: 0, gap: 0, reach: 0 };
  for (let seed = 0; seed < 1200; seed++) {
    const { gram } = shareMatrix(seed);
    for (const c of [0.4, 1.5]) {
      const { weights, certificate } = resolve(gram, { aggregator: 'cagrad', c });
      const { problem, converged, gapRelative, stationary } = certificate;
      if (stationary || problem === 'none') continue;
      const isNear = Math.abs(reachOf(gram, weights) / c - 1) <= 2 ** -10;
      t.is(converged, isNear && gapRelative <= 2 ** -10, `#${seed}, c = ${c}: ${gapRelative}`);
      if (converged) counts.converged++;
      else counts[isNear ? 'gap' : 'reach']++;
    }
  }
  t.log(counts);
  t.true(counts.converged > 100 && counts.gap > 0 && counts.reach > 2);
});
