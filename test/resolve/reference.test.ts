/**
 * Solvers against every face in exact arithmetic, and against roots with 80 decimals
 * (scripts/resolve-fixtures.ts).
 */
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

function read<T>(name: string): T[] {
  const path = new URL(`../fixtures/resolve/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as T[];
}

const cases = read<Case>('min-norm');

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

interface MethodCase {
  readonly family: string;
  readonly rows: number[][];
  readonly options: { readonly aggregator: string; readonly [option: string]: unknown };
  readonly direction: number[];
  readonly weights?: number[];
}

const gramOf = (rows: number[][]) => gramOfRows(rows.map((row) => Float32Array.from(row)));

/** Σ |wᵢ|·‖gᵢ‖, or that of the mean where it is longer: what rounding of d is measured against. */
function sizeOf(rows: number[][], weights: ArrayLike<number>): number {
  const norms = rows.map((row) => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)));
  const size = norms.reduce((sum, norm, i) => sum + Math.abs(weights[i]!) * norm, 0);
  return Math.max(size, norms.reduce((a, b) => a + b) / norms.length);
}

for (const name of ['bounded', 'dual-cone', 'cagrad', 'balanced']) {
  const all = read<MethodCase>(name);
  for (const family of new Set(all.map((item) => item.family))) {
    test(`${name}, ${family}: directions are those of the exact optimum`, (t) => {
      for (const { rows, options, direction } of all.filter((c) => c.family === family)) {
        const { weights, certificate } = resolve(gramOf(rows), { normalize: 'none', ...options });
        const actual = directionOf(rows, weights);
        // Rows whose lengths span five powers of ten leave the half of the digits to differences.
        const atol = (family === 'uneven' ? 1e-8 : 1e-10) * sizeOf(rows, weights);
        allclose(actual, direction, { rtol: 0, atol });
        t.true(certificate.converged);
        t.false(certificate.gapRelative > 1e-9, `gap ${certificate.gapRelative}`);
      }
    });
  }
}

test('balanced weights agree in every one, not in their sum alone', (t) => {
  for (const { rows, options, weights } of read<MethodCase>('balanced')) {
    const { weights: found, certificate } = resolve(gramOf(rows), options);
    // Rows that nearly cancel leave as many digits as ‖d‖² has beside them.
    const digits = Math.max(1e-12, (1e-15 * certificate.scale) / certificate.squaredNorm);
    allclose(found, weights!, { rtol: 10 * digits, atol: 0 });
  }
  t.pass();
});

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
