/**
 * An aggregator of one's own in ten lines: a name and a function from inner products to weights.
 * What it leaves out is filled in here; who needs state or a certificate writes an Aggregator.
 */
import { z } from 'zod';
import type { RandomStream } from '../../protocol/random.ts';
import { didYouMean, isMap, shownValue } from '../schema/index.ts';
import { AggregatorError } from './errors.ts';
import { presentOf, weighedOf } from './present.ts';
import { aggregators } from './registry.ts';
import { type Aggregator, NORMALIZES, type Normalize } from './types.ts';

/** The rows present, as an own aggregator sees them. */
export interface OwnRows {
  /** Inner products after normalisation, k·k. */
  readonly gram: Float64Array;
  readonly k: number;
  /** By row: mean −ln p per token, NaN where unknown. */
  readonly losses: Float64Array;
  /** Keyed by (run, step, group). */
  readonly random: RandomStream;
  readonly options: Readonly<Record<string, OwnOption>>;
}

export type OwnOption = string | number | boolean;

export interface OwnAggregator {
  /** In lower case, with dashes, and not one of ours. */
  readonly name: string;
  readonly doc?: string;
  /** By name, what each option is where a config doesn't say. */
  readonly options?: Readonly<Record<string, OwnOption>>;
  /** Left out: none. */
  readonly normalize?: Normalize;
  /** k weights. A pure function: no clock, no chance but `random`, and + − × ÷ √ alone. */
  weigh(rows: OwnRows): ArrayLike<number>;
}

const made = new WeakMap<OwnAggregator, Aggregator>();

/** The whole aggregator, the same for the same definition. Throws an AggregatorError. */
export function ownAggregator(definition: OwnAggregator): Aggregator {
  if (!isMap(definition)) {
    const expected = 'expected an object with a name and weigh';
    throw new AggregatorError(`an own aggregator is ${shownValue(definition)}, ${expected}`);
  }
  const known = made.get(definition);
  if (known !== undefined) return known;
  checkDefinition(definition);
  const { name, doc, options = {}, normalize = 'none', weigh } = definition;
  const aggregator: Aggregator = {
    name,
    doc: doc ?? `${name}, an aggregator of one's own.`,
    schema: z.strictObject(
      Object.fromEntries(Object.entries(options).map(([key, value]) => [key, optionOf(value)])),
    ),
    normalizeDefault: normalize,
    cost: 'its own',
    stateLength: () => 0,
    weigh(input, given) {
      const present = presentOf(input);
      const { gram, k, languages } = present;
      const losses = Float64Array.from(languages, (language) => input.losses[language]!);
      const chosen = given as OwnRows['options'];
      const weights = weigh({ gram, k, losses, random: input.random, options: chosen });
      return weighedOf(input, present, checkedWeights(name, weights, k));
    },
  };
  made.set(definition, aggregator);
  return aggregator;
}

/** What `weigh` gives, in so far as types can't say that it does. */
function checkedWeights(name: string, weights: unknown, k: number): Float64Array {
  const expected = 'expected a list of finite numbers, one a row';
  if (typeof weights !== 'object' || weights === null || !('length' in weights)) {
    const what = weights === undefined ? 'undefined' : shownValue(weights);
    throw new AggregatorError(`${name} gives ${what}, ${expected}`);
  }
  const list = weights as ArrayLike<unknown>;
  if (list.length !== k) {
    throw new AggregatorError(`${name} gives ${list.length} weights for ${k} rows`);
  }
  return Float64Array.from({ length: k }, (_, i) => {
    const weight = list[i];
    if (typeof weight === 'number' && Number.isFinite(weight)) return weight;
    throw new AggregatorError(`${name} gives row ${i} weight ${shownValue(weight)}, ${expected}`);
  });
}

/**
 * The aggregator that a module exports as its default: a whole one, or a definition. Throws an
 * AggregatorError that says what is missing, or not known.
 */
export function aggregatorOfModule(exported: unknown): Aggregator {
  if (typeof exported !== 'object' || exported === null) {
    throw new AggregatorError('a module of an aggregator exports it as default: an object');
  }
  if (isOurs(exported)) return exported;
  if ('stateLength' in exported) return checkedWhole(exported as Aggregator);
  return ownAggregator(exported as OwnAggregator);
}

const isOurs = (aggregator: object): aggregator is Aggregator =>
  aggregators.some((ours) => ours === aggregator);

const OWN_KEYS = ['name', 'doc', 'options', 'normalize', 'weigh'];
const WHOLE_KEYS = [
  ...['name', 'doc', 'schema', 'normalizeDefault', 'stateLength', 'cost', 'notInRuns'],
  ...['usesPreference', 'usesCross', 'rowsMin', 'weigh', 'fromRows'],
];

/** A key that nobody reads would be an option or a promise that silently isn't there. */
function checkKeys(definition: object, name: string, keys: readonly string[]): void {
  const unknown = Object.keys(definition).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  const hint = didYouMean(unknown, [...keys, 'stateLength']) || ` Known: ${keys.join(', ')}.`;
  throw new AggregatorError(`${name}: unknown key "${unknown}" in its definition.${hint}`);
}

function checkDefinition(definition: OwnAggregator): void {
  const { name, doc, weigh, options = {}, normalize } = definition;
  checkName(name);
  checkKeys(definition, name, OWN_KEYS);
  if (typeof weigh !== 'function') throw new AggregatorError(`${name}: weigh is no function`);
  if (normalize !== undefined && !NORMALIZES.includes(normalize)) {
    throw new AggregatorError(`${name}: normalize is none of ${NORMALIZES.join(', ')}`);
  }
  if (doc !== undefined && typeof doc !== 'string') {
    throw new AggregatorError(`${name}: doc is ${shownValue(doc)}, expected a text`);
  }
  if (!isMap(options)) {
    const expected = 'expected a map such as { floor: 0 }';
    throw new AggregatorError(`${name}: options is ${shownValue(options)}, ${expected}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (RESERVED.has(key)) throw new AggregatorError(`${name}: an option can't be called ${key}`);
    if (Number.isFinite(value) || ['string', 'boolean'].includes(typeof value)) continue;
    const expected = 'expected a finite number, a text, or true or false';
    const what = value === undefined ? 'undefined' : shownValue(value);
    throw new AggregatorError(`${name}: option ${key} is ${what} by default, ${expected}`);
  }
}

function checkedWhole(aggregator: Aggregator): Aggregator {
  checkName(aggregator.name);
  checkKeys(aggregator, aggregator.name, WHOLE_KEYS);
  const { weigh, stateLength, schema, normalizeDefault } = aggregator;
  const isWhole =
    typeof weigh === 'function' &&
    typeof stateLength === 'function' &&
    schema instanceof z.ZodObject &&
    NORMALIZES.includes(normalizeDefault);
  if (isWhole) return aggregator;
  const parts = 'weigh, stateLength, schema (of zod) and normalizeDefault';
  throw new AggregatorError(`${aggregator.name}: an aggregator with state has ${parts}`);
}

/** Keys of a config, or of a call of `resolve`, that mean something else. */
const RESERVED = new Set([
  ...['name', 'normalize', 'module', 'preference'],
  ...['aggregator', 'mask', 'losses', 'seed', 'cross', 'state'],
]);

function checkName(name: unknown): void {
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new AggregatorError(
      `an aggregator's name is ${JSON.stringify(name)}, expected a-z, 0-9, -`,
    );
  }
  if (aggregators.every((ours) => ours.name !== name)) return;
  throw new AggregatorError(`an own aggregator is named "${name}", as one of ours is; rename it`);
}

function optionOf(value: OwnOption) {
  if (typeof value === 'number') return z.number().default(value);
  return typeof value === 'string' ? z.string().default(value) : z.boolean().default(value);
}
