/** From rows and weights to the direction, for methods of either kind. */
import type { RandomStream } from '../../protocol/random.ts';
import { answerOf } from './answer-check.ts';
import { combine } from './combine.ts';
import { type AggregatorConfig, optionsOf } from './config.ts';
import { type Row, valuesOf } from './kernel/index.ts';
import { aggregatorByName } from './registry.ts';
import type { Aggregator } from './types.ts';

/** What a bucket's direction depends on, besides the configuration. */
export interface DirectionInput {
  readonly rows: readonly (Row | null)[];
  readonly weights: ArrayLike<number>;
  /** Keyed by (run, step, bucket); asked for only by a method that draws per coordinate. */
  readonly random: () => RandomStream;
}

/** Writes d: Σ wᵢgᵢ, or what a method makes of the rows themselves. */
export function directionInto(
  out: Float32Array,
  { rows, weights, random }: DirectionInput,
  config: AggregatorConfig,
  own: readonly Aggregator[] = [],
): void {
  const aggregator = aggregatorByName(config.name, own);
  const { fromRows } = aggregator;
  if (fromRows === undefined) {
    combine(rows, weights, out);
    return;
  }
  const present = rows.flatMap((row) => (row === null ? [] : [valuesOf(row, out.length)]));
  if (present.length === 0) out.fill(0);
  else answerOf(aggregator, () => fromRows(present, out, random(), optionsOf(config)));
}
