/**
 * The backup part: follows the owners of the buckets that this node holds, by taking the same
 * optimizer step from the same direction.
 */
import { hashOf, type ValueHashes } from '../../protocol/hashes.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { type FillPorts, Fills } from './fills.ts';
import { follow } from './follow.ts';
import type { Holdings } from './holdings.ts';
import type { Member } from './member.ts';
import type { Outbox } from './outbox.ts';
import type { UpdatedEvent } from './types.ts';

export class Backup {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #holdings: Holdings;
  readonly #member: Member;
  /** Buckets that this node takes on. */
  readonly fills: Fills;
  /** Directions whose optimizer step is being taken, by bucket. */
  readonly #following = new Map<number, MessageOf<'direction'>>();

  constructor(
    context: Context,
    outbox: Outbox,
    holdings: Holdings,
    member: Member,
    ports: FillPorts,
  ) {
    this.#context = context;
    this.#outbox = outbox;
    this.#holdings = holdings;
    this.#member = member;
    this.fills = new Fills(context, outbox, holdings, member, ports);
  }

  reset(): void {
    this.#following.clear();
    this.fills.reset();
  }

  /** This node stands at a new step. */
  stood(): void {
    this.#following.clear();
    this.fills.stood();
  }

  concerns(bucket: number): boolean {
    return this.#holdings.held.has(bucket) || this.fills.has(bucket);
  }

  /** Whether a direction of this node's step is of use. */
  lacks(bucket: number): boolean {
    if (this.fills.has(bucket)) return this.fills.lacks(bucket);
    return !this.#following.has(bucket) && this.#member.needs(bucket);
  }

  /** A direction of this node's step; its payload is filed under `key`, where it has one. */
  take(message: MessageOf<'direction'>, key: ValueKey | null): void {
    const { bucket, outcome } = message;
    if (this.fills.has(bucket)) {
      this.fills.take(message, key);
      return;
    }
    this.#following.set(bucket, message);
    follow(this.#context, this.#outbox, message, key);
    if (outcome === 'kept') this.#finish(message, this.#context.values[bucket]!);
  }

  /** The optimizer's step on a bucket is done. False when it was not this part's. */
  updated(event: UpdatedEvent): boolean {
    if (this.fills.updated(event)) return true;
    const message = this.#following.get(event.bucket);
    if (message === undefined || event.step !== this.#context.step) return false;
    this.#finish(message, event);
    return true;
  }

  #finish(message: MessageOf<'direction'>, made: Pick<ValueHashes, 'published' | 'optimizer'>) {
    const { bucket, resolution, outcome, state } = message;
    this.#following.delete(bucket);
    const { published, optimizer } = made;
    const hashes = { published, optimizer, aggregator: hashOf(state) };
    this.#member.made({ bucket, hashes, resolution, kept: outcome === 'kept' });
  }
}
