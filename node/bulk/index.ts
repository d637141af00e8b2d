/**
 * The arithmetic behind the actor's effects, on named values.
 *
 * @example
 * const bulk = new Bulk(options);
 * const hashes = bulk.loadBase(0, values);
 * const event = bulk.perform({ kind: 'add', step: 0, language: 0, bucket: 0, key, left, right });
 */
export { aggregatorHash, isFinite32 } from './arithmetic.ts';
export { Bulk, type BulkOptions } from './bulk.ts';
export { optimizerHash } from './rehash.ts';
export { heldValueOf, type StoredArrays } from './stored.ts';
export { type Memory, OWN_MEMORY, SHARED_MEMORY } from './uses.ts';
