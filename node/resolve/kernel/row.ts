/** How a row may lie in memory. What counts is its f32 values, and each form has exactly one. */
import { GramError } from '../errors.ts';

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

/**
 * The length of all rows: `wanted`, or left out that of the first one; 0 without any. Throws a
 * GramError for what is no row, and for a row of another length.
 */
export function commonLength(rows: readonly (Row | null)[], wanted?: number): number {
  const first = rows.findIndex((row) => row !== null);
  let length = wanted;
  rows.forEach((row, i) => {
    if (row === null) return;
    // Who writes no types may give a plain array, which has a length too.
    if (!isRow(row)) throw new GramError(`row ${i} is no Float32Array`);
    length ??= lengthOf(row);
    if (lengthOf(row) === length) return;
    const like = wanted === undefined ? `, as row ${first} has` : '';
    throw new GramError(`row ${i} has ${lengthOf(row)} values, expected ${length}${like}`);
  });
  return length ?? 0;
}

const isRow = (row: Row) =>
  row instanceof Float32Array || row instanceof Uint16Array || row?.sum instanceof Float32Array;

/** The f32 values of a row of that length: itself, or a copy. */
export function valuesOf(row: Row, length: number): Float32Array {
  if (row instanceof Float32Array) return row;
  const values = new Float32Array(length);
  readRow(row, 0, values);
  return values;
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
