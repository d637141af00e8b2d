/** Counts the bytes of frames, in total and by peer, also of peers that are gone. */
import type { ByteCounts } from './types.ts';

/** Peers told apart; of those beyond it only the total is known. */
const PEERS_MAX = 4096;

export class ByteCounter {
  #sent = 0;
  #received = 0;
  readonly #perPeer = new Map<string, { sent: number; received: number }>();

  add(peerId: string, direction: 'sent' | 'received', bytes: number): void {
    if (direction === 'sent') this.#sent += bytes;
    else this.#received += bytes;
    let counts = this.#perPeer.get(peerId);
    if (counts === undefined) {
      if (this.#perPeer.size >= PEERS_MAX) return;
      counts = { sent: 0, received: 0 };
      this.#perPeer.set(peerId, counts);
    }
    counts[direction] += bytes;
  }

  totals(): ByteCounts & { readonly perPeer: Readonly<Record<string, ByteCounts>> } {
    const perPeer = [...this.#perPeer].map(([id, counts]) => [id, { ...counts }] as const);
    return { sent: this.#sent, received: this.#received, perPeer: Object.fromEntries(perPeer) };
  }
}
