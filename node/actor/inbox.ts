/**
 * The inbox: takes values from peers, checks that they can be meant, keeps those that are a step
 * early until this node stands there, and lets in only what carries this node's own root.
 */
import { assert } from '../../protocol/assert.ts';
import { type Claim, nameOf } from '../../protocol/claims.ts';
import type { Hash } from '../../protocol/hashes.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { faultOf } from './faults.ts';
import type { PayloadRef } from './types.ts';

/** A value that somebody sent. */
export interface Received {
  readonly from: string;
  readonly message: Claim;
  readonly signature: Uint8Array;
  /** Where its payload is or will be; null without one. */
  readonly key: ValueKey | null;
  /** Its payload is filed, or it has none. */
  ready: boolean;
}

/** A claim, and who made and signed it. */
export type Signed = Pick<Received, 'from' | 'message' | 'signature'>;

/** What the actor does with a value that may be used now. */
export interface Receiver {
  /** Whether this node knows yet what it is to do; until then what comes is kept. */
  readonly isSettled: boolean;
  /** Whether a value of this kind and bucket can be of use here, now or a step later. */
  concerns(message: Claim): boolean;
  /** Whether this node still lacks the value, at the step that it stands at. */
  lacks(message: Claim): boolean;
  /** The payload belongs to the receiver. */
  take(received: Received): void;
}

export class Inbox {
  readonly #context: Context;
  readonly #receiver: Receiver;
  /** By name. Bounded: only names of this step and the next that this node can use get in. */
  readonly #received = new Map<ValueKey, Received>();
  /** By the key of a payload that is being filed: the value's name. */
  readonly #filing = new Map<ValueKey, ValueKey>();

  constructor(context: Context, receiver: Receiver) {
    this.#context = context;
    this.#receiver = receiver;
  }

  get size(): number {
    return this.#received.size;
  }

  /** A value arrived. What makes no sense in this run costs the peer its streams. */
  receive({ from, message, signature }: Signed, payload: PayloadRef | null): void {
    const fault = faultOf(this.#context, message, payload !== null);
    if (fault !== null) {
      const reason = `${message.kind} of step ${message.step}, bucket ${message.bucket}: ${fault}`;
      this.#context.emit({ kind: 'disconnect', peer: from, reason });
      return;
    }
    const { step } = this.#context;
    if (message.step !== step && message.step !== step + 1) return;
    const name = nameOf(message);
    if (this.#received.has(name) || !this.#receiver.concerns(message)) return;
    if (message.step === step && this.#receiver.isSettled) {
      if (message.root !== this.#context.root || !this.#receiver.lacks(message)) return;
    }
    const key = payload === null ? null : this.#file(name, message, payload);
    const received: Received = { from, message, signature, key, ready: payload === null };
    this.#received.set(name, received);
    this.#offer(name, received);
  }

  #file(name: ValueKey, message: Claim, payload: PayloadRef): ValueKey {
    const { bucket } = message;
    const hash = hashOfPayload(message);
    assert(hash !== null, `a ${message.kind} with a payload has its hash`);
    const key = `${name} from #${this.#context.nextNumber()}`;
    this.#filing.set(key, name);
    this.#context.emit({ kind: 'file', key, payload, hash, bucket });
    return key;
  }

  /** A payload is filed, or was refused because its bytes are not those that were announced. */
  filed(key: ValueKey, ok: boolean): void {
    const name = this.#filing.get(key);
    this.#filing.delete(key);
    const received = name === undefined ? undefined : this.#received.get(name);
    if (name === undefined || received?.key !== key) {
      if (ok) this.#context.drop([key]);
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
      const { step } = received.message;
      if (step < this.#context.step || step > this.#context.step + 1) this.#discard(name, received);
      else this.#offer(name, received);
    }
  }

  /** Forgets everything; payloads that are still being filed are dropped as they come. */
  reset(): void {
    this.#received.clear();
  }

  #offer(name: ValueKey, received: Received): void {
    const { message, ready } = received;
    if (!ready || !this.#received.has(name) || message.step !== this.#context.step) return;
    if (!this.#receiver.isSettled) return;
    if (message.root !== this.#context.root || !this.#receiver.lacks(message)) {
      this.#discard(name, received);
      return;
    }
    this.#received.delete(name);
    this.#receiver.take(received);
  }

  #discard(name: ValueKey, { key, ready }: Received): void {
    this.#received.delete(name);
    if (ready && key !== null) this.#context.drop([key]);
  }
}

/** The hash that a message announces its payload with. */
function hashOfPayload(message: Claim): Hash | null {
  if (message.kind === 'update') return message.published;
  return message.kind === 'sum' || message.kind === 'direction' ? message.hash : null;
}
