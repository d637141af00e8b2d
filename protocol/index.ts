/**
 * What nodes say to each other, and what a run is. Pure: no I/O, no clock, no state of its own.
 */
export * from './buckets.ts';
export * from './canonical.ts';
export * from './claims.ts';
export * from './codecs.ts';
export * from './errors.ts';
export * from './hashes.ts';
export * from './manifest.ts';
export * from './messages.ts';
export * from './placement.ts';
export * from './random.ts';
export * from './tree.ts';
export * from './values.ts';
export * from './wire.ts';
