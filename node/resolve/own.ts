/**
 * An aggregator of one's own in ten lines: a name and a function from inner products to weights.
 * What it leaves out is filled in here; who needs state or a certificate writes an Aggregator.
 */
import { z } from 'zod';
import type { RandomStream } from '../../protocol/random.ts';
import { AggregatorError } from './errors.ts';
import { presentOf, weighedOf } from './present.ts';
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
      if (weights.length !== k) {
        throw new AggregatorError(`${name} gives ${weights.length} weights for ${k} rows`);
      }
      return weighedOf(input, present, Float64Array.from(weights));
    },
  };
  made.set(definition, aggregator);
  return aggregator;
}

/**
 * The aggregator that a module exports as its default: a whole one, or a definition. Throws an
 * AggregatorError that says what is missing.
 */
export function aggregatorOfModule(exported: unknown): Aggregator {
  if (typeof exported !== 'object' || exported === null) {
    throw new AggregatorError('a module of an aggregator exports it as default: an object');
  }
  if ('stateLength' in exported) return checkedWhole(exported as Aggregator);
  return ownAggregator(exported as OwnAggregator);
}

function checkDefinition({ name, weigh, options = {}, normalize }: OwnAggregator): void {
  checkName(name);
  if (typeof weigh !== 'function') throw new AggregatorError(`${name}: weigh is no function`);
  if (normalize !== undefined && !NORMALIZES.includes(normalize)) {
    throw new AggregatorError(`${name}: normalize is none of ${NORMALIZES.join(', ')}`);
  }
  for (const key of Object.keys(options)) {
    if (!RESERVED.has(key)) continue;
    throw new AggregatorError(`${name}: an option can't be called ${key}`);
  }
}

function checkedWhole(aggregator: Aggregator): Aggregator {
  checkName(aggregator.name);
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

/** Keys of a config that mean something else. */
const RESERVED = new Set(['name', 'normalize', 'module', 'preference']);

function checkName(name: unknown): void {
  if (typeof name === 'string' && /^[a-z][a-z0-9-]*$/.test(name)) return;
  throw new AggregatorError(
    `an aggregator's name is ${JSON.stringify(name)}, expected a-z, 0-9, -`,
  );
}

function optionOf(value: OwnOption) {
  if (typeof value === 'number') return z.number().default(value);
  return typeof value === 'string' ? z.string().default(value) : z.boolean().default(value);
}
