/** The solver behind mgda: what it says of its answers, and how exact and how fast they are. */
import test from 'ava';
import { gapOf, minNorm } from '../../node/resolve/index.ts';
import { wolfe } from '../../node/resolve/min-norm.ts';
import { squareOf } from '../../node/resolve/products.ts';
import { ontoSimplex } from '../../node/resolve/simplex.ts';
import { createStream } from '../../protocol/random.ts';
import { allclose } from '../helpers/allclose.ts';
import { drawRows, families } from './families.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

test('the gap of any weights is αᵀGα less the least of Gα', (t) => {
  const gram = Float64Array.of(1, 0, 0, 4);
  t.is(gapOf(gram, 2, Float64Array.of(0, 1)), 4);
  t.is(gapOf(gram, 2, Float64Array.of(0.5, 0.5)), 1.25 - 0.5);
  t.is(gapOf(gram, 2, Float64Array.of(0.8, 0.2)) < 1e-15, true);
  t.is(gapOf(Float64Array.of(4, -2, -2, 1), 2, Float64Array.of(0.5, 0.5)), 0.25 + 0.5);
  t.is(gapOf(Float64Array.of(3), 1, Float64Array.of(1)), 0);
});

test('what has a formula is converged without a step', (t) => {
  const cases: [number[], number[]][] = [
    [
      [0, 0, 0, 0],
      [0.5, 0.5],
    ],
    [[7], [1]],
    [[0], [1]],
    [
      [1, 0, 0, 4],
      [0.8, 0.2],
    ],
    [
      [1, 2, 2, 9],
      [1, 0],
    ],
    [
      [9, 2, 2, 1],
      [0, 1],
    ],
    [
      [1, 1, 1, 4],
      [1, 0],
    ],
    [
      [4, 1, 1, 1],
      [0, 1],
    ],
    [
      [1, 1, 1, 1],
      [1, 0],
    ],
    [
      [0, 0, 0, 4],
      [1, 0],
    ],
  ];
  for (const [gram, weights] of cases) {
    const answer = minNorm(Float64Array.from(gram), weights.length);
    allclose(answer.weights, weights, { rtol: 1e-15, atol: 0 });
    t.deepEqual([answer.converged, answer.iterations], [true, 0], String(gram));
  }
});

test('a zero row takes all weight, and of several the lowest', (t) => {
  const gram = Float64Array.of(4, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const { weights, iterations, converged } = minNorm(gram, 4);
  t.deepEqual([...weights], [0, 0, 1, 0]);
  t.deepEqual([iterations, converged], [0, true]);
});

test('about as many steps as rows are needed, and the gap is rounding', (t) => {
  for (let seed = 0; seed < 420; seed++) {
    const { label, m, gram } = seed % 3 === 0 ? plainMatrix(seed) : nastyMatrix(seed);
    const { weights, gap, iterations, converged } = minNorm(gram, m);
    t.true(converged || label.startsWith('very uneven'), label);
    t.true(iterations <= 3 * m, `${label}: ${iterations} steps`);
    // Of inner products with d, the longest row's loses most to rounding.
    const norms = weights.map((_, i) => Math.sqrt(gram[i * m + i]!));
    const longest = norms.reduce((a, b) => Math.max(a, b));
    const scale = longest * weights.reduce((sum, weight, i) => sum + weight * norms[i]!, 0);
    t.true(gap <= 8 * m * 2 ** -52 * scale, `${label}: gap ${gap}, scale ${scale}`);
    const sum = weights.reduce((a, b) => a + b, 0);
    t.true(Math.abs(sum - 1) <= m * 2 ** -52, `${label}: sum ${sum}`);
  }
});

test('rows that are few beside their dimensions keep fifteen digits', (t) => {
  // Rows e₀ + sᵢ·eᵢ: αᵢ is as 1/sᵢ², whatever the range of s.
  for (const m of [3, 5, 9, 17]) {
    const s = Array.from({ length: m }, (_, i) => 2 ** ((i % 4) - 12));
    const gram = Float64Array.from({ length: m * m }, (_, at) => {
      const [i, j] = [Math.floor(at / m), at % m];
      return 1 + (i === j ? s[i]! * s[i]! : 0);
    });
    const total = s.reduce((sum, x) => sum + 1 / (x * x), 0);
    const expected = s.map((x) => 1 / (x * x) / total);
    allclose(minNorm(gram, m).weights, expected, { rtol: 2e-8, atol: 0 });
    t.pass();
  }
});

test('equal rows: the lowest index has the weight', (t) => {
  for (const family of Object.keys(families)) {
    for (let seed = 0; seed < 12; seed++) {
      const { gram, rows } = drawRows(family, 4, 5, seed);
      const m = rows.length;
      const twice = Float64Array.from({ length: 4 * m * m }, (_, at) => {
        const [i, j] = [Math.floor(at / (2 * m)), at % (2 * m)];
        return gram[(i % m) * m + (j % m)]!;
      });
      if (twice.every((entry) => entry === 0)) continue;
      const once = minNorm(gram, m).weights;
      const { weights } = minNorm(twice, 2 * m);
      t.true(
        weights.subarray(m).every((weight) => weight === 0),
        `${family} ${seed}`,
      );
      allclose(weights.subarray(0, m), once, { rtol: 0, atol: 1e-9 });
    }
  }
});

test('what is no Gram matrix ends too, with weights on the simplex', (t) => {
  const random = createStream('no gram');
  for (let trial = 0; trial < 300; trial++) {
    const m = 3 + random.nextBelow(8);
    const gram = new Float64Array(m * m);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j <= i; j++) {
        const entry = i === j ? random.nextFloat() : 2 * random.nextFloat() - 1;
        gram[i * m + j] = entry;
        gram[j * m + i] = entry;
      }
    }
    const { weights, gap, iterations, converged } = minNorm(gram, m);
    t.true(weights.every((weight) => weight >= 0) && gap >= 0);
    t.true(Math.abs(weights.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    t.true(iterations <= 10 * m);
    const square = squareOf(gram, m, weights);
    t.false(converged && (iterations === 10 * m || gap > 2 ** -9 * square) && square > 1e-9);
  }
});

test('a row that can not enter is left aside until another has', (t) => {
  // No Gram matrix: rows 0 and 1 have a cosine of −4, so their factor does not exist.
  const gram = Float64Array.of(1, -4, 0, -4, 1, 0, 0, 0, 1);
  const { weights, iterations, converged } = wolfe(gram, 3);
  t.deepEqual([...weights], [0.5, 0, 0.5]);
  // Row 1 in vain, row 2, row 1 in vain once more; what it promises stays, and is no small gap.
  t.deepEqual([iterations, converged], [3, false]);
});

test('the nearest point of the simplex: what is above one level stays, less the level', (t) => {
  const cases: [number[], number[]][] = [
    [
      [0.2, 0.8],
      [0.2, 0.8],
    ],
    [
      [1, 1],
      [0.5, 0.5],
    ],
    [
      [3, 0, 0],
      [1, 0, 0],
    ],
    [
      [0.5, 0.5, -1],
      [0.5, 0.5, 0],
    ],
    [
      [-5, -5.5, -7],
      [0.75, 0.25, 0],
    ],
    [
      [1e300, 0],
      [1, 0],
    ],
    // A number that is exactly at the level has no weight, whichever side it counts to.
    [
      [2, 1, 0],
      [1, 0, 0],
    ],
  ];
  for (const [values, expected] of cases) {
    allclose(ontoSimplex(Float64Array.from(values)), expected, { rtol: 1e-15, atol: 0 });
    t.pass();
  }
  // The largest loses no digit, however large all are.
  const far = ontoSimplex(Float64Array.of(2 ** 60, 2 ** 60 + 2 ** 9));
  t.deepEqual([...far], [0, 1]);
  const shifted = ontoSimplex(Float64Array.of(2 ** 52 + 0.25, 2 ** 52));
  t.deepEqual([...shifted], [0.5, 0.5], 'the quarter was lost before it came here');
});
