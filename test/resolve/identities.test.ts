/** Conditions that only the right answer meets, and what methods have in common: moo.md, 4. */
import test from 'ava';
import fc from 'fast-check';
import { aggregatorSchema, aggregators, gramOfRows, resolve } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';
import { directionOf, drawRows, innerProducts, rowsOfAnyFamily, sizeOf } from './families.ts';

const SEED = 20260605;
const check = <T>(property: fc.IProperty<T>, numRuns = 150) =>
  fc.assert(property, { seed: SEED, numRuns });

const lengthOf = (gram: ArrayLike<number>, i: number) =>
  Math.sqrt(gram[i * (Math.sqrt(gram.length) + 1)]!);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (x, i) => x * b[i]!).reduce((x, y) => x + y, 0);

for (const preference of [undefined, [3, 0, 1, 2, 0, 1, 1, 5, 2]]) {
  const title = preference ? 'with a preference' : 'of the mean';
  test(`dualproj ${title}: w ≥ u, Gw ≥ 0, and one of the two is equal`, (t) => {
    check(
      fc.property(rowsOfAnyFamily(), ({ gram, rows }) => {
        const m = rows.length;
        const u = preference?.slice(0, m) ?? rows.map(() => 1 / m);
        const { weights } = resolve(gram, {
          aggregator: 'dualproj',
          ...(preference && { preference: u }),
        });
        const size = sizeOf(gram, weights);
        innerProducts(gram, weights).forEach((inner, i) => {
          const added = weights[i]! - u[i]!;
          t.true(added >= 0);
          t.true(inner >= -1e-13 * size * lengthOf(gram, i));
          t.true(Math.abs(added * inner) <= 1e-13 * size * size);
        });
      }),
    );
  });
}

test('upgrad is the weighted sum of the projections of its rows', (t) => {
  check(
    fc.property(rowsOfAnyFamily(), ({ gram, rows }) => {
      const m = rows.length;
      const preference = rows.map((_, i) => (i % 3) + (m === 1 ? 1 : 0));
      if (preference.every((value) => value === 0)) return;
      const whole = resolve(gram, { aggregator: 'upgrad', preference });
      const expected = new Float64Array(m);
      preference.forEach((share, i) => {
        if (share === 0) return;
        const alone = rows.map((_, j) => (i === j ? share : 0));
        const { weights } = resolve(gram, { aggregator: 'dualproj', preference: alone });
        for (let j = 0; j < m; j++) expected[j]! += weights[j]!;
      });
      const atol = 1e-9 * sizeOf(gram, whole.weights);
      allclose(directionOf(rows, whole.weights), directionOf(rows, expected), { rtol: 0, atol });
      t.pass();
    }),
  );
});

test('pcgrad of two languages is upgrad with preference 1', (t) => {
  check(
    fc.property(rowsOfAnyFamily(2), ({ gram, rows }) => {
      const preference = rows.map(() => 1);
      const { weights } = resolve(gram, { aggregator: 'upgrad', preference });
      const atol = 1e-12 * Math.max(1, ...weights);
      allclose(resolve(gram, { aggregator: 'pcgrad' }).weights, weights, { rtol: 0, atol });
      t.pass();
    }),
  );
});

test('cagrad keeps to its ball, and nobody in it serves the worst served better', (t) => {
  check(
    fc.property(
      rowsOfAnyFamily(6),
      fc.constantFrom(0.1, 0.4, 1, 3),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
      ({ gram, rows }, c, noise) => {
        const m = rows.length;
        const { weights } = resolve(gram, { aggregator: 'cagrad', c });
        if (weights.every((weight) => weight === 0)) return;
        const mean = rows.map(() => 1 / m);
        const square = (w: number[]) => Math.max(0, dot(w, innerProducts(gram, w)));
        const radius = c * Math.sqrt(square(mean));
        const off = Array.from(weights, (weight) => weight - 1 / m);
        const size = sizeOf(gram, weights);
        t.true(Math.abs(Math.sqrt(square(off)) - radius) <= 1e-7 * size);
        const least = (w: ArrayLike<number>) => Math.min(...innerProducts(gram, w));
        const other = off.map((value, i) => value + noise[i]! * Math.max(...off.map(Math.abs)));
        const length = Math.sqrt(square(other));
        if (length === 0) return;
        const inBall = other.map((value, i) => mean[i]! + (value * radius) / length);
        const noiseFloor = 1e-7 * (size + sizeOf(gram, inBall)) ** 2;
        t.true(least(inBall) <= least(weights) + noiseFloor);
      },
    ),
  );
});

test('nash-mtl and fairgrad balance: wᵢ(Gw)ᵢ is the power of wᵢ that they promise', (t) => {
  check(
    fc.property(rowsOfAnyFamily(), fc.constantFrom(0.05, 0.3, 1, 1.5, 4, 30), ({ gram }, alpha) => {
      const { weights, certificate } = resolve(gram, { aggregator: 'fairgrad', alpha });
      if (certificate.problem === 'none') return;
      const scale = certificate.scale;
      innerProducts(gram, weights).forEach((inner, i) => {
        const gain = weights[i]! * inner;
        const wanted = weights[i]! ** (1 - 1 / alpha);
        t.true(Math.abs(gain - wanted) <= 1e-9 * wanted + 1e-14 * scale, `${gain}, ${wanted}`);
      });
    }),
  );
});

test('capped and boxed weights keep their bounds, and no two of them would rather trade', (t) => {
  const methods = [
    { aggregator: 'mgda-capped', cap: 0.3 },
    { aggregator: 'fedmgda', epsilon: 0.15 },
  ];
  check(
    fc.property(rowsOfAnyFamily(), fc.constantFrom(...methods), ({ gram, rows }, method) => {
      const m = rows.length;
      const { weights, certificate } = resolve(gram, { ...method, normalize: 'none' });
      const capped = method.aggregator === 'mgda-capped';
      const low = capped ? 0 : Math.max(0, 1 / m - 0.15);
      const high = capped ? Math.max(0.3, 1 / m) : Math.min(1, 1 / m + 0.15);
      const prices = innerProducts(gram, weights);
      for (let i = 0; i < m; i++) {
        t.true(weights[i]! >= low - 1e-15 && weights[i]! <= high + 1e-15);
        for (let j = 0; j < m; j++) {
          if (weights[i]! <= low + 1e-12 || weights[j]! >= high - 1e-12) continue;
          const noise = 1e-12 * (lengthOf(gram, i) + lengthOf(gram, j));
          t.true(prices[j]! >= prices[i]! - noise * Math.sqrt(certificate.scale));
        }
      }
    }),
  );
});

test('bounds that bind nothing leave mgda, and those that leave no choice the mean', (t) => {
  check(
    fc.property(rowsOfAnyFamily(), fc.constantFrom('none', 'l2'), ({ gram, rows }, normalize) => {
      const d = (options: { aggregator: string; [option: string]: unknown }) => {
        return directionOf(rows, resolve(gram, { ...options, normalize } as never).weights);
      };
      const atol =
        1e-7 *
        sizeOf(
          gram,
          rows.map(() => 1),
        );
      const mgda = d({ aggregator: 'mgda' });
      allclose(d({ aggregator: 'mgda-capped', cap: 1 }), mgda, { rtol: 0, atol });
      allclose(d({ aggregator: 'fedmgda', epsilon: 1 }), mgda, { rtol: 0, atol });
      const mean = d({ aggregator: 'mean' });
      allclose(d({ aggregator: 'mgda-capped', cap: 1e-9 }), mean, { rtol: 0, atol });
      allclose(d({ aggregator: 'fedmgda', epsilon: 0 }), mean, { rtol: 0, atol });
      allclose(d({ aggregator: 'cagrad', c: 0 }), mean, { rtol: 0, atol });
      allclose(d({ aggregator: 'fairgrad', alpha: 0 }), mean, { rtol: 0, atol });
      t.pass();
    }),
  );
});

for (const aggregator of ['mean', 'sum', 'upgrad', 'config']) {
  test(`${aggregator} is linear in the lengths of the rows`, (t) => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 9, maxLength: 9 });
    const names = ['independent', 'correlated', 'zeroRow'];
    check(
      fc.property(rowsOfAnyFamily(9, names), lengths, lengths, ({ rows }, first, second) => {
        const d = (factors: number[]) => {
          const scaled = rows.map((row, i) => row.map((x) => x * factors[i]!));
          const gram = gramOfRows(scaled);
          const { weights } = resolve(gram, { aggregator });
          return { direction: directionOf(scaled, weights), size: sizeOf(gram, weights) };
        };
        const [a, b] = [d(first), d(second)];
        const sum = d(first.map((x, i) => 2 * x + 3 * second[i]!));
        const expected = a.direction.map((x, j) => 2 * x + 3 * b.direction[j]!);
        allclose(sum.direction, expected, { rtol: 0, atol: 1e-8 * (sum.size + a.size + b.size) });
        t.pass();
      }),
    );
  });
}

for (const aggregator of ['upgrad', 'dualproj', 'mean', 'sum', 'random']) {
  test(`${aggregator} moves where rows are not strongly stationary`, (t) => {
    check(
      fc.property(rowsOfAnyFamily(8, ['independent', 'correlated', 'uneven']), ({ gram, rows }) => {
        const { certificate } = resolve(gram, { aggregator });
        const longest = Math.max(...rows.map((_, i) => gram[i * (rows.length + 1)]!));
        if (longest > 0) t.true(certificate.squaredNorm > 1e-8 * longest);
      }),
    );
    // One row lies apart from two that are opposite: mgda stops, these go on.
    const { certificate } = resolve([1, -1, 0, -1, 1, 0, 0, 0, 1], { aggregator });
    t.true(certificate.squaredNorm > 1e-3);
    t.pass();
  });
}

test('losses divide the rows, and weights come back to the raw ones', (t) => {
  check(
    fc.property(
      rowsOfAnyFamily(8, ['independent', 'correlated', 'uneven']),
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 8, maxLength: 8 }),
      fc.constantFrom('mgda', 'upgrad', 'nash-mtl'),
      ({ gram, rows }, all, aggregator) => {
        const m = rows.length;
        const losses = all.slice(0, m).map((value) => value / 2);
        if (rows.some((_, i) => gram[i * (m + 1)] === 0)) return;
        for (const normalize of ['loss', 'loss+'] as const) {
          const n = losses.map((f, i) => (normalize === 'loss' ? f : f * lengthOf(gram, i)));
          const divided = gram.map((g, at) => g / (n[Math.floor(at / m)]! * n[at % m]!));
          const alpha = resolve(divided, { aggregator, normalize: 'none' }).weights;
          const raw = alpha.map((weight, i) => weight / n[i]!);
          const { weights } = resolve(gram, { aggregator, normalize, losses });
          const factor = alpha.reduce((a, b) => a + b) / raw.reduce((a, b) => a + b);
          const expected = raw.map((weight) => weight * factor);
          allclose(weights, expected, { rtol: 1e-9, atol: 1e-12 * Math.max(...expected) });
          const size = sizeOf(gram, weights);
          innerProducts(gram, weights).forEach((inner, i) => {
            t.true(inner >= -1e-10 * size * lengthOf(gram, i));
          });
        }
      },
    ),
    60,
  );
});

test('losses that nothing can be divided by are refused', (t) => {
  const gram = [1, 0, 0, 1];
  for (const losses of [undefined, [1, 0], [1, -2], [Number.NaN, 1]]) {
    t.throws(
      () => resolve(gram, { aggregator: 'mgda', normalize: 'loss', ...(losses && { losses }) }),
      {
        name: 'GramError',
        message: /divides rows by them: all 1e-30 to 1e30/,
      },
    );
  }
  const { weights } = resolve(gram, {
    aggregator: 'mgda',
    normalize: 'loss+',
    mask: [1, 0],
    losses: [2, Number.NaN],
  });
  t.deepEqual([...weights], [1, 0], 'that of a language that is away is not looked at');
});

test('options out of range are refused', (t) => {
  const refused: object[] = [
    { name: 'cagrad', c: -1 },
    { name: 'cagrad', rescale: 'twice' },
    { name: 'gradvac', beta: 1.1 },
    { name: 'gradvac', beta: -0.1 },
    { name: 'mgda-capped', cap: 0 },
    { name: 'mgda-capped', cap: 1.5 },
    { name: 'fedmgda', epsilon: -0.1 },
    { name: 'nash-mtl', maxNorm: -1 },
    { name: 'fairgrad', alpha: -1 },
    { name: 'cr-mogm', momentum: 2 },
    { name: 'cr-mogm', of: 'psmgd' },
    { name: 'psmgd', every: 0 },
    { name: 'psmgd', of: { name: 'cagrad', c: -1 } },
    { name: 'sdmgrad', iterations: 0 },
    { name: 'modo', gamma: 0 },
  ];
  for (const options of refused) t.false(aggregatorSchema.safeParse(options).success);
});

for (const { name } of aggregators.filter(({ fromRows }) => fromRows === undefined)) {
  test(`${name}: as many languages as are allowed have an answer`, (t) => {
    for (const family of ['independent', 'fewDimensions', 'uneven']) {
      const { gram } = drawRows(family, 256, 40, 1);
      const { certificate, weights } = resolve(gram, { aggregator: name });
      t.true(weights.every(Number.isFinite));
      t.true(certificate.converged, `${family}: not within the bound on iterations`);
      t.false(certificate.gap > 1e-12 * certificate.scale, `${family}: ${certificate.gap}`);
    }
  });
}
