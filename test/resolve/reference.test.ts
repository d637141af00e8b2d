/** mgda against every face of the simplex in exact arithmetic (scripts/resolve-fixtures.ts). */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { gramOfRows, minNorm, resolve } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';

interface Case {
  family: string;
  rows: number[][];
  squaredNorm: number;
  direction: number[];
}

const path = new URL('../fixtures/resolve/min-norm.json', import.meta.url);
const cases = JSON.parse(readFileSync(path, 'utf8')) as Case[];

const directionOf = (rows: number[][], weights: Float64Array) =>
  rows[0]!.map((_, j) => rows.reduce((sum, row, i) => sum + weights[i]! * row[j]!, 0));

/** Σ αᵢ‖gᵢ‖²: what rounding is measured against. */
const scaleOf = (rows: number[][], weights: Float64Array) =>
  rows.reduce((sum, row, i) => sum + weights[i]! * row.reduce((s, x) => s + x * x, 0), 0);

for (const family of new Set(cases.map((item) => item.family))) {
  test(`${family}: the direction and its norm are those of the exact optimum`, (t) => {
    for (const { rows, squaredNorm, direction } of cases.filter((c) => c.family === family)) {
      const gram = gramOfRows(rows.map((row) => Float32Array.from(row)));
      const options = { aggregator: 'mgda', normalize: 'none' } as const;
      const { weights, certificate } = resolve(gram, options);
      const scale = scaleOf(rows, weights);
      allclose([certificate.squaredNorm], [squaredNorm], { rtol: 0, atol: 1e-14 * scale });
      const atol = 1e-12 * Math.sqrt(scale);
      allclose(directionOf(rows, weights), direction, { rtol: 0, atol });
      t.true(certificate.gap <= 1e-14 * scale);
      t.true(certificate.converged);
    }
  });
}

test('rows from 1e-150 to 1e150 change nothing', (t) => {
  for (const { rows } of cases) {
    const gram = gramOfRows(rows.map((row) => Float32Array.from(row)));
    const m = rows.length;
    const plain = minNorm(gram, m);
    for (const factor of [1e-300, 1e-160, 1e-30, 1e30, 1e160, 1e290]) {
      const scaled = minNorm(
        gram.map((entry) => entry * factor),
        m,
      );
      const scale = scaleOf(rows, plain.weights);
      const [a, b] = [plain, scaled].map(({ weights }) => directionOf(rows, weights));
      allclose(b!, a!, { rtol: 0, atol: 1e-11 * Math.sqrt(scale) });
      t.true(scaled.gap / factor <= 1e-14 * scale);
    }
    for (const power of [-900, -40, 7, 900]) {
      const scaled = gram.map((entry) => entry * 2 ** power);
      t.deepEqual(minNorm(scaled, m).weights, plain.weights, 'powers of two change no bit');
    }
  }
});

test('rows of very different length in one matrix are told apart', (t) => {
  // Two short rows, 90° apart, and one so long that the others are nothing beside it.
  const gram = [1e-200, 0, 1e-1, 0, 1e-200, 1e-1, 1e-1, 1e-1, 1e200];
  const { weights } = resolve(gram, { aggregator: 'mgda', normalize: 'none' });
  allclose(weights, [0.5, 0.5, 0], { rtol: 1e-14, atol: 1e-14 });
  t.pass();
});
