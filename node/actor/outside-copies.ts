/**
 * Copies of buckets that this node does not hold, for its checkpoint: all holders of a bucket may
 * be lost together with their disks, and then the run goes on from the disk of somebody else.
 */
import { assert } from '../../protocol/assert.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import { type Ask, askable, askFor } from './fill.ts';
import type { Holdings } from './holdings.ts';
import type { PayloadRef } from './types.ts';
import { HEARTBEAT_MS } from './view.ts';

/** Copies that are asked for at once, so that the work of the step goes on beside. */
const ASKED_MAX = 4;
/** Holders keep the values of the step before the one that they stand at, and none from before. */
const STEPS_MAX = 1;
/** Where a step takes very long the rest is written meanwhile. */
const WAIT_MAX_MS = 30_000;

export interface OutsidePorts {
  /** Whether a bucket is being taken on: then it comes by itself, or is one's own to write. */
  fills(bucket: number): boolean;
}

interface Copy {
  /** When it was last asked for; null before. */
  askedMs: number | null;
  asked: number;
  /** Who brought the value that is being checked. */
  from: string | null;
}

export class OutsideCopies {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #ports: OutsidePorts;
  #step = 0;
  #sinceMs = 0;
  /** Copies that are still to come, by bucket. */
  readonly #lacking = new Map<number, Copy>();
  /** Buckets whose copy is here. */
  readonly #here = new Set<number>();

  constructor(context: Context, holdings: Holdings, ports: OutsidePorts) {
    this.#context = context;
    this.#holdings = holdings;
    this.#ports = ports;
  }

  /** Gathers copies of this node's step, of the buckets that it is the outsider of. */
  begin(): void {
    const { step, self, nowMs, buckets } = this.#context;
    assert(this.isOver && this.#here.size === 0, 'copies of one step at a time');
    this.#step = step;
    this.#sinceMs = nowMs;
    const { outsiders } = this.#context.placement(step);
    for (const bucket of buckets) {
      if (outsiders[bucket] !== self) continue;
      if (this.#holdings.held.has(bucket) || this.#ports.fills(bucket)) continue;
      this.#lacking.set(bucket, { askedMs: null, asked: 0, from: null });
    }
  }

  /** Nothing more is waited for. */
  get isOver(): boolean {
    return this.#lacking.size === 0;
  }

  /** The buckets of which copies are here. What was still to come is of no use any more. */
  end(): readonly number[] {
    const here = [...this.#here];
    this.#here.clear();
    this.#lacking.clear();
    return here;
  }

  /** Asks for what is missing; gives up what holders no longer have, or do not send. */
  tend(): void {
    const { step, nowMs } = this.#context;
    if (step > this.#step + STEPS_MAX || nowMs - this.#sinceMs > WAIT_MAX_MS) {
      this.#lacking.clear();
      return;
    }
    const stood = this.#context.stoodAt(this.#step);
    if (stood === undefined) return;
    const asks: Ask[] = [];
    let under = 0;
    for (const [bucket, copy] of this.#lacking) {
      if (this.#ports.fills(bucket)) {
        this.#lacking.delete(bucket);
        continue;
      }
      const isAsked = copy.askedMs !== null && nowMs - copy.askedMs < 2 * HEARTBEAT_MS;
      if (under >= ASKED_MAX) break;
      under++;
      if (isAsked || copy.from !== null) continue;
      const from = this.#nextHolder(bucket, copy);
      if (from === undefined) continue;
      copy.askedMs = nowMs;
      const names = [{ kind: 'whole', step: this.#step, bucket } as const];
      asks.push({ from, step: this.#step, root: stood.root, names });
    }
    askFor(this.#context, asks);
  }

  #nextHolder(bucket: number, copy: Copy): string | undefined {
    const holders = askable(this.#context, this.#holdings.holders(bucket), this.#step);
    return holders[copy.asked++ % Math.max(1, holders.length)];
  }

  /** A whole value came; whether it was one that is waited for here. */
  whole(from: string, { step, bucket, root }: MessageOf<'whole'>, payload: PayloadRef): boolean {
    const copy = this.#lacking.get(bucket);
    const stood = this.#context.stoodAt(step);
    if (copy === undefined || step !== this.#step || copy.from !== null) return false;
    if (stood?.root !== root || this.#ports.fills(bucket)) return false;
    copy.from = from;
    this.#context.emit({ kind: 'take', step, bucket, payload, hashes: stood.values[bucket]! });
    return true;
  }

  /** A whole value was checked. */
  taken(step: number, bucket: number, ok: boolean): void {
    const copy = this.#lacking.get(bucket);
    if (copy === undefined || step !== this.#step || copy.from === null) return;
    if (ok) {
      this.#lacking.delete(bucket);
      this.#here.add(bucket);
      return;
    }
    const reason = `value(${step}, ${bucket}) is not the one that its hashes tell of`;
    this.#context.emit({ kind: 'disconnect', peer: copy.from, reason });
    copy.from = null;
    copy.askedMs = null;
  }
}
