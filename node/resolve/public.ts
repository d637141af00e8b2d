/**
 * What others call with numbers of their own, beside `resolve`: each looks at what it is given
 * first, and says what is wrong, where, and what was expected. This folder's own files call what is
 * behind. Looking costs as much as a Gram matrix has numbers, not as rows have.
 */
import { shownValue } from '../schema/index.ts';
import { combine as combineRows } from './combine.ts';
import type { AggregatorConfig } from './config.ts';
import { type Conflicts, conflicts as conflictsIn } from './conflicts.ts';
import { type DirectionInput, directionInto as directed } from './direction.ts';
import { AggregatorError, GramError } from './errors.ts';
import { gapOf as gapOfWeights } from './gap.ts';
import { gramOfRows as gramOf, addGrams as sumOfGrams } from './gram.ts';
import { checkedSquare, sizeOf } from './gram-check.ts';
import { createAggregatorState as stateOf } from './group.ts';
import { commonLength, type Row } from './kernel/index.ts';
import * as masks from './mask.ts';
import { minNorm as leastOf, type MinNorm } from './min-norm.ts';
import { aggregatorByName } from './registry.ts';
import { checkDirection, checkKinds, checkNumbers, isFinite32 } from './rows-check.ts';
import type { Aggregator } from './types.ts';
import { bitsOf, checkCount, EACH_ROW, finiteOf, listOf, maskOfAny } from './vector-check.ts';

/** More than rounding of a sum of 256 weights that others added up in float32. */
const SIMPLEX_SUM = 1e-4;

const allOf = (m: number) => new Uint8Array(m).fill(1);

/**
 * The point of least norm in the convex hull of the m rows behind a Gram matrix of m·m numbers.
 * Throws a GramError for entries that are not finite, not symmetric or below 0 on the diagonal;
 * what is no Gram matrix all the same shows as a gap.
 */
export function minNorm(gram: ArrayLike<number>, m: number): MinNorm {
  checkCount(m);
  return leastOf(checkedSquare(gram, m, allOf(m)), m);
}

/**
 * αᵀGα − minᵢ(Gα)ᵢ for weights on the simplex, ≥ 0 also where their sum lacks something of 1.
 * Throws a GramError as `minNorm`, and for weights that are not on the simplex.
 */
export function gapOf(gram: ArrayLike<number>, m: number, weights: ArrayLike<number>): number {
  checkCount(m);
  const clean = checkedSquare(gram, m, allOf(m));
  const values = finiteOf(weights, m, 'weights', EACH_ROW);
  const wrong = values.findIndex((value) => value < 0);
  if (wrong >= 0) {
    throw new GramError(`weights[${wrong}] is ${values[wrong]}, expected 0 or more`);
  }
  const sum = values.reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) <= SIMPLEX_SUM) return gapOfWeights(clean, m, values);
  throw new GramError(`the weights' sum is ${sum}, expected 1. Divide them by it.`);
}

/**
 * The sum of Gram matrices of one size, element by element, in the order given. Throws a GramError
 * for none, for other sizes, and for one that is not finite, not symmetric or below 0 on the
 * diagonal.
 */
export function addGrams(grams: readonly ArrayLike<number>[]): Float64Array {
  const given = listOf(grams, 'grams', 'Gram matrices');
  if (given.length === 0) throw new GramError('grams are an empty list, expected one at least');
  const m = sizeOf(given[0]!, 'grams[0]');
  const mask = allOf(m);
  return sumOfGrams(Array.from(given, (gram, g) => checkedSquare(gram, m, mask, `grams[${g}]`)));
}

/**
 * G of m rows of equal length, m·m; a row that is null gives zeros. The order of additions is the
 * same for every pair, so equal rows give equal entries. Throws a GramError for what is no row, for
 * unequal lengths, and for values that are not finite.
 */
export function gramOfRows(rows: readonly (Row | null)[]): Float64Array {
  checkKinds(rows, true);
  const gram = gramOf(rows);
  // Every value is in the diagonal, which is finite if they are.
  if (!gram.every(Number.isFinite)) checkNumbers(rows);
  return gram;
}

/**
 * Writes d = Σ wᵢgᵢ into `out`. Each element begins at 0 and gets wᵢgᵢ from the first language to
 * the last; rows that are null or whose weight is 0 add nothing. Throws a GramError where weights
 * or rows don't fit, and, with `out` written, where a value of d is none.
 */
export function combine(
  rows: readonly (Row | null)[],
  weights: ArrayLike<number>,
  out: Float32Array,
): void {
  checkParts(rows, out);
  const given = finiteOf(weights, rows.length, 'weights', EACH_ROW);
  combineRows(rows, given, out);
  if (isFinite32(out)) return;
  checkNumbers(rows.map((row, i) => (given[i] === 0 ? null : row)));
  checkDirection(out);
}

/** Rows as `combine` takes them, and somewhere to write d. */
function checkParts(rows: readonly (Row | null)[], out: Float32Array): void {
  checkKinds(rows, true);
  if (out instanceof Float32Array) return;
  throw new GramError(
    `out is ${shownValue(out)}, expected a Float32Array of ${commonLength(rows)} values`,
  );
}

/**
 * Writes d: Σ wᵢgᵢ, or what a method makes of the rows themselves. Throws a GramError where rows,
 * weights and `out` don't fit each other, an AggregatorError for a method that there is not; looks
 * at no value of the rows.
 */
export function directionInto(
  out: Float32Array,
  input: DirectionInput,
  config: AggregatorConfig,
  own: readonly Aggregator[] = [],
): void {
  const { rows, weights, random } = input;
  checkParts(rows, out);
  if (aggregatorByName(nameIn(config), own).fromRows === undefined) {
    finiteOf(weights, rows.length, 'weights', EACH_ROW);
  } else {
    commonLength(rows, out.length);
    if (typeof random !== 'function') {
      throw new GramError(
        `random is ${shownValue(random)}, expected a function that gives a stream`,
      );
    }
  }
  directed(out, input, config, own);
}

/** The state of a group before its first step, for m languages. Throws as `directionInto`. */
export function createAggregatorState(
  config: AggregatorConfig,
  m: number,
  own: readonly Aggregator[] = [],
): Float64Array {
  nameIn(config);
  checkCount(m);
  return stateOf(config, m, own);
}

function nameIn(config: AggregatorConfig): string {
  const name = (config as AggregatorConfig | null | undefined)?.name;
  if (typeof name === 'string') return name;
  throw new AggregatorError(
    `config is ${shownValue(config)}, expected what aggregatorSchema.parse gives`,
  );
}

/**
 * The cosines of a Gram matrix; languages whose mask is 0 are left out. Throws a GramError for a
 * mask that is none, and as `minNorm` for the matrix.
 */
export function conflicts(gram: ArrayLike<number>, mask: ArrayLike<number>): Conflicts {
  const bits = maskOfAny(mask);
  return conflictsIn(checkedSquare(gram, bits.length, bits), bits);
}

/** The languages whose mask is 1, in order. Throws a GramError for a mask that is none. */
export function presentLanguages(mask: ArrayLike<number>): number[] {
  return masks.presentLanguages(maskOfAny(mask));
}

/**
 * The Gram matrix of some rows only: k·k for k languages of m. Throws a GramError as `minNorm`, and
 * for languages that there are not.
 */
export function restrict(
  gram: ArrayLike<number>,
  m: number,
  languages: readonly number[],
): Float64Array {
  checkCount(m);
  const given = languagesOf(languages, m);
  return masks.restrict(checkedSquare(gram, m, allOf(m)), m, given);
}

/**
 * The inverse for a vector: values at their languages, 0 elsewhere. Throws a GramError where values
 * and languages don't fit.
 */
export function expand(
  values: ArrayLike<number>,
  languages: readonly number[],
  m: number,
): Float64Array {
  checkCount(m);
  const given = languagesOf(languages, m);
  return masks.expand(finiteOf(values, given.length, 'values', 'one a language'), given, m);
}

function languagesOf(languages: readonly number[], m: number): readonly number[] {
  const given = listOf(languages, 'languages', 'numbers');
  given.forEach((language, k) => {
    const isThere = Number.isInteger(language) && language >= 0 && language < m;
    if (isThere && given.indexOf(language) === k) return;
    const expected = `expected a language of 0 to ${m - 1}, each once`;
    throw new GramError(`languages[${k}] is ${shownValue(language)}, ${expected}`);
  });
  return given;
}

/**
 * 1 where any of the masks is 1: a language is in a group if it is in one of its buckets. Throws a
 * GramError for masks that are none of m entries.
 */
export function anyMask(all: readonly ArrayLike<number>[], m: number): Uint8Array {
  checkCount(m);
  const given = listOf(all, 'masks', 'masks');
  return masks.anyMask(
    Array.from(given, (mask, b) => bitsOf(mask, m, `masks[${b}]`, EACH_ROW)),
    m,
  );
}
