/**
 * Bucket layout: how the flattened trainable parameters are cut into parameter buckets, and buckets
 * grouped into resolution groups. A pure function of the parameter table, which holds no numbers.
 */
import { assert } from './assert.ts';

/** One parameter tensor, by its Hugging Face name and in Hugging Face's layout. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** What a bucket never spans two of, for example `model.layers.3` or `lm_head`. */
  readonly layer: string;
}

/** A contiguous range of the flattened parameters: the unit of ownership and of traffic. */
export interface Bucket {
  readonly index: number;
  /** First value, counted in f32 values over all parameters in their order. */
  readonly start: number;
  /** Number of values. */
  readonly length: number;
  readonly layer: string;
}

/** The parameters of a run in their order, and the buckets that cover each of them once. */
export interface BucketLayout {
  readonly parameters: readonly ParameterSpec[];
  readonly buckets: readonly Bucket[];
  /** Values in all parameters together. */
  readonly totalLength: number;
}

/** The groups that a layout alone gives: a bucket, a layer or the whole model each. */
export const GROUP_KINDS = ['bucket', 'layer', 'model'] as const;

/** Resolution groups: what one set of language weights applies to; or which buckets they are. */
export type GroupBy = (typeof GROUP_KINDS)[number] | readonly (readonly number[])[];

const BYTES_PER_VALUE = 4;

/** Number of values of a tensor of this shape (1 for a scalar). */
export function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Orders names by code unit, the order of parameters everywhere. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Cuts `parameters` (sorted by name) into buckets of at most `bucketBytesMax` bytes, 4 bytes a
 * value. A bucket never spans two layers; a tensor above the limit is cut into runs of whole rows
 * whose lengths differ by at most one row; a single row above the limit is a bucket of its own.
 */
export function layoutBuckets(
  parameters: readonly ParameterSpec[],
  bucketBytesMax: number,
): BucketLayout {
  const valuesMax = Math.floor(bucketBytesMax / BYTES_PER_VALUE);
  assert(
    valuesMax >= 1,
    `bucketBytesMax is ${bucketBytesMax}, expected at least ${BYTES_PER_VALUE}`,
  );
  const buckets: Bucket[] = [];
  const open = { start: 0, length: 0, layer: '' };
  const close = () => {
    if (open.length > 0) buckets.push({ index: buckets.length, ...open });
    open.length = 0;
  };
  let offset = 0;
  let previousName = '';
  for (const { name, shape, layer } of parameters) {
    assert(previousName < name, `parameter ${name} is out of order or doubled`);
    previousName = name;
    for (const length of rowRuns(shape, valuesMax)) {
      if (open.length > 0 && (open.layer !== layer || open.length + length > valuesMax)) close();
      if (open.length === 0) Object.assign(open, { start: offset, layer });
      open.length += length;
      offset += length;
    }
  }
  close();
  return { parameters, buckets, totalLength: offset };
}

/** Lengths in values of the runs of whole rows that a tensor is cut into. */
function rowRuns(shape: readonly number[], valuesMax: number): number[] {
  const length = valueCount(shape);
  if (length <= valuesMax) return length === 0 ? [] : [length];
  const rows = shape[0] ?? 1;
  const rowLength = length / rows;
  const runs = Math.ceil(rows / Math.max(1, Math.floor(valuesMax / rowLength)));
  return Array.from({ length: runs }, (_, run) => {
    const first = Math.floor((run * rows) / runs);
    const last = Math.floor(((run + 1) * rows) / runs);
    return (last - first) * rowLength;
  });
}

/**
 * The buckets of every resolution group: groups by their first bucket, buckets ascending. A list
 * names each bucket once.
 */
export function resolutionGroups(
  { buckets }: BucketLayout,
  groupBy: GroupBy,
): readonly (readonly number[])[] {
  const indices = buckets.map(({ index }) => index);
  switch (groupBy) {
    case 'bucket':
      return indices.map((index) => [index]);
    case 'layer':
      return layersOf(buckets);
    case 'model':
      return [indices];
  }
  const groups = groupBy.map((group) => group.toSorted((a, b) => a - b));
  groups.sort((a, b) => a[0]! - b[0]!);
  const named = groups.flat().toSorted((a, b) => a - b);
  const isWhole = named.length === indices.length && named.every((index, i) => index === i);
  assert(isWhole && groups.every((group) => group.length > 0), 'groups name each bucket once');
  return groups;
}

function layersOf(buckets: readonly Bucket[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const { index, layer } of buckets) {
    const group = groups.get(layer);
    if (group === undefined) groups.set(layer, [index]);
    else group.push(index);
  }
  return [...groups.values()];
}

/** By bucket: its resolution group. */
export function groupOfBuckets(layout: BucketLayout, groupBy: GroupBy): readonly number[] {
  const groupOf: number[] = [];
  resolutionGroups(layout, groupBy).forEach((buckets, group) => {
    for (const bucket of buckets) groupOf[bucket] = group;
  });
  return groupOf;
}
