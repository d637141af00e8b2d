/**
 * Hashes of values and the chain of roots. A root fixes every value of its step and, through the
 * root before it, everything since the manifest.
 */
import { createHash, hash } from 'node:crypto';

/** SHA-256 in lower-case hexadecimal. */
export type Hash = string;

/** The three parts of value(s, b): what everybody sees, the optimizer's, the aggregator's. */
export interface ValueHashes {
  /** Of the published parameters in their encoded form. */
  readonly published: Hash;
  /** Of the master copy and the optimizer's state. */
  readonly optimizer: Hash;
  /** Of the state that the aggregator keeps for the bucket's resolution group. */
  readonly aggregator: Hash;
}

/** SHA-256 of bytes, or of a text in UTF-8. */
export function hashOf(...parts: (Uint8Array | string)[]): Hash {
  const [first] = parts;
  // In one call: most of what is hashed is so short that making an object takes longer.
  if (parts.length === 1 && first !== undefined) return hash('sha256', first);
  const whole = createHash('sha256');
  for (const part of parts) whole.update(part);
  return whole.digest('hex');
}

/** The hash of one bucket's value. In one piece, since each that is hashed costs a call. */
export function valueHash({ published, optimizer, aggregator }: ValueHashes): Hash {
  return hashOf(`value\n${published}${optimizer}${aggregator}`);
}

/** root(0): the manifest, the numerics class and the values that the run begins with. */
export function firstRoot(runId: Hash, numericsClass: string, values: readonly Hash[]): Hash {
  return hashOf('root 0\n', runId, '\n', numericsClass, '\n', ...values);
}

/** root(s+1), from root(s) and the hashes of all values of step s+1 in bucket order. */
export function nextRoot(root: Hash, values: readonly Hash[]): Hash {
  return hashOf(`root\n${root}${values.join('')}`);
}
