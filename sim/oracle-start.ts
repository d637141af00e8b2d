/**
 * From what checkpoints keep of every bucket to a step that the oracle starts at. Whether the
 * values are right is not looked at here: the oracle hashes what it starts with.
 */
import { heldValueOf, type StoredArrays } from '../node/bulk/index.ts';
import { resolutionGroups } from '../protocol/buckets.ts';
import type { OracleRun, OracleStart } from './oracle.ts';

/** A bucket's arrays by name, in the order of the buckets. */
export interface KeptBucket {
  readonly bucket: number;
  readonly arrays: StoredArrays;
}

/** The start, or the first bucket whose arrays are not those that this run keeps. */
export function oracleStart(
  run: OracleRun,
  { step, previousRoot }: Pick<OracleStart, 'step' | 'previousRoot'>,
  kept: readonly KeptBucket[],
): { readonly start: OracleStart } | { readonly wrong: number } {
  const masters: Float32Array[] = [];
  const optimizer: OracleStart['optimizer'][number][] = [];
  const aggregators: Float64Array[] = [];
  for (const { index, length } of run.layout.buckets) {
    const arrays = kept[index]?.arrays;
    const held = arrays && heldValueOf(run.codec, run.optimizer, length, arrays);
    if (held === undefined) return { wrong: index };
    masters.push(held.value.master);
    optimizer.push(held.value.state);
    aggregators.push(held.aggregator);
  }
  const aggregator = resolutionGroups(run.layout, run.groups).map(
    ([first]) => aggregators[first!]!,
  );
  return { start: { step, previousRoot, masters, optimizer, aggregator } };
}
