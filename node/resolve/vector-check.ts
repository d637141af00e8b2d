/** Whether what somebody hands over as numbers of rows is that: as many, and each a number. */
import { shownValue } from '../schema/index.ts';
import { GramError } from './errors.ts';
import { LANGUAGES_MAX } from './types.ts';

/** What a vector has, in messages. */
export const EACH_ROW = 'one a row';

/** `given` as numbers, one for each of `length` things. Throws a GramError that names the place. */
export function vectorOf(
  given: ArrayLike<number>,
  length: number,
  what: string,
  each: string,
): Float64Array {
  const list: unknown = given;
  if (typeof list !== 'object' || list === null || !('length' in list)) {
    throw new GramError(`${what} is ${shownValue(list)}, expected a list of numbers, ${each}`);
  }
  if (given.length !== length) {
    throw new GramError(`${what} has length ${given.length}, expected ${length}: ${each}`);
  }
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value: unknown = given[i];
    if (typeof value !== 'number') {
      throw new GramError(`${what}[${i}] is ${shownValue(value)}, expected a number`);
    }
    values[i] = value;
  }
  return values;
}

/** The same where each is finite. */
export function finiteOf(
  given: ArrayLike<number>,
  length: number,
  what: string,
  each: string,
): Float64Array {
  const values = vectorOf(given, length, what, each);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return values;
  throw new GramError(`${what}[${wrong}] is ${values[wrong]}, expected a finite number`);
}

/** The same for zeros and ones. */
export function bitsOf(
  given: ArrayLike<number>,
  length: number,
  what: string,
  each: string,
): Uint8Array {
  const bits = vectorOf(given, length, what, each);
  const wrong = bits.findIndex((bit) => bit !== 0 && bit !== 1);
  if (wrong < 0) return Uint8Array.from(bits);
  throw new GramError(`${what}[${wrong}] is ${bits[wrong]}, expected 0 or 1`);
}

/** Throws a GramError unless this is a number of rows that there may be. */
export function checkCount(m: unknown, what = 'm'): asserts m is number {
  if (Number.isInteger(m) && (m as number) >= 1 && (m as number) <= LANGUAGES_MAX) return;
  throw new GramError(
    `${what} is ${shownValue(m)}, expected the number of rows, 1 to ${LANGUAGES_MAX}`,
  );
}

/** The mask of as many rows as it has entries; throws a GramError for what is none. */
export function maskOfAny(mask: ArrayLike<number>, what = 'mask'): Uint8Array {
  const length = (mask as ArrayLike<number> | null | undefined)?.length;
  if (typeof mask === 'object' && mask !== null && typeof length === 'number') {
    checkCount(length, `${what}.length`);
  }
  return bitsOf(mask, length ?? 0, what, EACH_ROW);
}

/** The list itself; throws a GramError for what is none. */
export function listOf<T>(given: readonly T[], what: string, of: string): readonly T[] {
  if (Array.isArray(given)) return given;
  const verb = what.endsWith('s') ? 'are' : 'is';
  throw new GramError(`${what} ${verb} ${shownValue(given)}, expected a list of ${of}`);
}
