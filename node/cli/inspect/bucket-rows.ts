/** Buckets for people: which rows of which tensors each is, its hash, and who holds it. */
import {
  type Bucket,
  type BucketLayout,
  type ValueHashes,
  valueCount,
} from '../../../protocol/index.ts';
import type { CheckpointManifest } from '../../store/index.ts';
import { alignColumns } from '../output/index.ts';

/** A tensor, or rows of one, in a bucket. */
export interface BucketTensor {
  readonly name: string;
  /** First and last, counted from 0; null where the bucket has the whole tensor. */
  readonly rows: readonly [number, number] | null;
}

export interface BucketRow {
  readonly bucket: number;
  readonly tensors: readonly BucketTensor[];
  /** First value, counted over all parameters. */
  readonly start: number;
  /** Values. */
  readonly length: number;
  readonly hashes: ValueHashes;
  /** Name of the node that wrote it; empty where nobody said. */
  readonly holder: string;
  /** Whether it is in this checkpoint. */
  readonly here: boolean;
}

/** Hash digits that are enough for people to compare. */
const HASH_DIGITS = 16;

/** All buckets of the run, held here or not. */
export function bucketRows(
  layout: BucketLayout,
  { values, holders }: Pick<CheckpointManifest, 'values' | 'holders'>,
  held: readonly number[],
): BucketRow[] {
  const here = new Set(held);
  return layout.buckets.map((bucket) => ({
    bucket: bucket.index,
    tensors: tensorsOf(layout, bucket),
    start: bucket.start,
    length: bucket.length,
    hashes: values[bucket.index]!,
    holder: holders[bucket.index] ?? '',
    here: here.has(bucket.index),
  }));
}

function tensorsOf({ parameters }: BucketLayout, bucket: Bucket): BucketTensor[] {
  const found: BucketTensor[] = [];
  const end = bucket.start + bucket.length;
  let start = 0;
  for (const { name, shape } of parameters) {
    const length = valueCount(shape);
    const first = Math.max(bucket.start, start);
    const last = Math.min(end, start + length);
    if (first < last) {
      // A tensor is cut between rows only.
      const rowLength = length / (shape[0] ?? 1);
      const rows = [(first - start) / rowLength, (last - start) / rowLength - 1] as const;
      found.push({ name, rows: last - first === length ? null : rows });
    }
    start += length;
  }
  return found;
}

/** The table of `--buckets`. */
export function bucketLines(rows: readonly BucketRow[]): string[] {
  const head = ['bucket', 'values', 'published', 'holder', 'here', 'tensors'];
  const cells = rows.map(({ bucket, length, hashes, holder, here, tensors }) => [
    String(bucket),
    String(length),
    hashes.published.slice(0, HASH_DIGITS),
    holder || '–',
    here ? 'yes' : 'no',
    tensorsText(tensors),
  ]);
  return alignColumns([head, ...cells]);
}

/** One or two tensors by name, more by the first and the last. */
function tensorsText(tensors: readonly BucketTensor[]): string {
  const shown = tensors.map(({ name, rows }) => (rows ? `${name}[${rows.join('..')}]` : name));
  if (shown.length <= 2) return shown.join(', ');
  return `${shown[0]} … ${shown.at(-1)} (${shown.length})`;
}
