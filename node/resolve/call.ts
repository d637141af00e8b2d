/**
 * What somebody who calls `resolve` or `resolveRows` may say, checked once: the method, its own
 * options, and what goes with the rows. What can't be meant is an error that names the place.
 */
import { isMap, problemOf, shownValue } from '../schema/index.ts';
import {
  type AggregatorConfig,
  preferenceProblem,
  preferenceTaker,
  rowsMinOf,
  schemaOf,
  shownConfig,
} from './config.ts';
import { AggregatorError, GramError } from './errors.ts';
import { presentLanguages } from './mask.ts';
import { lossIsUsable } from './normalize.ts';
import { aggregatorOfModule, type OwnAggregator } from './own.ts';
import { aggregatorByName } from './registry.ts';
import type { Aggregator, Normalize } from './types.ts';
import { bitsOf, EACH_ROW, vectorOf } from './vector-check.ts';

export interface ResolveOptions {
  /** A name of the catalogue, or an aggregator of your own. */
  readonly aggregator: string | Aggregator | OwnAggregator;
  /** Left out: what the aggregator says. */
  readonly normalize?: Normalize;
  /** m entries, 1 where the objective has a row; left out: all have. */
  readonly mask?: ArrayLike<number>;
  /** By objective, for methods that look at them; NaN, or left out: unknown. */
  readonly losses?: ArrayLike<number>;
  /** For methods that draw: equal seeds give equal weights. A whole number ≥ 0; 0 if left out. */
  readonly seed?: number;
  /** m numbers ≥ 0, not all 0, for methods that use them; left out: all count the same. */
  readonly preference?: ArrayLike<number>;
  /**
   * m·m inner products ⟨gᵢ, hⱼ⟩ of two batches' rows, for sdmgrad and modo; left out: G.
   */
  readonly cross?: ArrayLike<number>;
  /** What the call before returned, for methods that remember. */
  readonly state?: Float64Array;
  /** The method's own options. */
  readonly [option: string]: unknown;
}

/** A method that was chosen, and its configuration. */
export interface Chosen {
  readonly aggregator: Aggregator;
  readonly config: AggregatorConfig;
  readonly seed: number;
}

/** The method and its options; throws an AggregatorError for what there is not. */
export function chosenBy(options: ResolveOptions): Chosen {
  if (!isMap(options)) {
    throw new AggregatorError(
      `options are ${shownValue(options)}, expected a map such as { aggregator: 'mgda' }`,
    );
  }
  const { aggregator: chosen, mask: _m, losses: _l, seed = 0, state: _s, ...others } = options;
  const { preference: _p, cross: _c, ...rest } = others;
  const aggregator = aggregatorOf(chosen);
  const { name } = aggregator;
  if ('name' in rest) {
    throw new AggregatorError(`${name}: key "name" is unused, aggregator has it. Remove it.`);
  }
  // What is undefined is as if left out, as with normalize.
  const said = Object.entries(rest).filter(([, value]) => value !== undefined);
  const given = { ...Object.fromEntries(said), name };
  const schema = schemaOf(aggregator);
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const keys = [...Object.keys(aggregator.schema.shape), 'normalize', ...keysFor(aggregator)];
    throw new AggregatorError(
      `${name}: ${problemOf(parsed.error.issues, given, schema, keys).text}`,
    );
  }
  refuseUnused(options, aggregator, parsed.data);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AggregatorError(`seed is ${shownValue(seed)}, expected a whole number ≥ 0`);
  }
  return { aggregator, config: parsed.data, seed };
}

function aggregatorOf(chosen: unknown): Aggregator {
  if (typeof chosen === 'string') return aggregatorByName(chosen);
  if (isMap(chosen)) return aggregatorOfModule(chosen);
  const expected = "the name of a method, such as 'mgda', or an aggregator of your own";
  const what = typeof chosen === 'function' ? 'a function' : shownValue(chosen);
  throw new AggregatorError(`aggregator is ${what}, expected ${expected}`);
}

const OF_GRAMS = ['losses', 'state'];
const FOR_SOME = ['preference', 'cross'];

/** What options may say to a method beside its own. */
function keysFor({ fromRows, usesPreference, usesCross }: Aggregator): string[] {
  return [
    ...['mask', 'seed'],
    ...(fromRows === undefined ? OF_GRAMS : []),
    ...(usesPreference ? ['preference'] : []),
    ...(usesCross ? ['cross'] : []),
  ];
}

/** What a method would not look at was meant for another one. */
function refuseUnused(
  options: ResolveOptions,
  aggregator: Aggregator,
  config: AggregatorConfig,
): void {
  const said = [...OF_GRAMS, ...FOR_SOME].filter((key) => options[key] !== undefined);
  if (said.length === 0) return;
  const { name } = aggregator;
  const used = keysFor(aggregator);
  const unused = said.find((key) => !used.includes(key));
  if (unused !== undefined) throw new AggregatorError(`${name}: ${unused} is unused. Remove it.`);
  const taker = preferenceTaker(config, aggregator);
  if (options.preference === undefined || taker.usesPreference === true) return;
  throw new AggregatorError(`${name}: preference is unused by ${taker.name}. Remove it.`);
}

/** Throws an AggregatorError where fewer rows are present than the method is defined for. */
export function checkEnough({ aggregator, config }: Chosen, mask: Uint8Array): void {
  const least = rowsMinOf(config, aggregator);
  const k = presentLanguages(mask).length;
  if (k === 0 || k >= least) return;
  throw new AggregatorError(
    `${shownConfig(config)} needs ${least} rows, and ${k} ${k === 1 ? 'is' : 'are'} present. ` +
      'Give more, or change these options.',
  );
}

/** By row 1 where it takes part; all do where nothing is said. */
export function maskOf({ mask }: ResolveOptions, m: number): Uint8Array {
  if (mask === undefined) return new Uint8Array(m).fill(1);
  return bitsOf(mask, m, 'mask', EACH_ROW);
}

/** By row its loss, NaN where unknown; those that rows are divided by have to be above 0. */
export function lossesOf(
  { losses }: ResolveOptions,
  mask: Uint8Array,
  normalize: Normalize,
): Float64Array {
  const m = mask.length;
  const values =
    losses === undefined
      ? new Float64Array(m).fill(Number.NaN)
      : vectorOf(losses, m, 'losses', EACH_ROW);
  if (!normalize.startsWith('loss')) return values;
  const wrong = values.findIndex((loss, i) => mask[i] === 1 && !lossIsUsable(loss));
  if (wrong < 0) return values;
  const what = losses === undefined ? 'losses are missing' : `losses[${wrong}] is ${values[wrong]}`;
  throw new GramError(
    `${what}, and normalize ${normalize} divides rows by them: all 1e-30 to 1e30`,
  );
}

/** By row how much it counts; undefined where nothing is said. */
export function preferenceIn({ preference }: ResolveOptions, m: number): Float64Array | undefined {
  if (preference === undefined) return undefined;
  const values = vectorOf(preference, m, 'preference', EACH_ROW);
  values.forEach((value, i) => {
    const problem = preferenceProblem(value);
    if (problem !== null) throw new GramError(`preference[${i}] ${problem}`);
  });
  if (values.some((value) => value > 0)) return values;
  throw new GramError('preference is 0 for all rows, expected more for one at least');
}

/** Inner products of two batches, with zeros where a row is masked; undefined: nothing is said. */
export function crossIn({ cross }: ResolveOptions, mask: Uint8Array): Float64Array | undefined {
  if (cross === undefined) return undefined;
  const m = mask.length;
  const values = vectorOf(cross, m * m, 'cross', 'one a pair of rows');
  for (let at = 0; at < values.length; at++) {
    const [i, j] = [Math.floor(at / m), at % m];
    if (mask[i] === 0 || mask[j] === 0) values[at] = 0;
    if (Number.isFinite(values[at])) continue;
    const place = `cross[${at}] (row ${i}, column ${j})`;
    throw new GramError(`${place} is ${values[at]}, expected a finite number`);
  }
  return values;
}

/** What the method remembers: `before`, zeros, where nothing is said. */
export function stateOf({ state }: ResolveOptions, before: Float64Array, name: string) {
  if (state === undefined) return before;
  const values = vectorOf(state, before.length, 'state', `as ${name} returned it`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return values;
  throw new GramError(`state[${wrong}] is ${values[wrong]}, expected a finite number`);
}
