/**
 * The aggregator's part of a configuration, and of the manifest: strict, with every default in
 * it.
 */
import { z } from 'zod';
import { aggregators } from './registry.ts';
import type { Aggregator, Normalize } from './types.ts';

/** `name`, `normalize`, and the method's own options beside them. */
export interface AggregatorConfig {
  readonly name: string;
  readonly normalize: Normalize;
  readonly [option: string]: unknown;
}

const optionOf = (aggregator: Aggregator) =>
  aggregator.schema.extend({
    name: z.literal(aggregator.name),
    normalize: z.enum(['none', 'l2']).default(aggregator.normalizeDefault),
  });

/**
 * The schema of all of ours and of the user's own; `normalize` defaults to what the method says.
 */
export function aggregatorSchemaWith(own: readonly Aggregator[]): z.ZodType<AggregatorConfig> {
  const [first, ...rest] = [...aggregators, ...own].map(optionOf);
  const union: unknown = z.discriminatedUnion('name', [first!, ...rest]);
  return union as z.ZodType<AggregatorConfig>; // options are unknown here, where zod infers any
}

export const aggregatorSchema = aggregatorSchemaWith([]);

/** The method's own options. */
export function optionsOf({ name: _name, normalize: _normalize, ...options }: AggregatorConfig) {
  return options;
}
