/** Buckets as tensors of a safetensors file: every array of a bucket under a name of its own. */
import { assert } from '../../protocol/assert.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import {
  openSafetensors,
  type TensorArray,
  type WrittenFile,
  writeSafetensors,
} from '../files/index.ts';

/** The array that every stored bucket has: its published parameters, decoded. */
export const PUBLISHED = 'published';

/** What a node keeps for a bucket. */
export interface BucketArrays {
  readonly bucket: number;
  /**
   * By name: `published`, and whatever the optimizer and the aggregator keep. Names are words of
   * letters and digits. Arrays may be empty.
   */
  readonly arrays: Readonly<Record<string, TensorArray>>;
}

/** A bucket as it comes from a checkpoint. */
export interface StoredBucket extends BucketArrays {
  readonly hashes: ValueHashes;
}

const ARRAY_NAME = /^[A-Za-z][A-Za-z0-9]*$/;

const tensorName = (bucket: number, array: string) => `bucket.${bucket}.${array}`;

/** Writes the arrays of all buckets to a new file. */
export async function writeBucketFile(
  path: string,
  buckets: readonly BucketArrays[],
): Promise<WrittenFile> {
  const tensors = buckets.flatMap(({ bucket, arrays }) =>
    Object.entries(arrays).map(([array, values]) => {
      assert(ARRAY_NAME.test(array), `"${array}" is not a name of an array`);
      return { name: tensorName(bucket, array), shape: [values.length], values };
    }),
  );
  return writeSafetensors(path, tensors);
}

/** An open file of buckets; to be closed. */
export interface BucketFile {
  /**
   * The arrays of one bucket; only `names`, if given. Throws a SafetensorsError for a name that
   * isn't there.
   */
  read(bucket: number, names?: readonly string[]): Promise<BucketArrays>;
  close(): Promise<void>;
}

/** Throws a SafetensorsError for a damaged file. */
export async function openBucketFile(path: string): Promise<BucketFile> {
  const file = await openSafetensors(path);
  const stored = new Map<number, string[]>();
  for (const name of file.tensors.keys()) {
    const [, bucket, array = ''] = name.split('.');
    const arrays = stored.get(Number(bucket));
    if (arrays === undefined) stored.set(Number(bucket), [array]);
    else arrays.push(array);
  }
  return {
    async read(bucket, names = stored.get(bucket) ?? []) {
      const arrays: Record<string, TensorArray> = {};
      for (const array of names) arrays[array] = await file.read(tensorName(bucket, array));
      return { bucket, arrays };
    },
    close: () => file.close(),
  };
}
