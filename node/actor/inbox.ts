/**
 * The inbox: takes values from peers, checks that they can be meant, keeps those that are a step
 * early until this node stands there, and lets in only what carries this node's own root.
 */
import { assert } from '../../protocol/assert.ts';
import { type Message, type MessageOf, unpackTriangle } from '../../protocol/messages.ts';
import { isCanonical } from '../../protocol/tree.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { nameOf, type Said } from './outbox.ts';
import type { PayloadRef } from './types.ts';

interface Received {
  readonly from: string;
  readonly message: Said;
  /** Its payload is filed, or it has none. */
  ready: boolean;
}

/** What the actor does with a value that may be used now. */
export interface Receiver {
  /** Whether this node still lacks the value, at the step that it stands at. */
  lacks(message: Said): boolean;
  take(message: Said): void;
}

export class Inbox {
  readonly #context: Context;
  readonly #receiver: Receiver;
  /** By name. Bounded: only names of this step and the next that this node can use get in. */
  readonly #received = new Map<ValueKey, Received>();

  constructor(context: Context, receiver: Receiver) {
    this.#context = context;
    this.#receiver = receiver;
  }

  /** A value arrived. What makes no sense in this run costs the peer its streams. */
  receive(from: string, message: Said, payload: PayloadRef | null): void {
    const fault = this.#faultOf(message, payload);
    if (fault !== null) {
      const reason = `${message.kind} of step ${message.step}, bucket ${message.bucket}: ${fault}`;
      this.#context.emit({ kind: 'disconnect', peer: from, reason });
      return;
    }
    const { step } = this.#context;
    if (message.step !== step && message.step !== step + 1) return;
    const name = nameOf(message);
    if (this.#received.has(name) || !this.#concerns(message)) return;
    if (this.#context.started && message.step === step) {
      if (!this.#receiver.lacks(message) || message.root !== this.#context.root) return;
    }
    const received: Received = { from, message, ready: payload === null };
    this.#received.set(name, received);
    if (payload !== null) this.#file(name, message, payload);
    else this.#offer(name, received);
  }

  #file(key: ValueKey, message: Said, payload: PayloadRef): void {
    const { kind, bucket } = message;
    assert(kind === 'sum' || kind === 'update', `a ${kind} has no payload`);
    const hash = kind === 'sum' ? message.hash! : message.published;
    const published = kind === 'update';
    this.#context.emit({ kind: 'file', key, payload, hash, bucket, published });
  }

  /** A payload is filed, or was refused because its bytes are not those that were announced. */
  filed(name: ValueKey, ok: boolean): void {
    const received = this.#received.get(name);
    if (received === undefined) {
      this.#context.drop([name]);
      return;
    }
    if (!ok) {
      this.#received.delete(name);
      const reason = `the payload of ${name} does not have the hash that it was announced with`;
      this.#context.emit({ kind: 'disconnect', peer: received.from, reason });
      return;
    }
    received.ready = true;
    this.#offer(name, received);
  }

  /** This node stands at a new step: what came early is used now, if it descends from its root. */
  stand(): void {
    for (const [name, received] of [...this.#received]) {
      // Using a value can carry this node on to the next step, and with it through this very loop.
      if (!this.#received.has(name)) continue;
      if (received.message.step < this.#context.step) this.#discard(name, received);
      else this.#offer(name, received);
    }
  }

  #offer(name: ValueKey, received: Received): void {
    const { message, ready } = received;
    if (!ready || !this.#context.started || !this.#received.has(name)) return;
    if (message.step !== this.#context.step) return;
    if (message.root !== this.#context.root || !this.#receiver.lacks(message)) {
      this.#discard(name, received);
      return;
    }
    this.#received.delete(name);
    this.#receiver.take(message);
  }

  #discard(name: ValueKey, { message, ready }: Received): void {
    this.#received.delete(name);
    if (ready && (message.kind === 'sum' || message.kind === 'update')) this.#context.drop([name]);
  }

  /** Whether the value is for this node at all. */
  #concerns(message: Said): boolean {
    const { bucket } = message;
    const owns = this.#context.owns(bucket);
    switch (message.kind) {
      case 'sum':
        return owns;
      case 'gram':
        return (
          !owns &&
          this.#context.groups[this.#context.groupOf[bucket]!]!.some((b) => this.#context.owns(b))
        );
      case 'norm':
        return !owns && this.#context.options.clips;
      case 'update':
        return !owns;
    }
  }

  /** Why no honest node of this run can have said this; null when one can. */
  #faultOf(message: Message & Said, payload: PayloadRef | null): string | null {
    const { languages, steps } = this.#context.options;
    if (message.bucket >= this.#context.bucketCount) return 'there is no such bucket';
    if (message.step >= steps) return 'there is no such step';
    switch (message.kind) {
      case 'sum':
        return this.#faultOfSum(message, payload);
      case 'gram':
      case 'norm': {
        if (payload !== null) return `a ${message.kind} has no payload`;
        return message.kind === 'gram' ? faultOfVectors(message, languages.length) : null;
      }
      case 'update': {
        if ((message.outcome === 'tensor') !== (payload !== null))
          return 'payload and outcome differ';
        const { resolution } = message;
        if (resolution === null) return null;
        if (resolution.weights.length !== 8 * languages.length)
          return 'one weight a language expected';
        return faultOfVectors(resolution, languages.length);
      }
    }
  }

  #faultOfSum(message: MessageOf<'sum'>, payload: PayloadRef | null): string | null {
    const units = this.#context.options.languages[message.language]?.unitsPerStep;
    if (units === undefined) return `there is no language ${message.language}`;
    if (!isCanonical(message, units)) return `there is no place ${message.level}:${message.index}`;
    const isTensor = message.outcome === 'tensor';
    if (isTensor !== (payload !== null) || isTensor !== (message.hash !== null)) {
      return 'payload and outcome differ';
    }
    return null;
  }
}

function faultOfVectors(
  { present, gram, losses }: Pick<MessageOf<'gram'>, 'present' | 'gram' | 'losses'>,
  m: number,
): string | null {
  const fits = present.length === m && losses.length === m && gram.length === 4 * m * (m + 1);
  if (!fits) return `vectors for ${m} languages expected`;
  if (present.some((one) => one > 1)) return 'present is 0 or 1';
  return isGramLike(gram, m) ? null : 'its Gram matrix has numbers that none can have';
}

/** Rows of f32 numbers never overflow in float64, so that every honest inner product is finite. */
function isGramLike(triangle: Uint8Array, m: number): boolean {
  const gram = unpackTriangle(triangle, m);
  return gram.every((one, place) => Number.isFinite(one) && (place % (m + 1) !== 0 || one >= 0));
}
