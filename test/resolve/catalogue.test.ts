/** What every method of the catalogue must do with any rows: moo.md, sections 3.1 and 4. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import {
  aggregatorByName,
  aggregatorSchema,
  aggregators,
  changedOptions,
  gramOfRows,
  presentLanguages,
  resolve,
} from '../../node/resolve/index.ts';
import { pictureOf } from '../../scripts/aggregator-pictures/picture.ts';
import { allclose } from '../helpers/allclose.ts';
import { promises } from './configurations.ts';
import {
  directionOf,
  drawRows,
  families,
  innerProducts,
  rowsOfAnyFamily,
  sizeOf,
} from './families.ts';

const SEED = 20260605;
const check = <T>(property: fc.IProperty<T>, numRuns = 100) =>
  fc.assert(property, { seed: SEED, numRuns });

/** Rows of 1e-150 to 1e150, by powers of two that a square root halves. */
const POWERS = [-960, -500, -40, 6, 500, 960];

test('every method is tested here, says what it does, and has defaults', (t) => {
  const tested = new Set(promises.map(({ configuration }) => configuration.aggregator));
  // Those that need the rows themselves are in rows-hold.ts and rows.test.ts.
  const ofGrams = aggregators.filter(({ fromRows }) => fromRows === undefined);
  t.deepEqual([...tested].toSorted(), ofGrams.map(({ name }) => name).toSorted());
  for (const { name, doc, cost } of aggregators) {
    t.is(aggregatorSchema.parse({ name }).name, name);
    t.true(doc.length > 80 && cost !== undefined, name);
    t.false(aggregatorSchema.safeParse({ name, colour: 'red' }).success, name);
  }
});

test('what is told of a configuration is what its method is not by default', (t) => {
  const told = (given: object) => changedOptions(aggregatorSchema.parse(given));
  for (const { name } of aggregators) t.deepEqual(told({ name }), {}, name);
  t.deepEqual(told({ name: 'cagrad', c: 0.4, rescale: 'none', normalize: 'l2' }), { c: 0.4 });
  t.deepEqual(told({ name: 'nash-mtl', maxNorm: 1 }), { maxNorm: 1 });
  t.deepEqual(told({ name: 'upgrad', preference: [2, 1] }), { preference: [2, 1] });
  t.deepEqual(told({ name: 'psmgd', of: { name: 'cagrad', c: 0.5, rescale: 'square' } }), {
    of: { name: 'cagrad', rescale: 'square' },
  });
  t.deepEqual(told({ name: 'cr-mogm', of: 'mgda' }), {});
  t.deepEqual(told({ name: 'cr-mogm', of: 'upgrad' }), { of: { name: 'upgrad' } });
});

for (const { configuration, orderless, harmless, onSimplex, power = 0, ...promise } of promises) {
  const { problem, rowsMin = 1 } = promise;
  const anyRows = () => rowsOfAnyFamily(9, Object.keys(families), rowsMin);
  const { aggregator: _, ...options } = configuration;
  const title = `${configuration.aggregator} ${JSON.stringify(options)}`;

  test(`${title}: finite weights of the rows present, none of them NaN`, (t) => {
    check(
      fc.property(anyRows(), ({ gram, rows }) => {
        const { weights, certificate } = resolve(gram, configuration);
        t.is(weights.length, rows.length);
        t.true(weights.every(Number.isFinite));
        t.false(certificate.empty);
        if (onSimplex) {
          t.true(weights.every((weight) => weight >= 0));
          allclose([weights.reduce((a, b) => a + b)], [1], { rtol: 1e-13, atol: 0 });
        }
      }),
    );
  });

  test(`${title}: the certificate holds, and what it was solved to is small`, (t) => {
    const { gram } = drawRows('independent', 5, 4, 1);
    t.is(resolve(gram, configuration).certificate.problem, problem ?? 'none');
    check(
      fc.property(anyRows(), ({ gram }) => {
        const { certificate } = resolve(gram, configuration);
        if (certificate.problem === 'none') return;
        t.true(certificate.gapRelative <= 1e-9, `gapRelative ${certificate.gapRelative}`);
        t.true(certificate.converged);
      }),
    );
  });

  test(`${title}: a masked row is a deleted row, to the bit`, (t) => {
    const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 9, maxLength: 9 });
    check(
      fc.property(anyRows(), bits, ({ rows }, all) => {
        const mask = Uint8Array.from(rows, (_, i) => all[i]!);
        const present = presentLanguages(mask);
        if (present.length < rowsMin) return;
        const kept = present.map((i) => rows[i]!);
        const deleted = resolve(gramOfRows(kept), configuration);
        const nulls = gramOfRows(rows.map((row, i) => (mask[i] === 1 ? row : null)));
        const masked = resolve(nulls, { ...configuration, mask });
        t.deepEqual(masked.certificate, deleted.certificate);
        const picked = Float64Array.from(present, (i) => masked.weights[i]!);
        t.deepEqual(picked, deleted.weights);
      }),
    );
  });

  if (power !== null)
    test(`${title}: rows from 1e-150 to 1e150 give the same direction`, (t) => {
      check(
        fc.property(anyRows(), fc.constantFrom(...POWERS), ({ gram }, exponent) => {
          if (gram.every((entry) => entry === 0)) return;
          const m = Math.sqrt(gram.length);
          const plain = resolve(gram, configuration).weights;
          const scaled = resolve(
            gram.map((entry) => entry * 2 ** exponent),
            configuration,
          ).weights;
          const back = scaled.map((weight) => weight * 2 ** ((-power * exponent) / 2));
          allclose(back, plain, {
            rtol: 1e-9,
            atol: 1e-12 * sizeOf(new Float64Array(m * m).fill(1), plain),
          });
          t.pass();
        }),
      );
    });

  if (orderless) {
    test(`${title}: the direction does not depend on the order of the rows`, (t) => {
      check(
        fc.property(anyRows(), fc.nat(100), ({ rows, gram }, turn) => {
          const m = rows.length;
          const turned = rows.map((_, i) => rows[(m - 1 - i + turn) % m]!);
          const { weights } = resolve(gram, configuration);
          const after = directionOf(turned, resolve(gramOfRows(turned), configuration).weights);
          const uniform = new Float64Array(m).fill(1 / m);
          const atol = 1e-6 * Math.max(sizeOf(gram, weights), sizeOf(gram, uniform));
          allclose(after, directionOf(rows, weights), { rtol: 0, atol });
          t.pass();
        }),
      );
    });
  }

  if (harmless) {
    test(`${title}: the direction harms nobody`, (t) => {
      check(
        fc.property(anyRows(), ({ gram }) => {
          const { weights, certificate } = resolve(gram, configuration);
          const m = weights.length;
          const bound = certificate.stationary ? 1e-6 : 1e-12;
          innerProducts(gram, weights).forEach((inner, i) => {
            const size = Math.sqrt(gram[i * m + i]!) * sizeOf(gram, weights);
            t.true(inner >= -bound * size, `⟨g${i}, d⟩ = ${inner}`);
          });
        }),
      );
    });
  }
}

test('a method of the catalogue is found by its name', (t) => {
  for (const { name } of aggregators) t.is(aggregatorByName(name).name, name);
});

test('docs/aggregators.md has a row of the table and a section for every method', (t) => {
  const text = readFileSync(new URL('../../docs/aggregators.md', import.meta.url), 'utf8');
  for (const { name } of aggregators) {
    t.true(text.includes(`\n| \`${name}\` |`), name);
    t.true(text.includes(`\n### ${name}\n`), name);
    t.true(text.includes(`(aggregators/${name}.svg)`), name);
    const picture = new URL(`../../docs/aggregators/${name}.svg`, import.meta.url);
    t.is(readFileSync(picture, 'utf8'), pictureOf(name), 'node scripts/aggregator-pictures.ts');
  }
  t.is(text.match(/^### /gm)?.length, aggregators.length);
});
