/** What the network says of peers as they come and go: their names, and why they went. */
import { z } from 'zod';
import type { PeerEvent, PeerInfo } from '../../net/index.ts';
import type { NodeNetwork } from '../../runtime/index.ts';

/** A node's word of itself that names an end before the last step. */
const endingSchema = z.object({ standing: z.object({ stopAt: z.number().int() }) });

/** Peers remembered; the first to be heard of are forgotten first. */
const KNOWN_MAX = 4_096;

export class PeerLog {
  readonly #names = new Map<string, string>();
  readonly #ends = new Map<string, string>();
  #ending: { readonly by: string; readonly step: number } | null = null;

  /** `self` and `others` are known from the start. */
  constructor(self: Pick<PeerInfo, 'peerId' | 'name'>, others: readonly PeerInfo[]) {
    for (const { peerId, name } of [self, ...others]) this.#names.set(peerId, name);
  }

  /** By peer id. */
  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** Its id where the name is not known. */
  nameOf(peerId: string): string {
    return this.#names.get(peerId) ?? peerId;
  }

  /** Why the last connection with a peer ended; undefined while there is one. */
  endOf(peerId: string): string | undefined {
    return this.#ends.get(peerId);
  }

  /** The peer from whom it was first heard that the run ends before its last step, and where. */
  get ending(): { readonly by: string; readonly step: number } | null {
    return this.#ending;
  }

  /** The same network; what its events say is remembered before they are told. */
  watch(network: NodeNetwork): NodeNetwork {
    return {
      ...network,
      onFrame: (handler) => {
        network.onFrame((from, header, payload) => {
          this.#heard(from, header);
          handler(from, header, payload);
        });
      },
      onPeer: (handler) => {
        network.onPeer((event) => {
          this.#note(event);
          handler(event);
        });
      },
    };
  }

  #heard(from: string, header: unknown): void {
    const isDigest = (header as { kind?: unknown } | null)?.kind === 'digest';
    if (!isDigest || this.#ending !== null) return;
    const { data } = endingSchema.safeParse(header);
    if (data !== undefined) this.#ending = { by: from, step: data.standing.stopAt };
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
