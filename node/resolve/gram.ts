/**
 * Gram matrices of rows, and their sums. Every product of two f32 is exact in float64; what
 * rounds is the addition, whose order is fixed: from the first element to the last within blocks
 * of BLOCK elements that count from the row's start, each block from 0, then block sums in order.
 */
import { assert } from '../../protocol/assert.ts';

/**
 * Elements a block: eight rows of it fit a 32 KiB cache, and rounding grows with BLOCK + n /
 * BLOCK.
 */
const BLOCK = 1024;

/**
 * G of m rows of equal length, m·m; a row that is null gives zeros. The order of additions is the
 * same for every pair, so equal rows give equal entries.
 */
export function gramOfRows(rows: readonly (Float32Array | null)[]): Float64Array {
  const m = rows.length;
  const gram = new Float64Array(m * m);
  const present = rows.flatMap((row, index) => (row === null ? [] : [{ row, index }]));
  const length = present[0]?.row.length ?? 0;
  for (const { row, index } of present) {
    assert(row.length === length, `row ${index} has ${row.length} values, expected ${length}`);
  }
  for (let start = 0; start < length; start += BLOCK) {
    const end = Math.min(start + BLOCK, length);
    for (let a = 0; a < present.length; a += 2) {
      for (let b = a; b < present.length; b += 2) {
        addTile(gram, m, present, a, b, start, end);
      }
    }
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < i; j++) gram[i * m + j] = gram[j * m + i]!;
  }
  return gram;
}

interface Present {
  readonly row: Float32Array;
  readonly index: number;
}

/** Adds a block's products of rows a, a+1 with rows b, b+1 to the upper triangle. */
function addTile(
  gram: Float64Array,
  m: number,
  present: readonly Present[],
  a: number,
  b: number,
  start: number,
  end: number,
): void {
  const first = present[a]!;
  const third = present[b]!;
  // Where there is no second or fourth row the one before stands in, and its sums are not used.
  const second = present[a + 1] ?? first;
  const fourth = present[b + 1] ?? third;
  products(first.row, second.row, third.row, fourth.row, start, end);
  const [ab, aB, Ab, AB] = SUMS as unknown as [number, number, number, number];
  gram[first.index * m + third.index]! += ab;
  if (fourth !== third) gram[first.index * m + fourth.index]! += aB;
  if (second === first) return;
  if (a !== b) gram[second.index * m + third.index]! += Ab;
  if (fourth !== third) gram[second.index * m + fourth.index]! += AB;
}

/** What `products` found. */
const SUMS = new Float64Array(4);

/** The four inner products of p, q with r, s between two places. Four sums at once hide latency. */
function products(
  p: Float32Array,
  q: Float32Array,
  r: Float32Array,
  s: Float32Array,
  start: number,
  end: number,
): void {
  let pr = 0;
  let ps = 0;
  let qr = 0;
  let qs = 0;
  for (let i = start; i < end; i++) {
    const a = p[i]!;
    const b = q[i]!;
    const c = r[i]!;
    const d = s[i]!;
    pr += a * c;
    ps += a * d;
    qr += b * c;
    qs += b * d;
  }
  SUMS[0] = pr;
  SUMS[1] = ps;
  SUMS[2] = qr;
  SUMS[3] = qs;
}

/** The sum of Gram matrices of one size, element by element, in the order given. */
export function addGrams(grams: readonly Float64Array[]): Float64Array {
  const first = grams[0];
  assert(first !== undefined, 'a sum of no Gram matrices has no size');
  const sum = first.slice();
  for (const gram of grams.slice(1)) {
    assert(gram.length === sum.length, `${gram.length} numbers, expected ${sum.length}`);
    for (let i = 0; i < sum.length; i++) sum[i]! += gram[i]!;
  }
  return sum;
}
