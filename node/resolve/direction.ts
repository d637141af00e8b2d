/** From rows and weights to the direction, for methods of either kind. */
import { createStream, type RandomStream } from '../../protocol/random.ts';
import { combine } from './combine.ts';
import { type AggregatorConfig, optionsOf, schemaOf } from './config.ts';
import { AggregatorError } from './errors.ts';
import { gramOfRows } from './gram.ts';
import { type Row, readRow } from './kernel/index.ts';
import { aggregatorOfModule } from './own.ts';
import { aggregatorByName } from './registry.ts';
import { type ResolveOptions, resolve } from './resolve.ts';
import type { Aggregator, WeighResult } from './types.ts';

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
  const { fromRows } = aggregatorByName(config.name, own);
  if (fromRows === undefined) {
    combine(rows, weights, out);
    return;
  }
  const present = rows.flatMap((row) => (row === null ? [] : [valuesOf(row, out.length)]));
  if (present.length === 0) out.fill(0);
  else fromRows(present, out, random(), optionsOf(config));
}

function valuesOf(row: Row, length: number): Float32Array {
  if (row instanceof Float32Array) return row;
  const values = new Float32Array(length);
  readRow(row, 0, values);
  return values;
}

export interface RowsResult {
  readonly direction: Float32Array;
  /** Null for a method that needs the rows themselves. */
  readonly resolved: WeighResult | null;
}

/**
 * The direction of gradients by any method; a row that is null is absent. `options` as those of
 * `resolve`, less its mask. Throws an AggregatorError for an unknown method or option.
 */
export function resolveRows(
  rows: readonly (Float32Array | null)[],
  { aggregator: chosen, ...options }: ResolveOptions,
): RowsResult {
  const direction = new Float32Array(rows.find((row) => row !== null)?.length ?? 0);
  const aggregator =
    typeof chosen === 'string' ? aggregatorByName(chosen) : aggregatorOfModule(chosen);
  const random = () => createStream('rows', options.seed ?? 0);
  if (aggregator.fromRows === undefined) {
    const mask = rows.map((row) => (row === null ? 0 : 1));
    const resolved = resolve(gramOfRows(rows), { ...options, aggregator, mask });
    combine(rows, resolved.weights, direction);
    return { direction, resolved };
  }
  const { seed: _seed, ...own } = options;
  const parsed = schemaOf(aggregator).safeParse({ ...own, name: aggregator.name });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const problem = [...issue.path, issue.message].join(': ');
    throw new AggregatorError(`${aggregator.name}: ${problem}`);
  }
  directionInto(direction, { rows, weights: [], random }, parsed.data, [aggregator]);
  return { direction, resolved: null };
}
