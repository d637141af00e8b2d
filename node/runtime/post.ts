/** The post: messages of the actor on the network, where what a node claims goes out signed. */
import { forgedIn, openHeader, type Seal, seal, withoutInputs } from '../../protocol/claims.ts';
import { type Message, MessageError, type MessageOf } from '../../protocol/messages.ts';
import { keyOf } from '../../protocol/values.ts';
import { versionOf } from '../../protocol/versions.ts';
import type { Network } from '../net/index.ts';

/** The network as a node needs it. */
export type NodeNetwork = Pick<Network, 'send' | 'onFrame' | 'onPeer' | 'disconnect'>;

/** What came, as the actor is told of it but for its payload. */
export interface Letter {
  readonly from: string;
  readonly message: Message;
  readonly signature: Uint8Array | null;
}

export class Post {
  readonly #network: NodeNetwork;
  readonly #runId: string;
  readonly #seal: Seal;
  /** Questions to each peer that it may still answer. */
  readonly #asked = new Map<string, number>();

  constructor(network: NodeNetwork, runId: string, own: Seal) {
    this.#network = network;
    this.#runId = runId;
    this.#seal = own;
  }

  /** Sends a message, signed once for all of them where it is a claim. */
  send(to: readonly string[], message: Message, payload?: Uint8Array): void {
    const said = message.kind === 'inputs' ? this.#provable(message) : message;
    const header = seal(this.#runId, said, this.#seal);
    if (message.kind === 'question') {
      for (const peer of to) this.#asked.set(peer, (this.#asked.get(peer) ?? 0) + 1);
    }
    const channel = payload === undefined ? 'control' : 'bulk';
    const version = versionOf(message);
    for (const peer of to) this.#network.send(peer, header, payload, channel, version);
  }

  /** Whoever did not sign what it said is cut off, and what was made from it proves nothing. */
  #provable(message: MessageOf<'inputs'>): MessageOf<'inputs'> {
    const forged = forgedIn(this.#runId, message, this.#seal);
    if (forged === undefined) return message;
    const reason = `${keyOf(forged.value)}: the signature that came with it is not the sender's`;
    this.#network.disconnect(forged.from, reason);
    return withoutInputs(message);
  }

  /** Whether an answer was asked for: its signatures take time to check. */
  #isDue(from: string): boolean {
    const questions = this.#asked.get(from) ?? 0;
    if (questions > 1) this.#asked.set(from, questions - 1);
    else this.#asked.delete(from);
    return questions > 0;
  }

  /** What is no message, or lists what was not signed, throws MessageError to the network. */
  onLetter(handler: (letter: Letter, payload: Uint8Array | undefined) => void): void {
    this.#network.onFrame((from, header, payload) => {
      const opened = openHeader(header);
      const { message } = opened;
      if (message.kind === 'inputs') {
        if (!this.#isDue(from)) return;
        const forged = forgedIn(this.#runId, message, this.#seal);
        if (forged !== undefined) {
          const name = keyOf(forged.value);
          throw new MessageError(`message "inputs": ${name} was not signed by ${forged.from}`);
        }
      }
      handler({ from, ...opened }, payload);
    });
  }
}
