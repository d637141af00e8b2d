/** What a certificate measures weights by, for weights of any sign and sum. */
import test from 'ava';
import { z } from 'zod';
import { type Aggregator, type Certificate, conflicts, resolve } from '../../node/resolve/index.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

/** The certificate of given weights for rows whose Gram matrix is diag(4, 9). */
function certificateOf(weights: readonly number[], mask = [1, 1]): Certificate {
  const given: Aggregator = {
    name: 'given',
    doc: 'weights from outside',
    schema: z.strictObject({}),
    normalizeDefault: 'none',
    stateLength: () => 0,
    weigh: ({ state }) => ({
      weights: Float64Array.from(weights),
      state,
      solution: { problem: 'none', gap: Number.NaN, iterations: 0, converged: true },
    }),
  };
  return resolve([4, 0, 0, 9], { aggregator: given, mask }).certificate;
}

test('weights on the simplex are measured by the mean squared norm of their rows', (t) => {
  t.is(certificateOf([0.25, 0.75]).scale, 0.25 * 4 + 0.75 * 9);
  t.is(certificateOf([1, 2 ** -40]).scale, 4 + 9 * 2 ** -40, 'but for rounding');
  t.is(certificateOf([1, -0]).scale, 4);
});

test('other weights are measured by the longest d that they could give', (t) => {
  t.is(certificateOf([1, 1]).scale, (2 + 3) ** 2, 'the sum is not 1');
  t.is(certificateOf([2, -1]).scale, (4 + 3) ** 2, 'one is negative');
  t.is(certificateOf([-1, 2]).scale, (2 + 6) ** 2, 'another is');
  t.is(certificateOf([1, 2 ** -39]).scale, (2 + 3 * 2 ** -39) ** 2, 'more than rounding');
  t.is(certificateOf([0.25, 0.25]).scale, 1.25 ** 2, 'less than 1');
});

test('a group with rows says so, and one without has nothing to say', (t) => {
  const { empty, rows, squaredNorm, leastDescent } = certificateOf([0.5, 0.5]);
  t.deepEqual(
    { empty, rows, squaredNorm, leastDescent },
    { empty: false, rows: 2, squaredNorm: 3.25, leastDescent: 2 },
  );
  t.is(certificateOf([1, 0], [1, 0]).rows, 1);
  t.deepEqual(certificateOf([0, 0], [0, 0]), {
    problem: 'none',
    gap: Number.NaN,
    iterations: 0,
    converged: true,
    empty: true,
    rows: 0,
    squaredNorm: 0,
    scale: 0,
    stationary: true,
    gapRelative: Number.NaN,
    leastDescent: 0,
    conflictingPairs: 0,
    leastCosine: 1,
  });
});

test('the least cosine and the pairs that conflict are those of all pairs', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const { m, gram } = seed % 2 === 0 ? plainMatrix(seed) : nastyMatrix(seed);
    const { conflictingPairs, leastCosine } = resolve(gram, { aggregator: 'mean' }).certificate;
    const mask = new Uint8Array(m).fill(1);
    const { pairs, cosines } = conflicts(gram, mask);
    const apart = cosines.filter((cosine, at) => at % (m + 1) !== 0 && !Number.isNaN(cosine));
    t.is(conflictingPairs, pairs.length);
    t.is(
      leastCosine,
      apart.reduce((least, cosine) => Math.min(least, cosine), 1),
    );
  }
});
