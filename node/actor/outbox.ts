/**
 * What this node has said about the steps that some member may still be working on, so that it can
 * answer a want. Bounded by a few steps' worth of values, because whoever is further behind begins
 * anew.
 */

import { type Claim, nameOf } from '../../protocol/claims.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { contains } from '../../protocol/tree.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';

export interface Saying {
  readonly message: Claim;
  readonly payload: ValueKey | null;
}

/** Directions are kept longer than all else: a new holder catches up along them. */
const DIRECTION_STEPS = 3;

export class Outbox {
  readonly #context: Context;
  readonly #said = new Map<ValueKey, Saying>();
  readonly #onSaid: (message: Claim, name: ValueKey) => void;
  /** Nothing that is remembered lasts for less long than until this step. */
  #lastsUntil = Number.POSITIVE_INFINITY;

  /** `onSaid` is told of every value that is said, or kept to be said. */
  constructor(context: Context, onSaid: (message: Claim, name: ValueKey) => void) {
    this.#context = context;
    this.#onSaid = onSaid;
  }

  /** Sends and remembers. The payload of a sum or a direction is dropped with the memory. */
  say(to: readonly string[], message: Claim, payload: ValueKey | null): void {
    this.remember(message, payload);
    this.#context.send(to, message, payload);
  }

  /** Remembers without sending: to be asked for, or to be passed on. */
  remember(message: Claim, payload: ValueKey | null): void {
    const name = nameOf(message);
    const before = this.#said.get(name);
    if (before !== undefined && before.payload !== payload) this.#letGo(before);
    this.#said.set(name, { message, payload });
    this.#lastsUntil = Math.min(this.#lastsUntil, lastsUntil(message));
    this.#onSaid(message, name);
  }

  get size(): number {
    return this.#said.size;
  }

  get(name: ValueKey): Saying | undefined {
    return this.#said.get(name);
  }

  /** Sends something remembered to more nodes. */
  repeat(to: readonly string[], name: ValueKey): void {
    const said = this.#said.get(name);
    if (said !== undefined) this.#context.send(to, said.message, said.payload);
  }

  /** The sums of this step for a bucket, at or below a place where one is given. */
  sums(bucket: number, within?: MessageOf<'sum'> | SumName): Saying[] {
    return [...this.#said.values()].filter(({ message }) => {
      if (message.kind !== 'sum' || message.bucket !== bucket) return false;
      if (message.step !== (within?.step ?? this.#context.step)) return false;
      if (within === undefined) return true;
      return message.language === within.language && contains(within, message);
    });
  }

  /** Forgets the sums for a bucket, whose payloads now belong to the caller. */
  takeSums(bucket: number): Saying[] {
    const taken = this.sums(bucket);
    for (const { message } of taken) this.#said.delete(nameOf(message));
    return taken;
  }

  /** Forgets what was said about steps before `step`, which nobody who counts is at any more. */
  forgetBefore(step: number): void {
    if (this.#lastsUntil >= step) return;
    this.#lastsUntil = Number.POSITIVE_INFINITY;
    for (const [name, saying] of this.#said) {
      const until = lastsUntil(saying.message);
      if (until >= step) {
        this.#lastsUntil = Math.min(this.#lastsUntil, until);
        continue;
      }
      this.#said.delete(name);
      this.#letGo(saying);
    }
  }

  /** Forgets everything; the payloads are dropped by whoever asks for this. */
  clear(): void {
    this.#said.clear();
  }

  #letGo({ message, payload }: Saying): void {
    const owned = message.kind === 'sum' || message.kind === 'direction';
    if (owned && payload !== null) this.#context.drop([payload]);
  }
}

/** The last step of whoever may still ask for it. */
function lastsUntil({ kind, step }: Claim): number {
  if (kind === 'direction') return step + DIRECTION_STEPS;
  return kind === 'update' ? step + 1 : step;
}

export interface SumName {
  readonly step: number;
  readonly language: number;
  readonly level: number;
  readonly index: number;
  readonly bucket: number;
}
