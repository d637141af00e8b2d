/** What a certificate measures weights by, for weights of any sign and sum. */
import test from 'ava';
import { z } from 'zod';
import { certify } from '../../node/resolve/certificate.ts';
import {
  type Aggregator,
  type Certificate,
  conflicts,
  NORMALIZES,
  type ResolveOptions,
  resolve,
} from '../../node/resolve/index.ts';
import { promises } from './configurations.ts';
import { exactOf } from './exact.ts';
import { drawRows, families, innerProducts, sizeOf } from './families.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

/** The certificate of given weights, for rows whose Gram matrix is diag(4, 9) by default. */
function certificateOf(
  weights: readonly number[],
  mask = [1, 1],
  gram = [4, 0, 0, 9],
): Certificate {
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
  return resolve(gram, { aggregator: given, mask }).certificate;
}

test('weights are measured by the longest d that they could give', (t) => {
  t.is(certificateOf([0.25, 0.75]).scale, (0.5 + 2.25) ** 2);
  t.is(certificateOf([1, 1]).scale, (2 + 3) ** 2);
  t.is(certificateOf([2, -1]).scale, (4 + 3) ** 2);
  t.is(certificateOf([-1, 2]).scale, (2 + 6) ** 2);
  t.is(certificateOf([1, -0]).scale, 4);
});

test('a short row beside a long one is not taken for rounding', (t) => {
  const uneven = [1e-20, 0, 0, 1e20];
  for (const options of [
    { aggregator: 'imtl-g' },
    { aggregator: 'constant', preference: [1, 1e-20] },
    { aggregator: 'mgda', normalize: 'none' },
  ] satisfies ResolveOptions[]) {
    const { squaredNorm, scale, stationary } = resolve(uneven, options).certificate;
    t.false(stationary, JSON.stringify(options));
    t.true(squaredNorm > 0.4 * scale);
  }
});

test('weights ≥ 0 whose rows cancel say that the group is stationary', (t) => {
  t.true(certificateOf([3, 1], [1, 1], [1, -3, -3, 9]).stationary);
  t.true(certificateOf([0, 2], [1, 1], [4, 0, 0, 0]).stationary, 'a row of zeros');
  const almost = (excess: number) => [1, -1, -1, 1 + excess];
  t.true(certificateOf([0.5, 0.5], [1, 1], almost(2 ** -41)).stationary);
  t.false(certificateOf([0.5, 0.5], [1, 1], almost(2 ** -37)).stationary);
});

test('a d that goes somewhere is not stationary, though the group may be', (t) => {
  t.false(certificateOf([1, 0], [1, 1], [1, -1, -1, 1]).stationary);
  t.false(resolve([1, -3, -3, 9], { aggregator: 'mean' }).certificate.stationary);
});

test('where other weights give no direction there may be one all the same', (t) => {
  const equal = [1, 1, 1, 1];
  t.false(certificateOf([1, -1], [1, 1], equal).stationary);
  t.false(certificateOf([0, 0], [1, 1], equal).stationary);
  t.false(certificateOf([1, -1, 0], [1, 1, 0], [1, 1, 0, 1, 1, 0, 0, 0, 0]).stationary);
  const opposite = [1, -1, -1, 1];
  t.true(certificateOf([0, 0], [1, 1], opposite).stationary);
  t.true(certificateOf([2, 2, -1], [1, 1, 1], [1, -1, 0, -1, 1, 0, 0, 0, 0]).stationary);
  // Three rows whose projections are equal for v = (10, 10, −20)/7: no sum to divide by.
  const { weights, certificate } = resolve([1, 0, 0.15, 0, 1, 0.15, 0.15, 0.15, 0.0625], {
    aggregator: 'imtl-g',
  });
  t.deepEqual([...weights], [0, 0, 0]);
  t.is(certificate.squaredNorm, 0);
  t.false(certificate.stationary);
  t.true(resolve(opposite, { aggregator: 'imtl-g' }).certificate.stationary);
});

test('a certificate is of the weights that are given, also with divided rows', (t) => {
  let withoutLength = 0;
  for (const { configuration, rowsMin = 1 } of promises) {
    for (const family of Object.keys(families)) {
      for (let seed = 0; seed < 6; seed++) {
        const m = Math.max(rowsMin, 2 + seed);
        const { gram } = drawRows(family, m, 4, seed);
        const options = { ...configuration, losses: Array.from({ length: m }, (_, i) => 1 + i) };
        for (const normalize of NORMALIZES) {
          const what = `${JSON.stringify({ ...configuration, normalize })} of ${family} #${seed}`;
          const { weights, certificate } = resolve(gram, { ...options, normalize });
          const size = sizeOf(gram, weights);
          if (size === 0) {
            t.is(certificate.squaredNorm, 0, what);
            withoutLength++;
            continue;
          }
          const inner = innerProducts(gram, weights);
          const square = weights.reduce((sum, weight, i) => sum + weight * inner[i]!, 0);
          // What is left of the rows' lengths in d does not depend on what rows are divided by.
          const left = certificate.squaredNorm / certificate.scale;
          t.true(Math.abs(left - square / size ** 2) <= 1e-12, what);
        }
      }
    }
  }
  t.true(withoutLength > 100);
});

test('a masked row has no part in a certificate, wherever it stands', (t) => {
  for (let seed = 0; seed < 40; seed++) {
    const { gram } = drawRows('correlated', 4, 6, seed);
    const weights = [0.4, 0.1, 0.3, 0.2];
    for (let subset = 1; subset < 15; subset++) {
      const mask = weights.map((_, i) => (subset >> i) & 1);
      const present = weights.flatMap((_, i) => (mask[i] === 1 ? [i] : []));
      const part = present.flatMap((i) => present.map((j) => gram[4 * i + j]!));
      const of = (given: number[]) => given.filter((_, i) => mask[i] === 1);
      const masked = certificateOf(
        weights.map((weight, i) => weight * mask[i]!),
        mask,
        [...gram],
      );
      const without = certificateOf(of(weights), of(mask), part);
      t.deepEqual(masked, without, `${mask} of #${seed}`);
    }
  }
});

// Two rows that point opposite ways and are about 2^15 times as long as their sum.
test('sums that nearly cancel are those of exact arithmetic, at any size', (t) => {
  for (let exponent = -40; exponent <= 40; exponent += 10) {
    for (let i = 1; i <= 16; i++) {
      const size = 2 ** exponent;
      const [a, b] = [(2 ** 15 + i / 7) * size, (i / 11 - 2 ** 15) * size];
      const gram = [a * a, a * b, a * b, b * b];
      const weights = [0.3, 0.3];
      const exact = exactOf(gram, weights);
      const { squaredNorm, leastDescent } = certificateOf(weights, [1, 1], gram);
      const isNear = (actual: number, expected: number) =>
        Math.abs(actual - expected) <= 2 ** -31 * Math.abs(expected);
      t.true(isNear(squaredNorm, exact.squaredNorm), `${squaredNorm}, ${exact.squaredNorm}`);
      t.true(isNear(leastDescent, exact.leastDescent));
    }
  }
});

test('no direction where there is one solves no problem', (t) => {
  const none = Float64Array.of(0, 0);
  for (const problem of ['none', 'min-norm', 'cagrad', 'dual-cone', 'fixed-point'] as const) {
    const solution = { problem, gap: 0, iterations: 0, converged: true };
    const of = (gram: Float64Array) => certify(gram, Uint8Array.of(1, 1), none, solution);
    t.is(of(Float64Array.of(4, 0, 0, 9)).converged, problem === 'none', problem);
    t.true(of(Float64Array.of(4, -6, -6, 9)).converged, problem);
  }
});

test('weights that leave twice the digits no range are added up in once as many', (t) => {
  const solution = { problem: 'none', gap: Number.NaN, iterations: 0, converged: true } as const;
  const gram = Float64Array.of(1, -1, -1, 1);
  const weights = Float64Array.of(1e301, 1e301);
  const { squaredNorm, leastDescent } = certify(gram, Uint8Array.of(1, 1), weights, solution);
  t.deepEqual([squaredNorm, leastDescent], [0, 0]);
});

test('rows of zeros that take all weight leave no problem solved', (t) => {
  const gram = [4, 1, 0, 1, 2, 0, 0, 0, 0];
  for (const aggregator of ['mean', 'mgda-capped', 'fedmgda', 'upgrad']) {
    const { weights, certificate } = resolve(gram, { aggregator, normalize: 'l2' });
    t.deepEqual([weights[0], weights[1]], [0, 0], aggregator);
    t.true(weights[2]! > 0, aggregator);
    const { problem, gapRelative, squaredNorm, stationary, leastDescent } = certificate;
    t.deepEqual(
      { problem, gapRelative, squaredNorm, stationary, leastDescent },
      {
        problem: 'none',
        gapRelative: Number.NaN,
        squaredNorm: 0,
        stationary: true,
        leastDescent: 0,
      },
      aggregator,
    );
  }
  // For mgda the row of zeros is the answer, and has all weight before it is carried back.
  const { certificate } = resolve(gram, { aggregator: 'mgda', normalize: 'l2' });
  t.deepEqual([certificate.problem, certificate.gapRelative], ['min-norm', 0]);
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
