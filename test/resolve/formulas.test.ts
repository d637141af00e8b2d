/** The closed forms: their vectors, and references that go another way than the code. */
import test from 'ava';
import { gramOfRows, resolve } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';
import { drawRows } from './families.ts';
import { resolveInRun } from './in-a-run.ts';

const published = { rtol: 0, atol: 6e-9 };
const tight = { rtol: 1e-13, atol: 1e-14 };
const TORCHJD = [18, -22, -22, 38];
const DIAGONAL = [1, 0, 0, 0, 4, 0, 0, 0, 9];
const PLAIN = [2, 0, 1, 0, 3, -1, 1, -1, 5];
const RANK_TWO = [9, 3, 0, 3, 2, 3, 0, 3, 9];

const vectors: [string, number[], number[]][] = [
  ['imtl-g', TORCHJD, [0.59233032, 0.40766968]],
  ['imtl-g', DIAGONAL, [6 / 11, 3 / 11, 2 / 11]],
  ['imtl-g', PLAIN, [0.26636821, 0.43726724, 0.29636455]],
  ['imtl-g', RANK_TWO, [0.375, 0.25, 0.375]],
  ['aligned-mtl', TORCHJD, [0.55907192, 0.40826107]],
  ['aligned-mtl', DIAGONAL, [1 / 3, 1 / 6, 1 / 9]],
  ['aligned-mtl', PLAIN, [0.26315941, 0.27303, 0.19108254]],
  ['config', TORCHJD, [1.22648316, 0.8441236]],
  ['config', DIAGONAL, [2, 1, 2 / 3]],
];
for (const [aggregator, gram, weights] of vectors) {
  test(`${aggregator} of ${gram.join(' ')}`, (t) => {
    allclose(resolve(gram, { aggregator }).weights, weights, published);
    t.pass();
  });
}

test('krum leaves out the row that is far from all', (t) => {
  const rows = [
    [1, 1, 1],
    [1, 0, 1],
    [75, -666, 23],
    [1, 2, 3],
    [2, 0, 1],
  ];
  const gram = gramOfRows(rows.map((row) => Float32Array.from(row)));
  const options = { aggregator: 'krum', nByzantine: 1, nSelected: 4 };
  t.deepEqual(resolve(gram, options).weights, Float64Array.of(0.25, 0.25, 0, 0.25, 0.25));
});

test('krum is the published algorithm on the rows themselves', (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const m = 5 + (seed % 5);
    const { rows, gram } = drawRows('independent', m, 4, seed);
    const distance = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, x, j) => sum + (x - b[j]!) ** 2, 0);
    const scores = rows.map((row, i) =>
      rows
        .flatMap((other, j) => (j === i ? [] : [distance(row, other)]))
        .toSorted((a, b) => a - b)
        .slice(0, m - 1 - 2)
        .reduce((a, b) => a + b),
    );
    const chosen = scores
      .map((score, i) => ({ score, i }))
      .toSorted((a, b) => a.score - b.score || a.i - b.i)
      .slice(0, 2);
    const expected = new Float64Array(m);
    for (const { i } of chosen) expected[i] = 0.5;
    t.deepEqual(resolve(gram, { aggregator: 'krum', nSelected: 2 }).weights, expected);
  }
});

test('krum adds up the nearest others: as sorting all of them does', (t) => {
  for (const nByzantine of [0, 1, 2, 5, 9]) {
    for (let seed = 0; seed < 40; seed++) {
      const m = 2 + (seed % 11);
      const { gram } = drawRows(seed % 2 === 0 ? 'independent' : 'duplicates', m, m + 2, seed);
      const scores = Array.from({ length: m }, (_, i) => {
        const distances = Array.from({ length: m }, (_, j) => j)
          .filter((j) => j !== i)
          .map((j) => gram[i * m + i]! + gram[j * m + j]! - 2 * gram[i * m + j]!)
          .sort((a, b) => a - b);
        return distances.slice(0, Math.max(1, m - nByzantine - 2)).reduce((a, b) => a + b, 0);
      });
      // Integers: sums are exact in any order.
      const best = scores.indexOf(Math.min(...scores));
      const { weights } = resolveInRun(gram, { aggregator: 'krum', nByzantine });
      t.is(weights.indexOf(1), best, `${m} rows, ${nByzantine}, seed ${seed}`);
    }
  }
});

test('in a run krum with too few rows looks at one neighbour, and takes those there are', (t) => {
  const options = { aggregator: 'krum', nByzantine: 5, nSelected: 4 };
  t.deepEqual(resolveInRun([4], options).weights, Float64Array.of(1));
  t.deepEqual(resolveInRun([4, 0, 0, 4], options).weights, Float64Array.of(0.5, 0.5));
});

test('imtl-g: all projections are equal and the weights sum to 1, also of uneven rows', (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const m = 2 + (seed % 7);
    const lengths = Array.from({ length: m }, (_, i) => 2 ** ((i % 3) * 40 * (seed % 2)));
    const { gram } = drawRows('independent', m, 6, seed);
    const uneven = gram.map((g, k) => g * lengths[Math.floor(k / m)]! * lengths[k % m]!);
    const { weights } = resolve(uneven, { aggregator: 'imtl-g' });
    allclose([weights.reduce((a, b) => a + b)], [1], { rtol: 1e-9, atol: 0 });
    const projections = lengths.map((_, i) => {
      let inner = 0;
      for (let j = 0; j < m; j++) inner += uneven[i * m + j]! * weights[j]!;
      return inner / Math.sqrt(uneven[i * m + i]!);
    });
    const mean = projections.reduce((a, b) => a + b) / m;
    allclose(
      projections,
      projections.map(() => mean),
      { rtol: 1e-9, atol: 0 },
    );
  }
  t.pass();
});

test('config: all cosines are equal, and d is as long as the projections of all rows', (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const m = 2 + (seed % 7);
    const { gram } = drawRows('independent', m, 6, seed);
    const { weights, certificate } = resolve(gram, { aggregator: 'config' });
    const inner = Array.from(weights, (_, i) =>
      weights.reduce((sum, weight, j) => sum + gram[i * m + j]! * weight, 0),
    );
    const norm = Math.sqrt(certificate.squaredNorm);
    const cosines = inner.map((value, i) => value / Math.sqrt(gram[i * m + i]!) / norm);
    allclose(
      cosines,
      cosines.map(() => cosines[0]!),
      { rtol: 1e-9, atol: 0 },
    );
    allclose([inner.reduce((a, b) => a + b) / norm], [norm], { rtol: 1e-9, atol: 0 });
  }
  t.pass();
});

/** G^(−1/2) by Denman and Beavers' iteration, with inverses by elimination: no eigenvalues. */
function inverseRoot(gram: ArrayLike<number>, m: number): number[][] {
  let y = Array.from({ length: m }, (_, i) =>
    Array.from({ length: m }, (_, j) => gram[i * m + j]!),
  );
  let z: number[][] = y.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
  for (let round = 0; round < 60; round++) {
    const [invY, invZ] = [inverse(y), inverse(z)];
    y = y.map((row, i) => row.map((value, j) => (value + invZ[i]![j]!) / 2));
    z = z.map((row, i) => row.map((value, j) => (value + invY[i]![j]!) / 2));
  }
  return z;
}

function inverse(matrix: readonly number[][]): number[][] {
  const n = matrix.length;
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column; i < n; i++) {
      if (Math.abs(a[i]![column]!) > Math.abs(a[pivot]![column]!)) pivot = i;
    }
    [a[column], a[pivot]] = [a[pivot]!, a[column]!];
    const scale = a[column]![column]!;
    a[column] = a[column]!.map((value) => value / scale);
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = a[i]![column]!;
      a[i] = a[i]!.map((value, j) => value - factor * a[column]![j]!);
    }
  }
  return a.map((row) => row.slice(n));
}

/** The k-th smallest eigenvalue by bisection: G − x has as many negative pivots as lie below x. */
function eigenvalue(gram: ArrayLike<number>, m: number, k: number): number {
  let [low, high] = [
    0,
    Array.from({ length: m }, (_, i) => gram[i * m + i]!).reduce((a, b) => a + b),
  ];
  for (let round = 0; round < 80; round++) {
    const middle = (low + high) / 2;
    const a = Array.from({ length: m }, (_, i) =>
      Array.from({ length: m }, (_, j) => gram[i * m + j]! - (i === j ? middle : 0)),
    );
    let negative = 0;
    for (let p = 0; p < m; p++) {
      if (a[p]![p]! < 0) negative++;
      for (let i = p + 1; i < m; i++) {
        const factor = a[i]![p]! / a[p]![p]!;
        for (let j = p; j < m; j++) a[i]![j]! -= factor * a[p]![j]!;
      }
    }
    if (negative > k) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

test('aligned-mtl is √s·G^(−1/2)·p, found without an eigenvector', (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const m = 2 + (seed % 5);
    const { gram } = drawRows('independent', m, 8, seed);
    const root = inverseRoot(gram, m);
    const values = Array.from({ length: m }, (_, k) => eigenvalue(gram, m, k));
    const mean = values.reduce((a, b) => a + b) / m;
    const scales = { min: values[0]!, median: values[(m - 1) >> 1]!, mean };
    const preference = root.map((_, i) => 1 + i);
    for (const [scale, s] of Object.entries(scales)) {
      const expected = root.map((row) =>
        row.reduce((sum, value, j) => sum + Math.sqrt(s) * value * preference[j]!, 0),
      );
      const options = { aggregator: 'aligned-mtl', scale, preference };
      allclose(resolve(gram, options).weights, expected, { rtol: 1e-8, atol: 1e-8 });
    }
  }
  t.pass();
});

test('random weights are a softmax of normal draws: their logarithms have variance 1', (t) => {
  const logs: number[] = [];
  for (let seed = 0; seed < 400; seed++) {
    const { weights } = resolve(new Float64Array(100), { aggregator: 'random', seed });
    const mine = Array.from(weights, Math.log);
    const mean = mine.reduce((a, b) => a + b) / mine.length;
    logs.push(...mine.map((value) => (value - mean) * Math.sqrt(10 / 9)));
  }
  const moment = (power: number) => logs.reduce((sum, x) => sum + x ** power, 0) / logs.length;
  // Standard errors of 4,000 draws: 0.022 of the variance, 0.15 of the fourth moment.
  allclose([moment(2)], [1], { rtol: 0.07, atol: 0 });
  allclose([moment(4)], [3], { rtol: 0.15, atol: 0 });
  const again = resolve(new Float64Array(9), { aggregator: 'random', seed: 5 });
  t.deepEqual(
    again.weights,
    resolve(new Float64Array(9), { aggregator: 'random', seed: 5 }).weights,
  );
});

test('constant takes its preference for its weights', (t) => {
  const gram = [1, 0, 0, 4];
  const constant = resolve(gram, { aggregator: 'constant', preference: [0.25, 2] });
  t.deepEqual(constant.weights, Float64Array.of(0.25, 2));
});

test('opposite and equal rows, and rows that are all zero, have an answer', (t) => {
  const opposite = [1, -1, -1, 1];
  t.deepEqual(resolve(opposite, { aggregator: 'imtl-g' }).weights, new Float64Array(2));
  t.deepEqual(resolve(opposite, { aggregator: 'config' }).weights, new Float64Array(2));
  const zero = new Float64Array(9);
  for (const aggregator of ['imtl-g', 'config', 'aligned-mtl']) {
    allclose(resolve(zero, { aggregator }).weights, [1 / 3, 1 / 3, 1 / 3], tight);
    const { weights } = resolve([3, 3, 3, 3], { aggregator });
    allclose([weights[0]!], [weights[1]!], tight);
  }
});
