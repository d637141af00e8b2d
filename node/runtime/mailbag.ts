/**
 * Many messages between two threads as one: each message on its own costs some fifty microseconds
 * of both, and a step is thousands of them.
 */

/** What is posted: messages in order. */
export type Bag<Message> = readonly Message[];

/** Where a bag is posted, as a port or a worker takes it. */
export interface Postable {
  postMessage(bag: unknown, transfer: readonly ArrayBuffer[]): void;
}

export class Mailbag<Message> {
  readonly #port: Postable;
  #messages: Message[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(port: Postable) {
    this.#port = port;
  }

  get size(): number {
    return this.#messages.length;
  }

  /** Puts a message into the bag, with what is transferred with it; whether it is the first. */
  put(message: Message, transfer: readonly ArrayBuffer[] = []): boolean {
    this.#transfer.push(...transfer);
    return this.#messages.push(message) === 1;
  }

  /** Sends the bag off, unless it is empty. */
  post(): void {
    if (this.#messages.length === 0) return;
    const [messages, transfer] = [this.#messages, this.#transfer];
    this.#messages = [];
    this.#transfer = [];
    this.#port.postMessage(messages, transfer);
  }
}
