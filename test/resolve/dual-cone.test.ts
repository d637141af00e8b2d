/** The projection behind dualproj and upgrad: what only the nearest harmless direction meets. */
import test from 'ava';
import { DualConeSolver } from '../../node/resolve/dual-cone.ts';
import { cosinesOf } from '../../node/resolve/normalize.ts';
import { createStream } from '../../protocol/random.ts';
import { allclose } from '../helpers/allclose.ts';
import { gramOf } from './matrices.ts';

interface Cosines {
  readonly label: string;
  readonly k: number;
  readonly cosines: Float64Array;
}

const cosinesOfRows = (label: string, rows: number[][]): Cosines => {
  return { label, k: rows.length, cosines: cosinesOf(gramOf(rows), rows.length) };
};

/**
 * More rows than dimensions: they depend on each other, and many come and go. Where they have
 * dimensions `beside` these they depend on each other but for rounding.
 */
function crowded(seed: number, beside: number, isWhole: boolean): Cosines {
  const random = createStream('crowded', seed);
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.nextFloat();
    return sum;
  };
  const n = 2 + (seed % (isWhole ? 4 : 9));
  const k = n + 1 + random.nextBelow(2 * n + 9);
  const rows = Array.from({ length: k }, () => [
    ...Array.from({ length: n }, isWhole ? () => random.nextBelow(7) - 3 : normal),
    ...Array.from({ length: beside === 0 ? 0 : k }, () => beside * normal()),
  ]);
  return cosinesOfRows(`${k} rows, ${n} dimensions #${seed}`, rows);
}

const unit = (k: number, row: number) =>
  Float64Array.from({ length: k }, (_, i) => (i === row ? 1 : 0));

interface Projected {
  readonly what: string;
  readonly converged: boolean;
  readonly iterations: number;
  /** The least z. */
  readonly least: number;
  /** By how much d harms a row, by how much it serves one with weight, as shares of Σ v. */
  readonly harm: number;
  readonly slack: number;
  /** How far what the solver calls C(u + z) is from it. */
  readonly apart: number;
}

/** What is wrong with the projections of the mean and of every row. */
function projections({ label, k, cosines }: Cosines): Projected[] {
  const solver = new DualConeSolver(cosines, k);
  return Array.from({ length: k + 1 }, (_, row) => {
    const u = row === k ? new Float64Array(k).fill(1 / k) : unit(k, row);
    const answer = row === k ? solver.project(u) : solver.projectRow(row);
    const { added, inner, converged, iterations } = answer;
    const v = u.map((value, i) => value + added[i]!);
    const size = v.reduce((a, b) => a + b);
    let [harm, slack, apart] = [0, 0, 0];
    for (let i = 0; i < k; i++) {
      const y = v.reduce((sum, value, j) => sum + cosines[i * k + j]! * value, 0);
      harm = Math.max(harm, -y / size);
      slack = Math.max(slack, Math.abs(added[i]! * y) / (size * size));
      apart = Math.max(apart, Math.abs(y - inner[i]!) / size);
    }
    const what = `${label}, row ${row}`;
    return { what, converged, iterations, least: Math.min(...added), harm, slack, apart };
  });
}

test('z ≥ 0 and nobody is harmed, but rows with weight are not served either', (t) => {
  for (let seed = 0; seed < 160; seed++) {
    const drawn = crowded(seed, [0, 1e-4, 1e-5, 1e-6][seed % 4]!, seed % 3 === 0);
    for (const each of projections(drawn)) {
      const { what, least, harm, slack, apart } = each;
      t.true(each.converged, what);
      t.true(each.iterations <= 2 * drawn.k, `${what}: ${each.iterations} steps`);
      t.true(least >= 0, what);
      t.true(harm <= 1e-12 && slack <= 1e-12, `${what}: harm ${harm}, slack ${slack}`);
      t.true(apart <= 1e-14 * drawn.k, `${what}: C(u + z) is ${apart} apart`);
    }
  }
});

test('rows that are alike but for rounding cost digits, and no more', (t) => {
  for (let seed = 0; seed < 400; seed++) {
    const drawn = crowded(seed, 3e-8, true);
    for (const { what, converged, iterations, least, harm, slack, apart } of projections(drawn)) {
      t.true(converged, what);
      t.true(iterations <= 2 * drawn.k, `${what}: ${iterations} steps`);
      t.true(least >= 0, what);
      t.true(harm <= 1e-7 && slack <= 1e-12, `${what}: harm ${harm}, slack ${slack}`);
      t.true(apart <= 1e-14 * drawn.k, `${what}: C(u + z) is ${apart} apart`);
    }
  }
});

test('nothing is added where nobody is harmed, and one look tells', (t) => {
  const solver = new DualConeSolver(Float64Array.of(1, 0.5, 0.5, 1), 2);
  for (const u of [Float64Array.of(2, 1), Float64Array.of(0, 0)]) {
    const { added, iterations, converged } = solver.project(u);
    t.deepEqual([...added, iterations, converged], [0, 0, 1, true]);
  }
});

test('where rows depend on each other, those that are harmed have the weight', (t) => {
  // d = 0. Row 2 is at a right angle to row 0: it could take part, but need not.
  const { k, cosines } = cosinesOfRows('plane', [
    [-1, 2],
    [-2, 0],
    [2, 1],
    [-1, -1],
    [1, -1],
  ]);
  const root = Math.sqrt(0.4);
  const { added } = new DualConeSolver(cosines, k).projectRow(0);
  allclose(added, [0, 0, 0, root / 2, (3 * root) / 2], { rtol: 1e-14, atol: 0 });
  t.pass();
});

test('a row that can not enter is tried again once another has', (t) => {
  // No Gram matrix: rows 0 and 1 have a cosine of −2, so that they never have weight together.
  const cosines = [
    [1, -2, 0, 0.5, -0.5],
    [-2, 1, -0.5, 0.5, -1],
    [0, -0.5, 1, -0.5, -1.5],
    [0.5, 0.5, -0.5, 1, 0],
    [-0.5, -1, -1.5, 0, 1],
  ].flat();
  const { added, inner, converged } = new DualConeSolver(Float64Array.from(cosines), 5).projectRow(
    4,
  );
  allclose(added, [0, 2.25, 2.75, 0.25, 0], { rtol: 1e-14, atol: 0 });
  allclose(inner, [-4.875, 0, 0, 0, -5.375], { rtol: 1e-14, atol: 1e-14 });
  t.true(converged);
});
