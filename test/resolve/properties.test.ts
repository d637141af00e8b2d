/** What must hold for any rows: properties of moo.md, section 4, for mean and mgda. */
import test from 'ava';
import fc from 'fast-check';
import {
  addGrams,
  combine,
  gapOf,
  gramOfRows,
  presentLanguages,
  residualsOf,
  resolve,
  restrict,
} from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';

const SEED = 20260605;
const check = <T>(property: fc.IProperty<T>, numRuns = 200) =>
  fc.assert(property, { seed: SEED, numRuns });

/** Rows that are generic, few-dimensional, duplicated, zero, or of uneven length. */
const rowsArbitrary = fc
  .record({
    m: fc.integer({ min: 1, max: 9 }),
    n: fc.integer({ min: 1, max: 12 }),
    exponents: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 9, maxLength: 9 }),
    copies: fc.array(fc.nat(8), { minLength: 9, maxLength: 9 }),
    values: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 108, maxLength: 108 }),
    kind: fc.constantFrom('generic', 'uneven', 'copied'),
  })
  .map(({ m, n, exponents, copies, values, kind }) => {
    const source = (i: number) => (kind === 'copied' ? copies[i]! % m : i);
    const factor = (i: number) => (kind === 'uneven' ? 2 ** exponents[i]! : 1);
    return Array.from({ length: m }, (_, i) =>
      Float32Array.from({ length: n }, (_, j) => values[source(i) * 12 + j]! * factor(i)),
    );
  });

const methods = [
  { aggregator: 'mgda', normalize: 'none' },
  { aggregator: 'mgda', normalize: 'l2' },
  { aggregator: 'mean', normalize: 'none' },
] as const;

function directionOf(rows: Float32Array[], weights: Float64Array): number[] {
  return Array.from(rows[0]!, (_, j) =>
    rows.reduce((sum, row, i) => sum + weights[i]! * row[j]!, 0),
  );
}

/** Bound on rounding: d of unit weights, by its longest row. */
const lengthOf = (gram: Float64Array, m: number) =>
  Math.sqrt(Math.max(...Array.from({ length: m }, (_, i) => gram[i * m + i]!)));

test('weights are finite and on the simplex', (t) => {
  check(
    fc.property(rowsArbitrary, fc.constantFrom(...methods), (rows, method) => {
      const { weights } = resolve(gramOfRows(rows), method);
      t.true(weights.every((weight) => weight >= 0 && weight <= 1 + 1e-15));
      t.true(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) <= 1e-14);
    }),
  );
});

test('mgda meets the KKT conditions, and its certificate is what anyone would compute', (t) => {
  check(
    fc.property(rowsArbitrary, (rows) => {
      const gram = gramOfRows(rows);
      const m = rows.length;
      const options = { aggregator: 'mgda', normalize: 'none' } as const;
      const { weights, certificate } = resolve(gram, options);
      const rounding = 1e-14 * lengthOf(gram, m) * Math.sqrt(certificate.scale);
      t.true(certificate.gap <= rounding);
      t.is(certificate.gap, gapOf(gram, m, weights));
      const { squaredNorm, leastDescent } = certificate;
      t.true(Math.abs(squaredNorm - certificate.gap - leastDescent) <= rounding);
    }),
    400,
  );
});

test('mgda harms nobody, with raw rows and with unit rows', (t) => {
  check(
    fc.property(rowsArbitrary, fc.constantFrom('none', 'l2'), (rows, normalize) => {
      const gram = gramOfRows(rows);
      const m = rows.length;
      const { weights, certificate } = resolve(gram, { aggregator: 'mgda', normalize });
      if (certificate.stationary) return;
      t.true(certificate.leastDescent > 0);
      for (let i = 0; i < m; i++) {
        let inner = 0;
        for (let j = 0; j < m; j++) inner += gram[i * m + j]! * weights[j]!;
        t.true(inner > 0, `⟨g${i}, d⟩ = ${inner}`);
      }
    }),
    400,
  );
});

test('the direction does not depend on the order of the rows', (t) => {
  check(
    fc.property(rowsArbitrary, fc.nat(100), fc.constantFrom(...methods), (rows, turn, method) => {
      const m = rows.length;
      const turned = rows.map((_, i) => rows[(m - 1 - i + turn) % m]!);
      const gram = gramOfRows(rows);
      const before = directionOf(rows, resolve(gram, method).weights);
      const after = directionOf(turned, resolve(gramOfRows(turned), method).weights);
      allclose(after, before, { rtol: 0, atol: 2e-7 * lengthOf(gram, m) });
      t.pass();
    }),
  );
});

test('a masked row is a deleted row, to the bit', (t) => {
  const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 9, maxLength: 9 });
  check(
    fc.property(rowsArbitrary, bits, fc.constantFrom(...methods), (rows, all, method) => {
      const mask = Uint8Array.from(rows, (_, i) => all[i]!);
      const present = presentLanguages(mask);
      if (present.length === 0) return;
      const kept = present.map((i) => rows[i]!);
      const deleted = resolve(gramOfRows(kept), method);
      const nulls = gramOfRows(rows.map((row, i) => (mask[i] === 1 ? row : null)));
      const garbage = gramOfRows(rows).map((entry, k) => {
        const [i, j] = [Math.floor(k / rows.length), k % rows.length];
        return mask[i] === 1 && mask[j] === 1 ? entry : Number.NaN;
      });
      for (const gram of [nulls, garbage]) {
        const masked = resolve(gram, { ...method, mask });
        t.deepEqual(masked.certificate, deleted.certificate);
        t.deepEqual(
          Float64Array.from(present, (i) => masked.weights[i]!),
          deleted.weights,
        );
        t.true(masked.weights.every((weight, i) => mask[i] === 1 || weight === 0));
      }
    }),
  );
});

test('the mean is linear under scaling of the rows', (t) => {
  check(
    fc.property(rowsArbitrary, (rows) => {
      const scaled = (factor: number) => rows.map((row, i) => row.map((x) => x * (factor + i)));
      const mean = (of: Float32Array[]) =>
        directionOf(of, resolve(gramOfRows(of), { aggregator: 'mean' }).weights);
      const [once, twice, both] = [scaled(1), scaled(2), scaled(1.5)].map(mean);
      allclose(
        both!.map((x) => 2 * x),
        once!.map((x, j) => x + twice![j]!),
        { rtol: 1e-12, atol: 1e-9 },
      );
      t.pass();
    }),
  );
});

test('a Gram entry depends on its two rows alone, and equal rows give equal entries', (t) => {
  check(
    fc.property(rowsArbitrary, (rows) => {
      const m = rows.length;
      const gram = gramOfRows([...rows, rows[0]!]);
      for (let i = 0; i < m; i++) {
        t.is(gram[i * (m + 1) + m], gram[i * (m + 1)]!);
        const pair = gramOfRows([rows[i]!, rows[0]!]);
        t.deepEqual(restrict(gram, m + 1, [i, m]), pair);
      }
    }),
  );
});

test('two buckets reach at most what the whole would, and their Gram matrices add up', (t) => {
  check(
    fc.property(rowsArbitrary, fc.nat(12), (rows, cut) => {
      const mask = new Uint8Array(rows.length).fill(1);
      const parts = [rows.map((row) => row.slice(0, cut)), rows.map((row) => row.slice(cut))];
      const grams = parts.map(gramOfRows);
      const whole = gramOfRows(rows);
      const scale = lengthOf(whole, rows.length) ** 2;
      allclose(addGrams(grams), whole, { rtol: 0, atol: 1e-14 * scale });
      const { residualBucket, residualGlobal } = residualsOf(grams.map((gram) => ({ gram, mask })));
      t.true(residualBucket <= residualGlobal + 1e-13 * scale);
    }),
  );
});

test('the direction is the weighted sum of the rows, rounded once', (t) => {
  check(
    fc.property(rowsArbitrary, (rows) => {
      const { weights } = resolve(gramOfRows(rows), { aggregator: 'mgda' });
      const out = new Float32Array(rows[0]!.length).fill(7);
      combine([...rows, null], [...weights, 0], out);
      t.deepEqual(out, Float32Array.from(directionOf(rows, weights)));
    }),
  );
});
