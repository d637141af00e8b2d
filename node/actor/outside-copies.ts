/**
 * Copies of buckets that this node does not hold, for its checkpoint: all holders of a bucket may
 * be lost together with their disks, and then the run goes on from the disk of somebody else.
 */
import { assert } from '../../protocol/assert.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import { type Ask, askable, askFor, waitMs } from './fill.ts';
import type { Holdings } from './holdings.ts';
import type { PayloadRef } from './types.ts';

/** Copies that are asked for at once, so that the work of the step goes on beside. */
const ASKED_MAX = 4;
/** Holders keep the values of the step before the one that they stand at, and none from before. */
const STEPS_MAX = 1;
/** Where a step takes very long the rest is written meanwhile. */
const WAIT_MAX_MS = 30_000;

export interface OutsidePorts {
  /** Whether a bucket is being taken on: then it comes by itself, or is one's own to write. */
  fills(bucket: number): boolean;
  /** How long a step takes, in milliseconds; 0 while none was measured. */
  stepMs(): number;
}

interface Copy {
  /** When it was last asked for; null before. */
  askedMs: number | null;
  /** Asks since then. */
  vain: number;
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
      this.#lacking.set(bucket, { askedMs: null, vain: 0, from: null });
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
    let asked = 0;
    for (const [bucket, copy] of this.#lacking) {
      if (asked >= ASKED_MAX) break;
      if (copy.from === null && this.#ports.fills(bucket)) {
        this.#lacking.delete(bucket);
        continue;
      }
      if (copy.from !== null || this.#isAsked(copy)) {
        asked++;
        continue;
      }
      const holders = askable(this.#context, this.#holdings.holders(bucket), this.#step);
      const from = holders[copy.vain % Math.max(1, holders.length)];
      if (from === undefined) continue;
      asked++;
      copy.vain++;
      copy.askedMs = nowMs;
      const names = [{ kind: 'whole', step: this.#step, bucket } as const];
      asks.push({ from, step: this.#step, root: stood.root, names });
    }
    askFor(this.#context, asks);
  }

  #isAsked(copy: Copy): boolean {
    if (copy.askedMs === null) return false;
    return this.#context.nowMs - copy.askedMs < waitMs(copy, this.#ports.stepMs());
  }

  /** A whole value came; whether it was one that is waited for here. */
  whole(from: string, { step, bucket, root }: MessageOf<'whole'>, payload: PayloadRef): boolean {
    const copy = this.#lacking.get(bucket);
    const stood = this.#context.stoodAt(step);
    if (copy === undefined || step !== this.#step) return false;
    // Another one is being checked, and what comes of that must be known to be of it.
    if (copy.from !== null) return true;
    if (stood?.root !== root || this.#ports.fills(bucket)) return false;
    copy.from = from;
    this.#context.emit({ kind: 'take', step, bucket, payload, hashes: stood.values[bucket]! });
    return true;
  }

  /** A whole value was checked; whether it was one of these. */
  taken(step: number, bucket: number, ok: boolean): boolean {
    const copy = this.#lacking.get(bucket);
    if (copy === undefined || step !== this.#step || copy.from === null) return false;
    if (ok) {
      this.#lacking.delete(bucket);
      this.#here.add(bucket);
      return true;
    }
    const reason = `value(${step}, ${bucket}) is not the one that its hashes tell of`;
    this.#context.emit({ kind: 'disconnect', peer: copy.from, reason });
    copy.from = null;
    copy.askedMs = null;
    return true;
  }
}
