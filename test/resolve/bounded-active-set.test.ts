/**
 * What mgda-capped and fedmgda find where the longest row hides the others from the search over
 * corners: beside exact arithmetic, and beside the optimum found by trying every active set.
 */
import test from 'ava';
import type { Bounds } from '../../node/resolve/bounded-min-norm.ts';
import { boundedMinNorm } from '../../node/resolve/bounded-min-norm.ts';
import { resolve } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { allclose } from '../helpers/allclose.ts';
import { numberOf, whole } from './exact.ts';
import { sizeOf } from './families.ts';
import { gramOf, type Matrix } from './matrices.ts';

const capped = (m: number, cap: number): Bounds => ({
  low: new Float64Array(m),
  high: new Float64Array(m).fill(Math.max(cap, 1 / m)),
});
const near = (m: number, epsilon: number): Bounds => ({
  low: new Float64Array(m).fill(Math.max(0, 1 / m - epsilon)),
  high: new Float64Array(m).fill(Math.min(1, 1 / m + epsilon)),
});

const BOUNDS: Readonly<Record<string, (m: number) => Bounds>> = {
  'mgda-capped, cap 0.5': (m) => capped(m, 0.5),
  'mgda-capped, cap 0.25': (m) => capped(m, 0.25),
  'fedmgda, epsilon 0.3': (m) => near(m, 0.3),
  'fedmgda, epsilon 0.5': (m) => near(m, 0.5),
};

/** m rows of normal numbers, 3 to 7, whose lengths are spread evenly over 10^span. */
function spreadMatrix(span: number, seed: number): Matrix {
  const random = createStream('bounded', span, seed);
  const m = 3 + (seed % 5);
  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.nextFloat()));
    return radius * Math.cos(2 * Math.PI * random.nextFloat());
  };
  const rows = Array.from({ length: m }, (_, i) => {
    const factor = 10 ** ((-i * span) / (m - 1));
    return Array.from({ length: m }, () => normal() * factor);
  });
  return { label: `span ${span} #${seed}`, m, gram: gramOf(rows) };
}

/** αᵀGα − min βᵀGα over the β that are allowed, and αᵀGα, of numbers as they are. */
function exactGap({ m, gram }: Matrix, { low, high }: Bounds, weights: Float64Array) {
  const w = Array.from(weights, whole);
  const inner = w.map((_, i) => w.reduce((sum, x, j) => sum + whole(gram[i * m + j]!) * x, 0n));
  const square = w.reduce((sum, x, i) => sum + x * inner[i]!, 0n);
  const found = (least: bigint) => ({
    gap: numberOf(square - least, 3),
    square: numberOf(square, 3),
  });
  let least = 0n;
  let rest = whole(1);
  for (let i = 0; i < m; i++) {
    least += whole(low[i]!) * inner[i]!;
    rest -= whole(low[i]!);
  }
  const order = w.map((_, i) => i).sort((i, j) => (inner[i]! < inner[j]! ? -1 : 1));
  for (const i of order) {
    const room = whole(high[i]!) - whole(low[i]!);
    if (room >= rest) return found(least + rest * inner[i]!);
    least += room * inner[i]!;
    rest -= room;
  }
  return found(least);
}

test('a row of 10^8 hides neither the others nor the optimum', (t) => {
  const rows = [
    [1e8, 1, 0],
    [-1, 1, 1],
    [-2, 1, -1],
    [0, 3, 0],
  ];
  const gram = gramOf(rows);
  for (const options of [
    { aggregator: 'fedmgda', epsilon: 0.5 },
    { aggregator: 'mgda-capped', cap: 0.5 },
  ]) {
    const { weights, certificate } = resolve(gram, { ...options, normalize: 'none' });
    allclose(weights, [1.5e-8, 0.5, 0.5, 0], { rtol: 1e-7, atol: 0 });
    t.true(certificate.converged, options.aggregator);
    t.true(Math.abs(certificate.squaredNorm - 1) <= 1e-12);
    t.true(certificate.gap <= 1e-12);
  }
});

for (const [name, boundsOf] of Object.entries(BOUNDS)) {
  test(`${name}: the gap is rounding of the longest row, as far as lengths spread`, (t) => {
    for (const span of [0, 8, 10, 12]) {
      for (let seed = 0; seed < 100; seed++) {
        const matrix = spreadMatrix(span, seed);
        const { m, gram, label } = matrix;
        const bounds = boundsOf(m);
        const { weights, converged } = boundedMinNorm(gram, m, bounds);
        const exact = exactGap(matrix, bounds, weights);
        const unit = sizeOf(gram, weights) * Math.sqrt(Math.max(...gram));
        t.true(exact.gap <= 1e-15 * unit, `${label}: ${exact.gap} of ${unit}`);
        t.true(converged && exact.gap <= 2 ** -10 * exact.square, label);
        t.true(
          weights.every((w, i) => w >= bounds.low[i]! - 1e-14 && w <= bounds.high[i]! + 1e-14),
          label,
        );
        t.true(Math.abs(weights.reduce((a, b) => a + b, 0) - 1) <= 1e-15, label);
      }
    }
  });
}

/** Whole numbers times powers of two, so that G is exact: 3 or 4 rows. */
function wholeMatrix(seed: number): Matrix {
  const random = createStream('bounded whole', seed);
  const m = 3 + (seed % 2);
  const rows = Array.from({ length: m }, () => {
    const factor = 2 ** random.nextBelow(34);
    return Array.from({ length: m + 1 }, () => (random.nextBelow(19) - 9) * factor);
  });
  return { label: `whole #${seed}`, m, gram: gramOf(rows) };
}

/** Solves A·x = b by Cramer's rule on a triangle (Bareiss): numerators and their denominator. */
function solved(system: bigint[][]): { x: bigint[]; denominator: bigint } | null {
  const n = system.length;
  let last = 1n;
  for (let k = 0; k < n; k++) {
    const pivot = system.findIndex((row, i) => i >= k && row[k] !== 0n);
    if (pivot < 0) return null;
    [system[k], system[pivot]] = [system[pivot]!, system[k]!];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = system[i]![k]!;
      system[i] = system[i]!.map((v, j) => (v * system[k]![k]! - factor * system[k]![j]!) / last);
    }
    last = system[k]![k]!;
  }
  return { x: system.map((row) => row[n]!), denominator: last };
}

/** Weights are whole numbers of this; bounds of 3 or 4 rows are exactly. */
const UNIT = 2 ** 60;

/** The optimum: the active set whose weights keep the bounds and whose prices have the signs. */
function optimum({ m, gram }: Matrix, { low, high }: Bounds): number[] | null {
  const entry = (i: number, j: number) => BigInt(gram[i * m + j]!);
  const all = Array.from({ length: m }, (_, i) => i);
  for (let code = 0; code < 3 ** m; code++) {
    const states = all.map((i) => Math.floor(code / 3 ** i) % 3);
    const free = all.filter((i) => states[i] === 2);
    if (free.length === 0) continue;
    const fixed = all.filter((i) => states[i] !== 2);
    const bound = (i: number) => BigInt((states[i] === 0 ? low : high)[i]! * UNIT);
    const system = free.map((i) => [
      ...free.map((j) => entry(i, j)),
      -1n,
      -fixed.reduce((sum, j) => sum + entry(i, j) * bound(j), 0n),
    ]);
    const given = fixed.reduce((sum, i) => sum + bound(i), 0n);
    system.push([...free.map(() => 1n), 0n, BigInt(UNIT) - given]);
    const solution = solved(system);
    if (solution === null) continue;
    const sign = solution.denominator < 0n ? -1n : 1n;
    const denominator = sign * solution.denominator;
    const x = solution.x.map((value) => sign * value);
    const weights = all.map((i) =>
      free.includes(i) ? x[free.indexOf(i)]! : bound(i) * denominator,
    );
    const price = x.at(-1)!;
    const isOptimum = all.every((i) => {
      const inner = all.reduce((sum, j) => sum + entry(i, j) * weights[j]!, 0n);
      if (states[i] === 0) return inner >= price;
      if (states[i] === 1) return inner <= price;
      const least = BigInt(low[i]! * UNIT) * denominator;
      return weights[i]! >= least && weights[i]! <= BigInt(high[i]! * UNIT) * denominator;
    });
    const scale = denominator * BigInt(UNIT);
    if (isOptimum) return weights.map((weight) => Number((weight << 120n) / scale) * 2 ** -120);
  }
  return null;
}

for (const [name, boundsOf] of Object.entries(BOUNDS)) {
  test(`${name}: weights are those of the best of all active sets`, (t) => {
    let compared = 0;
    for (let seed = 0; seed < 60; seed++) {
      const matrix = wholeMatrix(seed);
      const { m, gram, label } = matrix;
      const bounds = boundsOf(m);
      const expected = optimum(matrix, bounds);
      // A corner, with no row free, or rows that depend on each other.
      if (expected === null) continue;
      compared++;
      const { weights, converged } = boundedMinNorm(gram, m, bounds);
      t.true(converged, label);
      // What a long row must have may hide what the others have: then only d is known, and less.
      const isHidden = bounds.low[0]! > 0;
      if (!isHidden) allclose(weights, expected, { rtol: 1e-9, atol: 1e-14 });
      const { square } = exactGap(matrix, bounds, weights);
      const best = exactGap(matrix, bounds, Float64Array.from(expected)).square;
      t.true(
        Math.abs(square - best) <= (isHidden ? 2 ** -10 : 1e-9) * best,
        `${label}: ${square}, not ${best}`,
      );
    }
    t.log({ compared });
    t.true(compared >= (name.endsWith('0.25') ? 24 : 40));
  });
}
