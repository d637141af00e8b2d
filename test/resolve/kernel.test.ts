/** The kernels: the same bits from all of them, in the order that kernel/types.ts promises. */
import { fc } from '@fast-check/ava';
import test from 'ava';
import { combine, GramSums, gramOfRows } from '../../node/resolve/index.ts';
import {
  BLOCK,
  type Kernel,
  kernel,
  kernelNamed,
  type Row,
  readRow,
} from '../../node/resolve/kernel/index.ts';
import { encode } from '../../protocol/codecs.ts';
import { createStream } from '../../protocol/random.ts';

const NAMES = ['plain', 'simd', 'relaxed'] as const;
const kernels = NAMES.map((name) => kernelNamed(name)).filter((found) => found !== undefined);
const plain = kernels[0]!;

/** f32 of all sizes, subnormal ones and zeros of both signs among them. */
function drawRow(label: string, length: number): Float32Array {
  const random = createStream('kernel-test', label);
  return Float32Array.from({ length }, () => {
    const scale = 10 ** (random.nextBelow(60) - 45);
    return random.nextBelow(9) === 0 ? -0 : (random.nextFloat() - 0.5) * scale;
  });
}

const bf16Of = (values: Float32Array) => new Uint16Array(encode('bf16', values).buffer);

/** A row in one of the forms that there are. */
function formOf(values: Float32Array, form: number): Row {
  const divisors = [3, 16777217, 1e-3];
  if (form === 0) return values;
  if (form === 1) return bf16Of(values);
  return { sum: values, divisor: divisors[form - 2]! };
}

function sumsOf(by: Kernel, rows: readonly Row[], start: number, end: number): Float64Array {
  const sums = new Float64Array(rows.length ** 2).fill(1 / 3);
  by.addProducts(sums, rows, start, end);
  return sums;
}

/** What kernel/types.ts says, word by word. */
function sumsInWords(rows: readonly Float32Array[]): Float64Array {
  const k = rows.length;
  const sums = new Float64Array(k * k);
  const { length } = rows[0]!;
  for (let a = 0; a < k; a++) {
    for (let b = a; b < k; b++) {
      for (let from = 0; from < length; from += BLOCK) {
        const halves: [number, number] = [0, 0];
        const end = Math.min(from + BLOCK, length);
        for (let i = from; i < end; i++) halves[i % 2]! += rows[a]![i]! * rows[b]![i]!;
        sums[a * k + b]! += halves[0] + halves[1];
      }
    }
  }
  return sums;
}

test('this machine runs all three kernels, and takes the fastest', (t) => {
  t.deepEqual(
    kernels.map(({ name }) => name),
    [...NAMES],
  );
  t.is(kernel().name, 'relaxed');
});

test('sums are added up in the order that is promised', (t) => {
  for (const length of [0, 1, 2, 3, 1023, 1024, 1025, 5000]) {
    const rows = [0, 1, 2, 3].map((k) => drawRow(`order ${length} ${k}`, length));
    const expected = sumsInWords(rows);
    for (const by of kernels) {
      const sums = new Float64Array(16);
      by.addProducts(sums, rows, 0, length);
      t.deepEqual(sums, expected, `${by.name}, ${length} values`);
    }
  }
});

test('all kernels give the same bits, for rows of any form and number', (t) => {
  const cases = fc.record({
    k: fc.integer({ min: 1, max: 11 }),
    length: fc.integer({ min: 0, max: 6000 }),
    start: fc.integer({ min: 0, max: 40 }),
    forms: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 11, maxLength: 11 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(cases, ({ k, length, start, forms, seed }) => {
      const rows = Array.from({ length: k }, (_, i) =>
        formOf(drawRow(`${seed} ${i}`, start + length), forms[i]!),
      );
      const weights = Array.from({ length: k }, (_, i) => (i % 3 === 1 ? -1 : 1) / (i + 3));
      const direction = new Float32Array(start + length);
      plain.combine(direction, rows, weights);
      for (const by of kernels.slice(1)) {
        const sums = sumsOf(by, rows, start, start + length);
        t.deepEqual(sums, sumsOf(plain, rows, start, start + length), by.name);
        const other = new Float32Array(start + length).fill(7);
        by.combine(other, rows, weights);
        t.true(new Uint32Array(other.buffer).every((bits, i) => bits === bitsOf(direction, i)));
      }
    }),
    { numRuns: 60 },
  );
});

function bitsOf(values: Float32Array, i: number): number {
  return new Uint32Array(values.buffer, values.byteOffset)[i]!;
}

test('many rows take more memory than the kernel begins with', (t) => {
  const rows = Array.from({ length: 256 }, (_, i) => drawRow(`many ${i}`, 1100));
  const expected = sumsOf(plain, rows, 0, 1100);
  for (const by of kernels) t.deepEqual(sumsOf(by, rows, 0, 1100), expected, by.name);
});

test('a row counts by its f32 values, whatever its form', (t) => {
  const values = drawRow('forms', 2500);
  for (const form of [0, 1, 2, 3, 4]) {
    const row = formOf(values, form);
    const written = new Float32Array(2500);
    readRow(row, 0, written);
    t.deepEqual(gramOfRows([row, null, values]), gramOfRows([written, null, values]), `${form}`);
  }
  const endless = [{ sum: Float32Array.of(1), divisor: 0 }];
  for (const by of kernels) t.is(sumsOf(by, endless, 0, 1)[0], Number.POSITIVE_INFINITY);
});

test('rows that come in pieces give the bits of whole ones', (t) => {
  const values = [0, 1, 2].map((k) => drawRow(`pieces ${k}`, 7000));
  const whole = gramOfRows([values[0]!, null, values[1]!, bf16Of(values[2]!)]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 7000 })), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), 7000];
      const sums = new GramSums([1, 0, 1, 1]);
      places.slice(1).forEach((end, k) => {
        const [p, q, r] = values.map((row) => row.slice(places[k], end));
        sums.add([p!, null, q!, bf16Of(r!)]);
      });
      t.deepEqual(sums.finish(), whole);
    }),
    { numRuns: 30 },
  );
  t.deepEqual(new GramSums([0, 0]).finish(), new Float64Array(4));
});

test('rows without weight add nothing, and no row at all gives zeros', (t) => {
  const row = drawRow('weightless', 50);
  const out = new Float32Array(50).fill(3);
  combine([null, row], [1, 0], out);
  t.deepEqual(out, new Float32Array(50));
});
