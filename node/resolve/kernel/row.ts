/** How a row may lie in memory. What counts is its f32 values, and each form has exactly one. */
import { assert } from '../../../protocol/assert.ts';

/**
 * f32; or bf16 as its 16 bits, which is the f32 whose upper half they are; or a sum that is
 * divided by a number first.
 */
export type Row = Float32Array | Uint16Array | Quotient;

/** The row of f32(sum[i] / divisor), which a mean is without being written anywhere. */
export interface Quotient {
  readonly sum: Float32Array;
  /** Tokens, for a mean per token. 0 gives what division by it gives, and nothing fails here. */
  readonly divisor: number;
}

export function lengthOf(row: Row): number {
  return 'sum' in row ? row.sum.length : row.length;
}

/** Asserts that rows are as long as `length`. */
export function assertRows(rows: readonly (Row | null)[], length: number): void {
  rows.forEach((row, i) => {
    if (row === null) return;
    assert(lengthOf(row) === length, `row ${i} has ${lengthOf(row)} values, expected ${length}`);
  });
}

/** Writes the f32 values of row[start …] to target[0 …], as many as `target` has. */
export function readRow(row: Row, start: number, target: Float32Array): void {
  if ('sum' in row) {
    const { sum, divisor } = row;
    for (let i = 0; i < target.length; i++) target[i] = sum[start + i]! / divisor;
  } else if (row instanceof Uint16Array) {
    const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < bits.length; i++) bits[i] = row[start + i]! << 16;
  } else {
    target.set(row.subarray(start, start + target.length));
  }
}
