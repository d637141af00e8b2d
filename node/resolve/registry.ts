/** The catalogue of aggregators by name, with room for the user's own. */
import { AggregatorError } from './errors.ts';
import { mean } from './mean.ts';
import { alignedMtl } from './methods/aligned-mtl.ts';
import { config } from './methods/config.ts';
import { imtlG } from './methods/imtl-g.ts';
import { krum } from './methods/krum.ts';
import { constant, random, sum } from './methods/plain.ts';
import { mgda } from './mgda.ts';
import type { Aggregator } from './types.ts';

/** The methods that come with isogloss. */
export const aggregators: readonly Aggregator[] = [
  mean,
  sum,
  constant,
  random,
  mgda,
  imtlG,
  alignedMtl,
  config,
  krum,
];

/**
 * The aggregator of that name, among ours and then among `own`. Throws an AggregatorError that
 * lists the names there are.
 */
export function aggregatorByName(name: string, own: readonly Aggregator[] = []): Aggregator {
  const all = [...aggregators, ...own];
  const found = all.find((aggregator) => aggregator.name === name);
  if (found !== undefined) return found;
  const names = all.map((aggregator) => aggregator.name).join(', ');
  throw new AggregatorError(`there is no aggregator "${name}"; use one of ${names}`);
}
