/**
 * What this node has said about the steps that some member may still be working on, so that it can
 * answer a want. Bounded by two steps' worth of values, because nobody is further behind.
 */
import type { MessageOf } from '../../protocol/messages.ts';
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';

/** The messages that bring a value. */
export type Said = MessageOf<'sum'> | MessageOf<'gram'> | MessageOf<'norm'> | MessageOf<'update'>;

export class Outbox {
  readonly #context: Context;
  readonly #said = new Map<ValueKey, { message: Said; payload: ValueKey | null }>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Sends and remembers. A sum's payload is dropped together with the memory. */
  say(to: readonly string[], message: Said, payload: ValueKey | null): void {
    this.#said.set(nameOf(message), { message, payload });
    this.#context.send(to, message, payload);
  }

  /** Remembers somebody else's update, so that this node can pass it on. */
  remember(message: MessageOf<'update'>, payload: ValueKey | null): void {
    this.#said.set(nameOf(message), { message, payload });
  }

  /** Sends those of the wanted values that are here and descend from the asker's root. */
  answer(peer: string, { root, names }: MessageOf<'want'>): void {
    for (const name of names) {
      const said = this.#said.get(keyOf(name));
      if (said?.message.root === root) this.#context.send([peer], said.message, said.payload);
    }
  }

  /** Forgets what was said about steps before `step`, where everybody stands by now. */
  forgetBefore(step: number): void {
    for (const [name, { message, payload }] of this.#said) {
      if (message.step >= step) continue;
      this.#said.delete(name);
      if (message.kind === 'sum' && payload !== null) this.#context.drop([payload]);
    }
  }
}

/** The name of the value that a message brings. */
export function nameOf(message: Said): ValueKey {
  switch (message.kind) {
    case 'sum':
      return keyOf(message);
    case 'gram':
    case 'norm':
      return keyOf(message);
    case 'update':
      return keyOf({ kind: 'value', step: message.step + 1, bucket: message.bucket });
  }
}
