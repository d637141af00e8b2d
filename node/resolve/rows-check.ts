/** Whether what somebody hands over as gradients can be rows: their kind and their numbers. */
import { isMap, shownValue } from '../schema/index.ts';
import { GramError } from './errors.ts';
import { lengthOf, type Row, valuesOf } from './kernel/index.ts';
import { LANGUAGES_MAX } from './types.ts';

/** A gradient in f32, or in bf16 as its 16 bits, as in Row. */
export type GivenRow = Float32Array | Uint16Array;

/** Whether this is a sum in f32 with the number that it is divided by. */
const isQuotient = (row: object) =>
  'sum' in row && row.sum instanceof Float32Array && typeof Object(row).divisor === 'number';

/**
 * Throws a GramError unless this is a list of 1 to LANGUAGES_MAX rows, f32, bf16 or null; or, with
 * `quotients`, sums that are yet to be divided.
 */
export function checkKinds(rows: readonly (Row | null)[], quotients: boolean): void {
  const list: unknown = rows;
  if (!Array.isArray(list)) {
    throw new GramError(`rows are ${shownValue(list)}, expected a list of Float32Array`);
  }
  if (list.length < 1 || list.length > LANGUAGES_MAX) {
    throw new GramError(`there are ${list.length} rows, expected 1 to ${LANGUAGES_MAX}`);
  }
  // Copied, because forEach passes over holes.
  Array.from(list).forEach((row: unknown, i) => {
    if (row === null || row instanceof Float32Array || row instanceof Uint16Array) return;
    if (quotients && isMap(row) && isQuotient(row)) return;
    const expected = 'expected a Float32Array, bf16 in a Uint16Array, or null where there is none';
    throw new GramError(`row ${i} is ${kindOf(row)}, ${expected}`);
  });
}

function kindOf(row: unknown): string {
  return ArrayBuffer.isView(row) ? `a ${row.constructor.name}` : shownValue(row);
}

/** Throws a GramError for the first value that is NaN or infinite. */
export function checkNumbers(rows: readonly (Row | null)[]): void {
  rows.forEach((row, i) => {
    if (row === null) return;
    const values = valuesOf(row, lengthOf(row));
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) return;
    const remedy = 'Mend it, or give null for the row.';
    throw new GramError(`row ${i} has ${values[at]} at ${at}, expected finite values. ${remedy}`);
  });
}

/** Throws a GramError where a direction left the range of float32. */
export function checkDirection(direction: Float32Array, name?: string): void {
  if (isFinite32(direction)) return;
  const wrong = direction.findIndex((value) => !Number.isFinite(value));
  throw new GramError(
    `${name === undefined ? '' : `${name}: `}the direction has ${direction[wrong]} at ${wrong}, ` +
      'beyond the range of float32. Give shorter rows.',
  );
}

/** By a sum that stays 0 for finite numbers alone: a callback an element costs more than d. */
export function isFinite32(values: Float32Array): boolean {
  let taint = 0;
  for (let i = 0; i < values.length; i++) taint += values[i]! * 0;
  return taint === 0;
}
