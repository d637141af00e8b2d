/** Sets of buckets as bits, the form in which nodes tell each other what they hold. */

/** The lowest bit of the first byte is bucket 0. */
export function packBuckets(buckets: Iterable<number>, bucketCount: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bucketCount / 8));
  for (const bucket of buckets) bits[bucket >> 3]! |= 1 << (bucket & 7);
  return bits;
}

/** Whether a bucket is in the set; those beyond its bytes are not. */
export function hasBucket(bits: Uint8Array, bucket: number): boolean {
  return ((bits[bucket >> 3] ?? 0) & (1 << (bucket & 7))) !== 0;
}

/** Whether two sets have a bucket in common. */
export function meets(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i]! & (b[i] ?? 0)) !== 0) return true;
  return false;
}

/** Whether two sets are the same buckets, of a run of as many. */
export function areSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
