/**
 * Which nodes are connected: dialling with growing pauses, connections that break, that one end
 * believes up and the other does not, and pairs between which nothing passes for a while.
 */
import {
  CONFIGURED_PAUSE_MAX_MS,
  pauseAfter,
  REFUSED_PAUSE_MS,
} from '../../node/admission/index.ts';
import type { VirtualClock } from '../core/clock.ts';
import { type DrawKey, drawKey, drawShare } from '../core/draws.ts';
import { Connection, type Flight } from './connection.ts';

/** As node/net: a peer unheard for so long is gone. */
const SILENCE_MAX_MS = 60_000;
/** Nodes that start find each other within this. */
const DISCOVERY_MS = 50;
/** Round trips of the handshakes and both hellos, in one-way latencies. */
const HANDSHAKE_TRIPS = 6;

/** More links from one node than there ever are. */
const LINKS_MAX = 2 ** 16;

export interface ConnectionPorts {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly nodes: number;
  /** So many of them are there from the beginning; all others join. */
  readonly founders: number;
  /** One-way latency between two nodes without faults. */
  readonly latencyMs: (from: number, to: number) => number;
  /** What comes of a dial that got through; `failed` stands for a handshake that did. */
  readonly meet: (a: number, b: number) => 'admitted' | 'refused' | 'failed';
  /** The dial of one node got through to somebody who proved to be another than its peer. */
  readonly strangerAnswered: (node: number, peer: number) => void;
  readonly peerUp: (node: number, peer: number) => void;
  readonly peerDown: (node: number, peer: number) => void;
  /** Frames that will not arrive. */
  readonly lost: (flights: readonly Flight[]) => void;
  /** Something passes again between two nodes. */
  readonly passable: (from: number, to: number, connection: Connection) => void;
}

export class Connections {
  /** Connections that were given up because nothing was heard. */
  silences = 0;
  readonly #ports: ConnectionPorts;
  /** By the lower node, then by the higher. */
  readonly #pairs: (Connection | undefined)[][];
  readonly #alive: boolean[];
  /** Whoever has begun once; nothing dials those who are still to join. */
  readonly #known: boolean[];
  /** By directed link: how many faults block it, and since when. */
  readonly #blocks = new Map<number, { count: number; sinceMs: number }>();
  readonly #refusals = new Map<number, number>();
  /** By directed link: how many faults lead dials to somebody else. */
  readonly #misled = new Map<number, number>();
  readonly #key: DrawKey;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#alive = Array<boolean>(ports.nodes).fill(false);
    this.#known = [...this.#alive];
    this.#pairs = this.#alive.map(() => []);
    this.#key = drawKey(ports.seed, 'dial');
  }

  /** Draws are keyed by it: links of those who were first do not depend on who joins. */
  linkOf(from: number, to: number): number {
    const { founders } = this.#ports;
    if (from < founders && to < founders) return from * founders + to;
    return founders * founders + from * LINKS_MAX + to;
  }

  isAlive(node: number): boolean {
    return this.#alive[node]!;
  }

  of(a: number, b: number): Connection {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    const above = this.#pairs[low]!;
    let pair = above[high - low];
    if (pair === undefined) {
      pair = new Connection(low, high);
      above[high - low] = pair;
    }
    return pair;
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocks.size > 0 && (this.#blocks.get(this.linkOf(from, to))?.count ?? 0) > 0;
  }

  /** A process begins: it and the others dial each other. */
  start(node: number): void {
    this.#alive[node] = true;
    this.#known[node] = true;
    for (let peer = 0; peer < this.#alive.length; peer++) {
      if (peer === node || !this.#alive[peer]) continue;
      const pair = this.of(node, peer);
      pair.attempts = 0;
      this.#dialIn(pair, DISCOVERY_MS * this.#draw(pair));
    }
  }

  /** A process is gone. With `says` its peers hear the end of each stream, after what it sent. */
  stop(node: number, says: boolean): void {
    const { clock, latencyMs } = this.#ports;
    this.#alive[node] = false;
    for (let peer = 0; peer < this.#alive.length; peer++) {
      if (peer === node || !this.#alive[peer]) continue;
      const pair = this.of(node, peer);
      if (!pair.isUpAt(node) && !pair.isUpAt(peer)) continue;
      pair.setUp(node, false);
      pair.cut(node, clock.nowMs);
      const { epoch } = pair;
      const sent = Math.max(clock.nowMs, ...pair.lanesFrom(node).map((lane) => lane.lastArrivalMs));
      const atMs = says ? sent + latencyMs(node, peer) : clock.nowMs + SILENCE_MAX_MS;
      clock.at(atMs, () => {
        if (pair.epoch !== epoch || this.isBlocked(node, peer)) return;
        if (!says) this.silences++;
        this.close(pair);
      });
    }
  }

  /** Both ends lose the connection now; it is dialled again after a pause. */
  close(pair: Connection, pauseMs?: number): void {
    const { clock } = this.#ports;
    const { low, high } = pair;
    const lowUp = pair.lowUp && this.#alive[low];
    const highUp = pair.highUp && this.#alive[high];
    pair.lowUp = false;
    pair.highUp = false;
    this.#ports.lost(pair.renew(clock.nowMs));
    if (lowUp) this.#ports.peerDown(low, high);
    if (highUp) this.#ports.peerDown(high, low);
    if (this.#known[low] && this.#known[high]) this.#redial(pair, pauseMs);
  }

  /** One end refuses the other; it is not dialled for a while. */
  refuse(a: number, b: number): void {
    this.close(this.of(a, b), REFUSED_PAUSE_MS);
  }

  /** `to` loses the connection, `from` does not notice. */
  halfOpen(from: number, to: number): void {
    const pair = this.of(from, to);
    if (!pair.isUpAt(from) || !pair.isUpAt(to)) return;
    pair.setUp(to, false);
    pair.cut(from, this.#ports.clock.nowMs);
    this.#ports.peerDown(to, from);
    this.#redial(pair);
  }

  /** Nothing passes from one node to another until as many calls of `unblock`. */
  block(from: number, to: number): void {
    const { clock } = this.#ports;
    const link = this.linkOf(from, to);
    const block = this.#blocks.get(link) ?? { count: 0, sinceMs: 0 };
    this.#blocks.set(link, block);
    if (block.count++ > 0) return;
    const sinceMs = clock.nowMs;
    block.sinceMs = sinceMs;
    if (!this.#known[from] || !this.#known[to]) return;
    clock.after(SILENCE_MAX_MS, () => {
      if (block.count === 0 || block.sinceMs !== sinceMs) return;
      const pair = this.of(from, to);
      if (!pair.lowUp && !pair.highUp) return;
      this.silences++;
      this.close(pair);
    });
  }

  unblock(from: number, to: number): void {
    const link = this.linkOf(from, to);
    const block = this.#blocks.get(link);
    if (block === undefined || --block.count > 0) return;
    this.#blocks.delete(link);
    block.count = 0;
    this.#ports.passable(from, to, this.of(from, to));
  }

  refuseDials(a: number, b: number, by: 1 | -1): void {
    const { low, high } = this.of(a, b);
    const id = this.linkOf(low, high);
    this.#refusals.set(id, (this.#refusals.get(id) ?? 0) + by);
  }

  /** Dials of one node to another lead to somebody else, until as many calls with −1. */
  misleadDials(from: number, to: number, by: 1 | -1): void {
    const link = this.linkOf(from, to);
    this.#misled.set(link, (this.#misled.get(link) ?? 0) + by);
  }

  #draw(pair: Connection): number {
    return drawShare(this.#key, pair.low, pair.high, pair.dials);
  }

  #redial(pair: Connection, pauseMs?: number): void {
    const pause = pauseMs ?? pauseAfter(pair.attempts, CONFIGURED_PAUSE_MAX_MS);
    this.#dialIn(pair, pause * (0.5 + this.#draw(pair)));
  }

  #dialIn(pair: Connection, delayMs: number): void {
    const { clock, latencyMs } = this.#ports;
    const dial = ++pair.dials;
    clock.after(delayMs + HANDSHAKE_TRIPS * latencyMs(pair.low, pair.high), () => {
      if (dial === pair.dials) this.#dialled(pair);
    });
  }

  /** The end of an attempt. */
  #dialled(pair: Connection): void {
    const { low, high } = pair;
    if ((pair.lowUp && pair.highUp) || !this.#alive[low] || !this.#alive[high]) return;
    const refused = (this.#refusals.get(this.linkOf(low, high)) ?? 0) > 0;
    if (refused || this.isBlocked(low, high) || this.isBlocked(high, low)) {
      pair.attempts++;
      this.#redial(pair);
      return;
    }
    if (this.#isTurnedAway(pair)) return;
    // A newer connection takes the place of one that only one end believed in.
    const stale = [low, high].filter((end) => pair.isUpAt(end));
    pair.lowUp = false;
    pair.highUp = false;
    this.#ports.lost(pair.renew(this.#ports.clock.nowMs));
    for (const end of stale) this.#ports.peerDown(end, pair.other(end));
    pair.attempts = 0;
    pair.lowUp = true;
    pair.highUp = true;
    const { epoch } = pair;
    this.#ports.peerUp(low, high);
    if (pair.epoch === epoch && pair.highUp) this.#ports.peerUp(high, low);
  }

  /** Whether somebody answers with whom this end does not go on, or who does not with it. */
  #isTurnedAway(pair: Connection): boolean {
    const { low, high } = pair;
    // Both ends dial, by turns where neither gets through.
    const [by, to] = pair.attempts % 2 === 0 ? [low, high] : [high, low];
    if (this.#misled.size > 0 && (this.#misled.get(this.linkOf(by, to)) ?? 0) > 0) {
      this.#ports.strangerAnswered(by, to);
      pair.attempts++;
      this.#redial(pair);
      return true;
    }
    const outcome = this.#ports.meet(low, high);
    if (outcome === 'admitted') return false;
    pair.attempts++;
    this.#redial(pair, outcome === 'refused' ? REFUSED_PAUSE_MS : undefined);
    return true;
  }
}
