/**
 * The kernel in plain JavaScript, for where there is no WebAssembly SIMD; and what the other one is
 * held to, since its loops say what the sums are.
 */
import { type Row, readRow } from './row.ts';
import { BLOCK, type Kernel } from './types.ts';

/** Rows of BLOCK elements, as far as the longest call so far needed. */
let scratch: Float32Array[] = [];

export const plainKernel: Kernel = {
  name: 'plain',

  addProducts(sums, rows, start, end) {
    const k = rows.length;
    for (let from = start; from < end; from += BLOCK) {
      const count = Math.min(BLOCK, end - from);
      const values = blockOf(rows, from, count);
      for (let a = 0; a < k; a++) {
        for (let b = a; b < k; b += 2) {
          const p = values[a]!;
          const q = values[b]!;
          // Where there is no further row the one before stands in, and its sum is not used.
          const [first, second] = products(p, q, values[b + 1] ?? q, count);
          sums[a * k + b]! += first;
          if (b + 1 < k) sums[a * k + b + 1]! += second;
        }
      }
    }
  },

  combine(out, rows, weights) {
    const sums = new Float64Array(Math.min(BLOCK, out.length));
    for (let from = 0; from < out.length; from += BLOCK) {
      const count = Math.min(BLOCK, out.length - from);
      const values = blockOf(rows, from, count);
      sums.fill(0);
      values.forEach((row, k) => {
        const weight = weights[k]!;
        for (let i = 0; i < count; i++) sums[i] = sums[i]! + weight * row[i]!;
      });
      for (let i = 0; i < count; i++) out[from + i] = sums[i]!;
    }
  },
};

function blockOf(rows: readonly Row[], from: number, count: number): Float32Array[] {
  while (scratch.length < rows.length) scratch = [...scratch, new Float32Array(BLOCK)];
  return rows.map((row, k) => {
    const values = scratch[k]!.subarray(0, count);
    readRow(row, from, values);
    return values;
  });
}

/** p·q and p·r: of each the even places' sum and the odd ones'. Four sums at once hide latency. */
function products(
  p: Float32Array,
  q: Float32Array,
  r: Float32Array,
  count: number,
): [number, number] {
  let evenQ = 0;
  let oddQ = 0;
  let evenR = 0;
  let oddR = 0;
  const paired = count - (count % 2);
  for (let i = 0; i < paired; i += 2) {
    evenQ += p[i]! * q[i]!;
    oddQ += p[i + 1]! * q[i + 1]!;
    evenR += p[i]! * r[i]!;
    oddR += p[i + 1]! * r[i + 1]!;
  }
  if (paired < count) {
    evenQ += p[paired]! * q[paired]!;
    evenR += p[paired]! * r[paired]!;
  }
  return [evenQ + oddQ, evenR + oddR];
}
