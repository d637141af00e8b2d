/** All aggregators by name, with room for the user's own. */
import { didYouMean } from '../schema/index.ts';
import { catalogue } from './catalogue.ts';
import { AggregatorError } from './errors.ts';
import { crMogm } from './methods/cr-mogm.ts';
import { graddrop, trimmedMean } from './methods/from-rows.ts';
import { psmgd } from './methods/psmgd.ts';
import type { Aggregator } from './types.ts';

/** The methods that come with isogloss. */
export const aggregators: readonly Aggregator[] = [
  ...catalogue,
  crMogm,
  psmgd,
  graddrop,
  trimmedMean,
];

const byName = new Map(aggregators.map((aggregator) => [aggregator.name, aggregator]));

/**
 * The aggregator of that name, among ours and then among `own`. Throws an AggregatorError that
 * lists the names there are.
 */
export function aggregatorByName(name: string, own: readonly Aggregator[] = []): Aggregator {
  const found = byName.get(name) ?? own.find((aggregator) => aggregator.name === name);
  if (found !== undefined) return found;
  const names = [...aggregators, ...own].map((aggregator) => aggregator.name);
  const hint = didYouMean(name, names);
  throw new AggregatorError(
    `there is no aggregator "${name}"; use one of ${names.join(', ')}.${hint}`,
  );
}
