/** Where each bucket lies in the parameter tensors, and copying either way. */
import { assert, defined } from '../../protocol/assert.ts';
import type { Bucket, BucketLayout } from '../../protocol/buckets.ts';
import { sizeOf } from './program.ts';

/** A run of values that a bucket and a parameter share. */
interface Piece {
  /** Place of the parameter in the layout. */
  readonly parameter: number;
  readonly parameterStart: number;
  readonly bucketStart: number;
  readonly length: number;
}

/** Copies between buckets and one array per parameter; arrays stand in the layout's order. */
export interface BucketMap {
  /** parameters ← the bucket's values. */
  scatter(bucket: number, values: Float32Array, parameters: readonly Float32Array[]): void;
  /**
   * The bucket's values, in memory of their own, or the parameter's array where it is the bucket.
   */
  gather(bucket: number, parameters: readonly Float32Array[]): Float32Array;
}

export function mapBuckets({ parameters, buckets, totalLength }: BucketLayout): BucketMap {
  const lengths = parameters.map(({ shape }) => sizeOf(shape));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  assert(total === totalLength, `the layout covers ${totalLength} values, its parameters ${total}`);
  const pieces = buckets.map((bucket) => piecesOf(bucket, lengths));
  const at = (bucket: number) => defined(pieces[bucket], `bucket ${bucket} of ${buckets.length}`);

  return {
    scatter(bucket, values, arrays) {
      const expected = at(bucket).reduce((sum, { length }) => sum + length, 0);
      assert(
        values.length === expected,
        `bucket ${bucket}: ${values.length} of ${expected} values`,
      );
      for (const { parameter, parameterStart, bucketStart, length } of at(bucket)) {
        const part = values.subarray(bucketStart, bucketStart + length);
        arrays[parameter]!.set(part, parameterStart);
      }
    },
    gather(bucket, arrays) {
      const [first, ...rest] = at(bucket);
      const whole = arrays[first!.parameter]!;
      if (rest.length === 0 && first!.length === whole.length) return whole;
      const values = new Float32Array(buckets[bucket]!.length);
      for (const { parameter, parameterStart, bucketStart, length } of at(bucket)) {
        const part = arrays[parameter]!.subarray(parameterStart, parameterStart + length);
        values.set(part, bucketStart);
      }
      return values;
    },
  };
}

function piecesOf({ start, length }: Bucket, lengths: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  lengths.forEach((parameterLength, parameter) => {
    const from = Math.max(start, offset);
    const to = Math.min(start + length, offset + parameterLength);
    if (from < to) {
      pieces.push({
        parameter,
        parameterStart: from - offset,
        bucketStart: from - start,
        length: to - from,
      });
    }
    offset += parameterLength;
  });
  return pieces;
}
