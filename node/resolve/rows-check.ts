/** Whether what somebody hands over as gradients can be rows: their kind and their numbers. */
import { shownValue } from '../schema/index.ts';
import { GramError } from './errors.ts';
import { LANGUAGES_MAX } from './types.ts';

type Rows = readonly (Float32Array | null)[];

/** Throws a GramError unless this is a list of 1 to LANGUAGES_MAX rows, each f32 or null. */
export function checkKinds(rows: Rows): void {
  const list: unknown = rows;
  if (!Array.isArray(list)) {
    throw new GramError(`rows are ${shownValue(list)}, expected a list of Float32Array`);
  }
  if (list.length < 1 || list.length > LANGUAGES_MAX) {
    throw new GramError(`there are ${list.length} rows, expected 1 to ${LANGUAGES_MAX}`);
  }
  list.forEach((row: unknown, i) => {
    if (row === null || row instanceof Float32Array) return;
    const expected = 'expected a Float32Array, or null where there is none';
    throw new GramError(`row ${i} is ${kindOf(row)}, ${expected}`);
  });
}

function kindOf(row: unknown): string {
  return ArrayBuffer.isView(row) ? `a ${row.constructor.name}` : shownValue(row);
}

/** Throws a GramError for the first value that is NaN or infinite. */
export function checkNumbers(rows: Rows): void {
  rows.forEach((row, i) => {
    if (row === null) return;
    for (let at = 0; at < row.length; at++) {
      if (Number.isFinite(row[at])) continue;
      const remedy = 'Mend it, or give null for the row.';
      throw new GramError(`row ${i} has ${row[at]} at ${at}, expected finite values. ${remedy}`);
    }
  });
}

/** Throws a GramError where a direction left the range of float32. */
export function checkDirection(direction: Float32Array, name: string): void {
  const wrong = direction.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new GramError(
    `${name}: the direction has ${direction[wrong]} at ${wrong}, beyond the range of float32. ` +
      'Give shorter rows.',
  );
}
