/** What the network says of peers as they come and go: their names, and why they went. */
import type { PeerEvent, PeerInfo } from '../../net/index.ts';
import type { NodeNetwork } from '../../runtime/index.ts';

/** Peers remembered; the first to be heard of are forgotten first. */
const KNOWN_MAX = 4_096;

export class PeerLog {
  readonly #names = new Map<string, string>();
  readonly #ends = new Map<string, string>();

  /** `self` and `others` are known from the start. */
  constructor(self: Pick<PeerInfo, 'peerId' | 'name'>, others: readonly PeerInfo[]) {
    for (const { peerId, name } of [self, ...others]) this.#names.set(peerId, name);
  }

  /** By peer id. */
  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** Why the last connection with a peer ended; undefined while there is one. */
  endOf(peerId: string): string | undefined {
    return this.#ends.get(peerId);
  }

  /** The same network; what its events say is remembered before they are told. */
  watch(network: NodeNetwork): NodeNetwork {
    return {
      ...network,
      onPeer: (handler) => {
        network.onPeer((event) => {
          this.#note(event);
          handler(event);
        });
      },
    };
  }

  #note(event: PeerEvent): void {
    const { peerId, name } = event.peer;
    this.#names.set(peerId, name);
    if (event.kind === 'up') this.#ends.delete(peerId);
    else this.#ends.set(peerId, event.reason);
    const [oldest] = this.#names.keys();
    if (this.#names.size <= KNOWN_MAX || oldest === undefined) return;
    this.#names.delete(oldest);
    this.#ends.delete(oldest);
  }
}
