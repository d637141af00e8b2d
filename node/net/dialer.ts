/**
 * Keeps dialling: addresses that the user gave until they are up, peers that others named or that
 * were lost with growing pauses. Says for whom it waits, first after five seconds, then ever rarer.
 */
import type { Multiaddr } from '@multiformats/multiaddr';
import type { IsoglossError } from '../../protocol/errors.ts';
import {
  CONFIGURED_PAUSE_MAX_MS,
  KNOWN_PAUSE_MAX_MS,
  labelOf,
  pauseAfter,
  REFUSED_PAUSE_MS,
} from '../admission/index.ts';
import { peerIdOf } from './addresses.ts';
import type { NetworkLog } from './types.ts';

/** A peer that others named is given up after so many attempts; it may dial us. */
const KNOWN_ATTEMPTS_MAX = 12;
/** A connection that did not come up by then is dialled again. */
const SETTLE_MS = 20_000;
const WAITING_SAID_EVERY_MS = 5_000;
const WAITING_SAID_PAUSE_MAX_MS = 3_600_000;

interface Target {
  readonly key: string;
  readonly isConfigured: boolean;
  addresses: readonly Multiaddr[];
  peerId: string | undefined;
  attempts: number;
  reason: string;
  timer: NodeJS.Timeout | undefined;
  /** Since when it is waited for, and when that is said next. */
  addedMs: number;
  sayAtMs: number;
}

export interface DialerPorts {
  /** Connects and gives the peer id. */
  readonly dial: (addresses: readonly Multiaddr[]) => Promise<string>;
  readonly explain: (addresses: readonly string[], cause: unknown) => IsoglossError;
  readonly isUp: (peerId: string) => boolean;
  readonly localPeerId: string;
  /** An attempt failed in a way that trying again does not mend. */
  readonly onFailure: (
    error: IsoglossError,
    configured: string | null,
    peerId: string | null,
  ) => void;
  readonly log: NetworkLog;
}

export class Dialer {
  readonly #ports: DialerPorts;
  readonly #targets = new Map<string, Target>();
  readonly #startedMs = performance.now();
  #waitingTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(ports: DialerPorts) {
    this.#ports = ports;
  }

  /** Dials an address of the user's until it is up, for ever. */
  addConfigured(address: Multiaddr): void {
    this.#add(address.toString(), [address], peerIdOf(address), true, 0);
  }

  /** Dials a peer unless it is up by then; `pauseMs` lets the other side be first. */
  addKnown(peerId: string, addresses: readonly Multiaddr[], pauseMs: number): void {
    if (addresses.length > 0) this.#add(peerId, addresses, peerId, false, pauseMs);
  }

  /** The address of the user's that led to a peer, if one did. */
  configuredOf(peerId: string): string | null {
    const targets = [...this.#targets.values()];
    return targets.find((each) => each.isConfigured && each.peerId === peerId)?.key ?? null;
  }

  up(peerId: string): void {
    for (const target of this.#targetsOf(peerId)) {
      target.attempts = 0;
      clearTimeout(target.timer);
      if (!target.isConfigured) this.#targets.delete(target.key);
    }
  }

  /** A peer that was up is not, or one was refused. Only configured addresses are dialled on. */
  down(peerId: string, end: 'left' | 'refused' | 'lost'): void {
    for (const target of this.#targetsOf(peerId)) {
      target.addedMs = performance.now();
      target.sayAtMs = 0;
      if (target.isConfigured) {
        target.reason = end;
        this.#schedule(target, end === 'refused' ? REFUSED_PAUSE_MS : this.#pauseOf(target));
      } else if (end !== 'lost') this.#forget(target);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#waitingTimer);
    for (const target of [...this.#targets.values()]) this.#forget(target);
  }

  #targetsOf(peerId: string): Target[] {
    return [...this.#targets.values()].filter((target) => target.peerId === peerId);
  }

  #forget(target: Target): void {
    clearTimeout(target.timer);
    this.#targets.delete(target.key);
  }

  #add(
    key: string,
    addresses: readonly Multiaddr[],
    peerId: string | undefined,
    isConfigured: boolean,
    pauseMs: number,
  ): void {
    if (this.#isClosed || this.#targets.has(key)) return;
    const target: Target = {
      key,
      isConfigured,
      addresses,
      peerId,
      attempts: 0,
      reason: 'not tried yet',
      timer: undefined,
      addedMs: performance.now(),
      sayAtMs: 0,
    };
    this.#targets.set(key, target);
    this.#waitingTimer ??= setInterval(() => this.#sayWaiting(), WAITING_SAID_EVERY_MS);
    this.#schedule(target, pauseMs);
  }

  #schedule(target: Target, pauseMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(target.timer);
    target.timer = setTimeout(() => void this.#attempt(target), pauseMs);
  }

  async #attempt(target: Target): Promise<void> {
    if (target.peerId !== undefined && this.#ports.isUp(target.peerId))
      return this.up(target.peerId);
    target.attempts++;
    try {
      target.peerId = await this.#ports.dial(target.addresses);
      if (target.peerId === this.#ports.localPeerId) return this.#forget(target);
      target.reason = 'connected, no hello yet';
      if (this.#ports.isUp(target.peerId)) this.up(target.peerId);
      else if (this.#targets.has(target.key)) this.#schedule(target, SETTLE_MS);
    } catch (cause) {
      this.#failed(target, cause);
    }
  }

  #failed(target: Target, cause: unknown): void {
    if (this.#isClosed || !this.#targets.has(target.key)) return;
    if (/dial self/i.test((cause as Error).message)) {
      this.#ports.log.info(`${target.key} is this node itself`);
      this.#forget(target);
      return;
    }
    const error = this.#ports.explain(target.addresses.map(String), cause);
    target.reason = error.message;
    if (error.name === 'NetworkKeyError') {
      const configured = target.isConfigured ? target.key : null;
      this.#ports.onFailure(error, configured, target.peerId ?? null);
    }
    if (!target.isConfigured && target.attempts >= KNOWN_ATTEMPTS_MAX) this.#forget(target);
    else this.#schedule(target, this.#pauseOf(target));
  }

  #pauseOf({ attempts, isConfigured }: Target): number {
    return pauseAfter(attempts, isConfigured ? CONFIGURED_PAUSE_MAX_MS : KNOWN_PAUSE_MAX_MS);
  }

  #sayWaiting(): void {
    const nowMs = performance.now();
    const seconds = Math.round((nowMs - this.#startedMs) / 1000);
    for (const target of this.#targets.values()) {
      const { key, peerId, reason, isConfigured } = target;
      if (peerId !== undefined && this.#ports.isUp(peerId)) continue;
      if (nowMs < target.sayAtMs) continue;
      // Each word twice as long after the last, so that a node that is gone for good grows quiet.
      target.sayAtMs = nowMs + Math.min(nowMs - target.addedMs, WAITING_SAID_PAUSE_MAX_MS);
      const who = isConfigured ? key : labelOf(key);
      this.#ports.log.warn(`waiting for ${who} (${seconds} s since the start): ${reason}`);
    }
  }
}
