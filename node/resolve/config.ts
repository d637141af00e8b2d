/**
 * The aggregator's part of a configuration, and of the manifest: strict, with every default in
 * it.
 */
import { z } from 'zod';
import { aggregators } from './registry.ts';
import { type Aggregator, NORMALIZES, type Normalize } from './types.ts';

/** `name`, `normalize`, and the method's own options beside them. */
export interface AggregatorConfig {
  readonly name: string;
  readonly normalize: Normalize;
  readonly [option: string]: unknown;
}

type OptionSchema = Aggregator['schema'];

/** By aggregator, built once: a schema costs more than most methods. */
const built = new WeakMap<Aggregator, OptionSchema>();

function optionOf(aggregator: Aggregator): OptionSchema {
  const known = built.get(aggregator);
  if (known !== undefined) return known;
  const schema = aggregator.schema.extend({
    name: z.literal(aggregator.name),
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
  const [first, ...rest] = [...aggregators, ...own].map(optionOf);
  const union: unknown = z.discriminatedUnion('name', [first!, ...rest]);
  return union as z.ZodType<AggregatorConfig>; // options are unknown here, where zod infers any
}

export const aggregatorSchema = aggregatorSchemaWith([]);

/** The method's own options. `module` is where a config found it, and no option. */
export function optionsOf(config: AggregatorConfig) {
  const { name: _name, normalize: _normalize, module: _module, ...options } = config;
  return options;
}
