/**
 * The aggregator's part of a configuration, and of the manifest: strict, with every default in
 * it.
 */
import { z } from 'zod';
import { assert } from '../../protocol/assert.ts';
import { AggregatorError } from './errors.ts';
import { aggregatorByName, aggregators } from './registry.ts';
import { type Aggregator, LANGUAGES_MAX, NORMALIZES, type Normalize } from './types.ts';

/** `name`, `normalize`, and the method's own options beside them. */
export interface AggregatorConfig {
  readonly name: string;
  readonly normalize: Normalize;
  /**
   * How much each language counts, ≥ 0 and not all 0, for methods that use it: a number each in
   * their order, or by name, until `preferenceByOrder` made it the first. Left out: all the same.
   */
  readonly preference?: Preference;
  readonly [option: string]: unknown;
}

export type Preference = readonly number[] | Readonly<Record<string, number>>;

/**
 * A preference above 0 is within these, as products of it with squared norms then are in the range
 * of numbers; nobody's languages count 1e30 times as much as each other.
 */
const PREFERENCE_MIN = 1e-30;
const PREFERENCE_MAX = 1e30;

/** What is wrong with how much something counts; null for nothing. */
export function preferenceProblem(value: number): string | null {
  if (value === 0 || (value >= PREFERENCE_MIN && value <= PREFERENCE_MAX)) return null;
  return `is ${value}, expected 0, or ${PREFERENCE_MIN} to ${PREFERENCE_MAX}`;
}

const share = z.number().nonnegative();
const preferenceSchema = z.union([
  z.array(share).min(1).max(LANGUAGES_MAX),
  z.record(z.string(), share),
]);

type OptionSchema = Aggregator['schema'];

/** By aggregator, built once: a schema costs more than most methods. */
const built = new WeakMap<Aggregator, OptionSchema>();

function optionOf(aggregator: Aggregator): OptionSchema {
  const known = built.get(aggregator);
  if (known !== undefined) return known;
  const schema = aggregator.schema.extend({
    name: z.literal(aggregator.name),
    ...(aggregator.usesPreference && { preference: preferenceSchema.optional() }),
    // Rows as they are is all that a method made of them can take.
    normalize: z
      .enum(aggregator.fromRows === undefined ? NORMALIZES : ['none'])
      .default(aggregator.normalizeDefault),
  });
  built.set(aggregator, schema);
  return schema;
}

/** The schema of one aggregator alone, to be extended. */
export const aggregatorSchemaOf: (aggregator: Aggregator) => OptionSchema = optionOf;

/** The schema of one aggregator alone. */
export function schemaOf(aggregator: Aggregator): z.ZodType<AggregatorConfig> {
  const schema: unknown = optionOf(aggregator);
  return schema as z.ZodType<AggregatorConfig>;
}

/**
 * The schema of all of ours and of the user's own; `normalize` defaults to what the method says.
 */
export function aggregatorSchemaWith(own: readonly Aggregator[]): z.ZodType<AggregatorConfig> {
  return oneOf([...aggregators, ...own]);
}

function oneOf(methods: readonly Aggregator[]): z.ZodType<AggregatorConfig> {
  const [first, ...rest] = methods.map(optionOf);
  const union: unknown = z.discriminatedUnion('name', [first!, ...rest]);
  return union as z.ZodType<AggregatorConfig>; // options are unknown here, where zod infers any
}

export const aggregatorSchema = aggregatorSchemaWith([]);

/** The schema of ours that a run can have: what it knows is what a run's config is told of. */
export const runAggregatorSchema = oneOf(
  aggregators.filter(({ notInRuns }) => notInRuns === undefined),
);

/** The method's own options; `module` is where a config found it. */
export function optionsOf(config: AggregatorConfig) {
  const { name: _n, normalize: _l, module: _m, preference: _p, ...options } = config;
  return options;
}

/**
 * A configuration whose preference is a number a language, in the order of `languages`; those that
 * a preference by name leaves out count 1. Throws an AggregatorError for what does not fit them.
 */
export function preferenceByOrder<C extends AggregatorConfig>(
  config: C,
  languages: readonly string[],
): C {
  const { preference } = config;
  if (preference === undefined) return config;
  const values = isList(preference) ? preference : valuesByName(preference, languages);
  if (values.length !== languages.length) {
    const wanted = `${languages.length} languages: ${shown(languages)}`;
    throw new AggregatorError(`preference has ${values.length} numbers for ${wanted}`);
  }
  values.forEach((value, i) => {
    const problem = preferenceProblem(value);
    if (problem !== null) throw new AggregatorError(`preference of ${languages[i]} ${problem}`);
  });
  if (values.some((value) => value > 0)) return { ...config, preference: values };
  throw new AggregatorError('preference is 0 for all languages, expected more for one at least');
}

function valuesByName(
  preference: Readonly<Record<string, number>>,
  languages: readonly string[],
): readonly number[] {
  const unknown = Object.keys(preference).find((id) => !languages.includes(id));
  if (unknown === undefined) return languages.map((id) => preference[id] ?? 1);
  throw new AggregatorError(
    `preference names "${unknown}", which is no language trained on: ${shown(languages)}`,
  );
}

const isList = (preference: Preference): preference is readonly number[] =>
  Array.isArray(preference);

const SHOWN_MAX = 12;

function shown(languages: readonly string[]): string {
  const names = languages.slice(0, SHOWN_MAX).join(', ');
  return languages.length > SHOWN_MAX ? `${names}, …` : names;
}

/** Rows that the method is defined for with these options, at least. */
export const rowsMinOf = (config: AggregatorConfig, { rowsMin }: Aggregator): number =>
  rowsMin?.(optionsOf(config)) ?? 1;

/** A method in a message: `krum with nByzantine 1, nSelected 1`. */
export function shownConfig(config: AggregatorConfig): string {
  const said = Object.entries(optionsOf(config)).map(([key, value]) => {
    const shown = isWrapped(value)
      ? `(${shownConfig(value as AggregatorConfig)})`
      : JSON.stringify(value);
    return `${key} ${shown}`;
  });
  return said.length === 0 ? config.name : `${config.name} with ${said.join(', ')}`;
}

/**
 * The method's own options that are not what they are by default, and its preference: what there is
 * to tell of a configuration beside its name and `normalize`. So is what a wrapped method has.
 */
export function changedOptions(
  config: AggregatorConfig,
  own: readonly Aggregator[] = [],
): Readonly<Record<string, unknown>> {
  const { preference } = config;
  const changed = changedIn(config.name, optionsOf(config), own);
  return { ...changed, ...(preference !== undefined && { preference }) };
}

function changedIn(name: string, options: object, own: readonly Aggregator[]) {
  const { data = {} } = aggregatorByName(name, own).schema.safeParse({});
  const usual: Readonly<Record<string, unknown>> = data;
  const changed = Object.entries(options).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key]),
  );
  return Object.fromEntries(
    changed.map(([key, value]) => [key, isWrapped(value) ? changedOf(value, own) : value]),
  );
}

function changedOf({ name, ...options }: Named, own: readonly Aggregator[]): Named {
  return { name, ...changedIn(name, options, own) };
}

interface Named {
  readonly name: string;
}

const isWrapped = (value: unknown): value is Named =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';

/** The method that a preference is for: one that `aggregator` wraps, or itself. */
export function preferenceTaker({ of }: AggregatorConfig, aggregator: Aggregator): Aggregator {
  if (typeof of !== 'object' || of === null || !('name' in of)) return aggregator;
  return aggregators.find(({ name }) => name === of.name) ?? aggregator;
}

/** The preference of a configuration that went through `preferenceByOrder`. */
export function preferenceOfConfig({ preference }: AggregatorConfig): Float64Array | undefined {
  if (preference === undefined) return undefined;
  assert(isList(preference), 'a preference by name is brought into order before it is used');
  return Float64Array.from(preference);
}
