/** The post: messages of the actor on the network, where what a node claims goes out signed. */
import { checkSignatures, openHeader, type Seal, seal } from '../../protocol/claims.ts';
import type { Message } from '../../protocol/messages.ts';
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
    const header = seal(this.#runId, message, this.#seal);
    if (message.kind === 'question') {
      for (const peer of to) this.#asked.set(peer, (this.#asked.get(peer) ?? 0) + 1);
    }
    const channel = payload === undefined ? 'control' : 'bulk';
    for (const peer of to) this.#network.send(peer, header, payload, channel);
  }

  /** Whether an answer was asked for: its signatures take time to check. */
  #isDue(from: string): boolean {
    const questions = this.#asked.get(from) ?? 0;
    if (questions > 1) this.#asked.set(from, questions - 1);
    else this.#asked.delete(from);
    return questions > 0;
  }

  /** What is no message, or is signed by somebody else, throws MessageError to the network. */
  onLetter(handler: (letter: Letter, payload: Uint8Array | undefined) => void): void {
    this.#network.onFrame((from, header, payload) => {
      const opened = openHeader(header);
      if (opened.message.kind === 'inputs' && !this.#isDue(from)) return;
      checkSignatures(this.#runId, from, opened, this.#seal);
      handler({ from, ...opened }, payload);
    });
  }
}
