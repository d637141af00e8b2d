/** Giving memory back at once, rather than when a garbage collector finds it. */

/**
 * Frees the memory of an array that fills its buffer; whoever still has the array finds it empty.
 * Numbers in bulk are large and short-lived: left to the collector, they make it mark the whole
 * heap again and again.
 */
export function freeMemory({ buffer, byteLength }: Float32Array): void {
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (isOwn && byteLength > 0) buffer.transfer(0);
}
