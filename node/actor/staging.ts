/** What a node has staged of its next step: a value for each bucket, made here or heard of. */
import { assert, defined } from '../../protocol/assert.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import type { Resolution } from '../../protocol/messages.ts';

export interface Staged {
  readonly hashes: ValueHashes;
  /** Null where there is none to tell of: the bucket kept its value, or a checkpoint had it. */
  readonly resolution: Resolution | null;
}

export class Staging {
  readonly #buckets: readonly number[];
  #staged = new Map<number, Staged>();

  constructor(bucketCount: number) {
    this.#buckets = [...Array(bucketCount).keys()];
  }

  get count(): number {
    return this.#staged.size;
  }

  get isFull(): boolean {
    return this.#staged.size === this.#buckets.length;
  }

  lacks(bucket: number): boolean {
    return !this.#staged.has(bucket);
  }

  /** Buckets that are waited for. */
  missing(): number[] {
    return this.#buckets.filter((bucket) => this.lacks(bucket));
  }

  add(bucket: number, staged: Staged): void {
    assert(this.lacks(bucket), `bucket ${bucket} is staged once`);
    this.#staged.set(bucket, staged);
  }

  /** All of them in the order of the buckets; nothing is staged after. */
  take(): Staged[] {
    const staged = this.#buckets.map((bucket) => defined(this.#staged.get(bucket), 'staged value'));
    this.#staged = new Map();
    return staged;
  }
}
