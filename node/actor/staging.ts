/** What a node has staged of a step: a value for each bucket, made here or heard of. */
import { assert, defined } from '../../protocol/assert.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import type { Resolution } from '../../protocol/messages.ts';

export interface Staged {
  readonly hashes: ValueHashes;
  /** Null where there is none to tell of: a checkpoint had the value. */
  readonly resolution: Resolution | null;
}

export class Staging {
  readonly #buckets: readonly number[];
  #staged = new Map<number, Staged>();
  #whole = new Set<number>();

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets;
  }

  get isFull(): boolean {
    return this.#staged.size === this.#buckets.length;
  }

  lacks(bucket: number): boolean {
    return !this.#staged.has(bucket);
  }

  /** Whether all of the value is here, not only what is published. */
  isWhole(bucket: number): boolean {
    return this.#whole.has(bucket);
  }

  /** Buckets that are waited for. */
  missing(): number[] {
    return this.#buckets.filter((bucket) => this.lacks(bucket));
  }

  get(bucket: number): Staged | undefined {
    return this.#staged.get(bucket);
  }

  add(bucket: number, staged: Staged): void {
    assert(this.lacks(bucket), `bucket ${bucket} is staged once`);
    this.#staged.set(bucket, staged);
  }

  /** The whole value of a staged bucket is here. */
  addWhole(bucket: number): void {
    assert(!this.lacks(bucket), `bucket ${bucket} is staged`);
    this.#whole.add(bucket);
  }

  /** All of them in the order of the buckets; nothing is staged after. */
  take(): Staged[] {
    const staged = this.#buckets.map((bucket) => defined(this.#staged.get(bucket), 'staged value'));
    this.reset();
    return staged;
  }

  reset(): void {
    this.#staged = new Map();
    this.#whole = new Set();
  }
}
