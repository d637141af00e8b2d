/** What can be a Gram matrix, and what can't: by how much rounding, and by mistakes. */
import test from 'ava';
import { resolve } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

const answers = (gram: ArrayLike<number>, options: object = {}) =>
  resolve(gram, { aggregator: 'mgda', ...options });

/** Added up in float32, one product after the other: what no library does worse. */
function gramInFloat32(rows: readonly Float32Array[]): Float32Array {
  const m = rows.length;
  const gram = new Float32Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      rows[i]!.forEach((value, at) => {
        sum = Math.fround(sum + Math.fround(value * rows[j]![at]!));
      });
      gram[i * m + j] = sum;
    }
  }
  return gram;
}

test('sums in float32 of rows that are nearly parallel are taken', (t) => {
  const random = createStream('float32 sums');
  let beyond = 0;
  for (let round = 0; round < 8; round++) {
    const common = Float32Array.from({ length: 100_000 }, () => random.nextFloat() - 0.5);
    const scales = [1, 0.3 + random.nextFloat(), 1e-3 * random.nextFloat()];
    const gram = gramInFloat32(scales.map((scale) => common.map((value) => value * scale)));
    t.notThrows(() => answers(gram));
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (gram[i * 3 + j]! ** 2 > gram[i * 4]! * gram[j * 4]!) beyond++;
    }
  }
  t.true(beyond > 0, 'though some exceed what no inner product of exact sums would');
});

test('an inner product may exceed the product of the norms by rounding alone', (t) => {
  t.notThrows(() => answers([4, 6.005, 6.005, 9]));
  t.throws(() => answers([4, 6.007, 6.007, 9]), { name: 'GramError' });
  t.throws(() => answers([4, -6.007, -6.007, 9]), { name: 'GramError' });
});

test('cosines beside squared norms, and rows in another order, are found out', (t) => {
  const { m, gram } = plainMatrix(40);
  const swapped = gram.slice();
  for (let i = 0; i < m; i++) swapped[i * m + i] = gram[i * m + i]! * 10 ** -(i % 5);
  t.throws(() => answers(swapped), { name: 'GramError' });
});

test('a row without length has no inner products, and none is too small to be told', (t) => {
  t.notThrows(() => answers([0, 0, 0, 4]));
  t.throws(() => answers([0, 1e-9, 1e-9, 4]), { name: 'GramError' });
  // eigen.ts is never asked about this one, which no rows have.
  const subnormal = [0, 2 ** -1074, 0, 2 ** -1074, 1, 0, 0, 0, 1];
  t.throws(() => answers(subnormal, { aggregator: 'aligned-mtl' }), { name: 'GramError' });
});

test('what is masked may be anything', (t) => {
  const gram = [1, 9, Number.NaN, 9, -4, 1, Number.NaN, 1, 1];
  t.deepEqual([...answers(gram, { mask: [1, 0, 0] }).weights], [1, 0, 0]);
});

test('halves that differ by rounding are taken for their mean', (t) => {
  const { weights } = answers([18, -22 - 1e-6, -22 + 1e-6, 38], { normalize: 'none' });
  t.deepEqual(weights, answers([18, -22, -22, 38], { normalize: 'none' }).weights);
  t.throws(() => answers([18, -22, -22.0001, 38]), { message: /not symmetric/ });
});

test('Gram matrices of nasty rows are all taken', (t) => {
  for (let seed = 0; seed < 140; seed++) t.notThrows(() => answers(nastyMatrix(seed).gram));
});
