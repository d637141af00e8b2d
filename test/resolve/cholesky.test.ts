/** The factor that all active sets share: what it refuses, and what a refusal leaves. */
import test from 'ava';
import { Cholesky } from '../../node/resolve/cholesky.ts';
import { allclose } from '../helpers/allclose.ts';

const solved = (factor: Cholesky, b: number[]) => {
  const x = Float64Array.from(b);
  factor.solve(x);
  return x;
};

/** Rows of [[4, 2, 0], [2, 5, 3], [0, 3, 6]]. */
const ROWS = [[4], [2, 5], [0, 3, 6]].map((row) => Float64Array.from(row));

test('rows are appended and forgotten, and solve what is there', (t) => {
  const factor = new Cholesky(3);
  for (const row of ROWS) t.true(factor.appendRow(row));
  allclose(solved(factor, [8, 21, 24]), [1, 2, 3], { rtol: 1e-15, atol: 0 });
  factor.shrink(1);
  allclose(solved(factor, [8]), [2], { rtol: 1e-15, atol: 0 });
  t.true(factor.append((column) => [2, 5][column]!));
  allclose(solved(factor, [8, 12]), [1, 2], { rtol: 1e-15, atol: 0 });
});

test('what depends on the rows before is refused, and changes nothing', (t) => {
  const factor = new Cholesky(3);
  t.false(factor.appendRow(Float64Array.of(0)), 'zero');
  t.false(factor.appendRow(Float64Array.of(-1)), 'negative');
  t.false(factor.appendRow(Float64Array.of(Number.NaN)));
  for (const row of ROWS.slice(0, 2)) t.true(factor.appendRow(row));
  const before = solved(factor, [1, 1]);
  t.false(factor.appendRow(Float64Array.of(4, 2, 4)), 'the first once more');
  t.false(factor.appendRow(Float64Array.of(0, 0, 0)));
  t.false(factor.appendRow(Float64Array.of(2, 5, 5 + 2 ** -48)), 'the second but for rounding');
  t.deepEqual(solved(factor, [1, 1]), before);
  t.true(factor.appendRow(Float64Array.of(2, 5, 5 + 2 ** -40)), 'a digit more is no rounding');
});
