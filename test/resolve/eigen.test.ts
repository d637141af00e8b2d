/** Eigenvalues by reflections and QL: against Jacobi's rotations, and put together again. */
import test from 'ava';
import { applied, eigenOf, rankOf } from '../../node/resolve/eigen.ts';
import { ascending, descending } from '../../node/resolve/ranking.ts';
import { unitScaled } from '../../node/resolve/scale.ts';
import { allclose } from '../helpers/allclose.ts';
import { eigenOf as jacobiOf } from './jacobi.ts';
import { type Matrix, nastyMatrix, plainMatrix } from './matrices.ts';

const drawn = (count: number, stride: number, make: (seed: number) => Matrix) =>
  Array.from({ length: count }, (_, i) => make(i * stride));
const matrices = [...drawn(60, 19, plainMatrix), ...drawn(84, 5, nastyMatrix)];

test('eigenvalues are those of Jacobi, and as many of them count', (t) => {
  for (const { label, m, gram } of matrices) {
    const symmetric = unitScaled(gram, m);
    const reference = jacobiOf(symmetric, m).values;
    const eigen = eigenOf(symmetric, m);
    allclose(eigen.values, reference, { rtol: 0, atol: 1e-14 * reference[0]! });
    const cut = m * 2 ** -52 * reference[0]!;
    t.is(rankOf(eigen), reference.filter((value) => value > cut).length, label);
  }
});

test('small eigenvalues of rows of very different lengths keep their digits', (t) => {
  for (const { label, m, gram } of drawn(500, 1, nastyMatrix)) {
    if (!/^(very )?uneven|^one short/.test(label)) continue;
    const symmetric = unitScaled(gram, m);
    const reference = jacobiOf(symmetric, m).values;
    const rank = rankOf(eigenOf(symmetric, m));
    const found = eigenOf(symmetric, m).values.subarray(0, rank);
    allclose(found, reference.subarray(0, rank), { rtol: 1e-10, atol: 0 });
    t.pass();
  }
});

test('reflections and rotations put the matrix together again, and lengths stay', (t) => {
  for (const { label, m, gram } of matrices) {
    const symmetric = unitScaled(gram, m);
    const eigen = eigenOf(symmetric, m);
    for (let column = 0; column < m; column++) {
      const unit = Float64Array.from({ length: m }, (_, i) => (i === column ? 1 : 0));
      const c = eigen.into(unit);
      const length = c.reduce((sum, value) => sum + value * value, 0);
      t.true(Math.abs(length - 1) <= 1e-13, label);
      const product = eigen.outOf(c.map((value, v) => value * eigen.values[v]!));
      const expected = Float64Array.from(unit, (_, i) => symmetric[i * m + column]!);
      allclose(product, expected, { rtol: 0, atol: 1e-13 * eigen.values[0]! });
    }
  }
});

test('what is diagonal already is not touched', (t) => {
  const eigen = eigenOf(Float64Array.of(0.25, 0, 0, 0, 1, 0, 0, 0, 0.5), 3);
  t.deepEqual([...eigen.values], [1, 0.5, 0.25]);
  t.deepEqual([...applied(eigen, (value) => 1 / value, Float64Array.of(1, 2, 3))], [4, 2, 6]);
});

test('a vector outside of the range has no part in it', (t) => {
  const eigen = eigenOf(Float64Array.of(1, 1, 1, 1), 2);
  t.is(rankOf(eigen), 1);
  t.deepEqual([...applied(eigen, (value) => 1 / value, Float64Array.of(1, -1))], [0, 0]);
  allclose(
    applied(eigen, (value) => 1 / value, Float64Array.of(1, 1)),
    [0.5, 0.5],
    {
      rtol: 1e-15,
      atol: 0,
    },
  );
});

test('of a matrix of zeros no eigenvalue counts', (t) => {
  const eigen = eigenOf(new Float64Array(9), 3);
  t.is(rankOf(eigen), 0);
  t.deepEqual([...applied(eigen, (value) => 1 / value, Float64Array.of(1, 2, 3))], [0, 0, 0]);
});

test('what is left of a vector does not depend on its length', (t) => {
  const eigen = eigenOf(Float64Array.of(1, 0.5, 0.5, 0.25), 2);
  const vector = Float64Array.of(1, 3);
  const expected = applied(eigen, Math.sqrt, vector);
  t.true(expected.every((value) => value > 0));
  for (const factor of [2 ** -200, 2 ** 200]) {
    const scaled = applied(
      eigen,
      Math.sqrt,
      vector.map((value) => value * factor),
    );
    t.deepEqual(
      scaled.map((value) => value / factor),
      expected,
    );
  }
});

test('orders put the lowest index first where numbers are equal', (t) => {
  t.deepEqual([...ascending([3, 1, 2, 1])], [1, 3, 2, 0]);
  t.deepEqual([...descending([3, 1, 3, 2])], [0, 2, 3, 1]);
  t.deepEqual([...ascending([])], []);
});
