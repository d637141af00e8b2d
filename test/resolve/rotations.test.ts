/** Tridiagonal matrices that few Gram matrices lead to: entries that are nothing beside others. */
import test from 'ava';
import { Rotations } from '../../node/resolve/rotations.ts';
import { powerOfTwo } from '../../node/resolve/scale.ts';
import { createStream } from '../../protocol/random.ts';
import { allclose } from '../helpers/allclose.ts';

/** From what is usual to where squares, and then almost the numbers themselves, end. */
const SIZES = [0, 1, powerOfTwo(-20), powerOfTwo(-530), powerOfTwo(-800), powerOfTwo(-1000)];

function tridiagonal(seed: number) {
  const random = createStream('tridiagonal', seed);
  const n = 2 + (seed % 5);
  const unit = seed % 2 === 0 ? 1 : powerOfTwo(-20);
  const entry = () => SIZES[random.nextBelow(SIZES.length)]! * (random.nextBelow(9) - 4) * unit;
  const diagonal = Float64Array.from({ length: n }, entry);
  diagonal[random.nextBelow(n)] = unit;
  const beside = Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? 0 : entry()));
  return { n, unit, diagonal, beside };
}

test('rotations and eigenvalues make the matrix again, whatever the sizes of its entries', (t) => {
  for (let seed = 0; seed < 1000; seed++) {
    const { n, unit, diagonal, beside } = tridiagonal(seed);
    const values = diagonal.slice();
    const rotations = new Rotations(values, beside.slice());
    for (let column = 0; column < n; column++) {
      const x = Float64Array.from({ length: n }, (_, i) => (i === column ? 1 : 0));
      rotations.forward(x);
      for (let i = 0; i < n; i++) x[i]! *= values[i]!;
      rotations.back(x);
      const expected = new Float64Array(n);
      expected[column] = diagonal[column]!;
      if (column > 0) expected[column - 1] = beside[column - 1]!;
      if (column < n - 1) expected[column + 1] = beside[column]!;
      x.forEach((value, i) => {
        const apart = Math.abs(value - expected[i]!);
        t.true(apart <= 1e-14 * unit, `#${seed}: ${value} at ${i}, ${column}`);
      });
    }
  }
});

test('where a block falls into two, what is left of it keeps its digits', (t) => {
  // [[0, s], [s, 0]] beside 1, but for entries that are nothing beside s.
  const [s, nothing] = [3 * powerOfTwo(-800), 2 * powerOfTwo(-1000)];
  const values = Float64Array.of(-nothing, 0, 1);
  new Rotations(values, Float64Array.of(-s, nothing, 0));
  allclose(values.sort(), [-s, s, 1], { rtol: 1e-14, atol: 0 });
  t.pass();
});
