/**
 * What the wire from one node to another does to bytes: the faults that are on, and what they make
 * of a piece. Draws are keyed by wire and count, so that one fault changes no draw of another.
 */
import { createStream, type RandomStream } from '../../protocol/random.ts';
import type { FaultOf } from './faults.ts';

/** Repetitions of a lost packet; each waits twice as long. */
const AGAIN_MAX = 6;

/** Faults that a piece is asked about, one by one. */
export type PieceFault = FaultOf<'latency' | 'loss' | 'bandwidth' | 'slice' | 'truncate' | 'flip'>;

/** What becomes of a piece. */
export interface Passage {
  readonly delayMs: number;
  /** The connection ends after it. */
  readonly isLast: boolean;
  readonly bytes: Uint8Array;
}

export class Wire {
  readonly #random: RandomStream;
  readonly #faults = new Set<PieceFault>();
  /** By fault of losses: how many pieces still share the last draw, and what it was. */
  readonly #bursts = new Map<PieceFault, { left: number; lost: boolean }>();
  /** Faults that let nothing pass. */
  #blocks = 0;
  #onOpen = new Set<() => void>();

  constructor(seed: number, from: string, to: string) {
    this.#random = createStream('chaos wire', seed, from, to);
  }

  add(fault: PieceFault): void {
    this.#faults.add(fault);
  }

  remove(fault: PieceFault): void {
    this.#faults.delete(fault);
    this.#bursts.delete(fault);
  }

  block(): void {
    this.#blocks++;
  }

  unblock(): void {
    if (--this.#blocks > 0) return;
    const waiting = this.#onOpen;
    this.#onOpen = new Set();
    for (const go of waiting) go();
  }

  get isBlocked(): boolean {
    return this.#blocks > 0;
  }

  /** Calls once when bytes pass again. */
  whenOpen(go: () => void): void {
    this.#onOpen.add(go);
  }

  /** The largest piece that passes at once; null: any. */
  get pieceBytesMax(): number | null {
    const sizes = this.#of('slice').map(({ args }) => args.bytes);
    return sizes.length === 0 ? null : Math.min(...sizes);
  }

  /** Null: as many as come. */
  get bytesPerS(): number | null {
    const rates = this.#of('bandwidth').map(({ args }) => args.bytesPerS);
    return rates.length === 0 ? null : Math.min(...rates);
  }

  /** Draws what becomes of a piece; it may be changed in place. */
  pass(bytes: Uint8Array): Passage {
    let delayMs = 0;
    for (const { args } of this.#of('latency')) {
      delayMs += args.addMs + args.jitterMs * this.#random.nextFloat();
    }
    for (const fault of this.#of('loss')) delayMs += this.#lossMs(fault);
    for (const { args } of this.#of('flip')) {
      if (this.#random.nextFloat() >= args.share || bytes.length === 0) continue;
      const place = this.#random.nextBelow(bytes.length);
      bytes[place] = bytes[place]! ^ (1 << this.#random.nextBelow(8));
    }
    const isLast = this.#of('truncate').some(({ args }) => this.#random.nextFloat() < args.share);
    return { delayMs, isLast, bytes: isLast ? bytes.subarray(0, bytes.length >> 1) : bytes };
  }

  #lossMs(fault: FaultOf<'loss'>): number {
    const { share, burst, againMs } = fault.args;
    let drawn = this.#bursts.get(fault);
    if (drawn === undefined || drawn.left === 0) {
      drawn = { left: burst, lost: this.#random.nextFloat() < share };
      this.#bursts.set(fault, drawn);
    }
    drawn.left--;
    if (!drawn.lost) return 0;
    let waitMs = againMs;
    let totalMs = againMs;
    for (let again = 1; again < AGAIN_MAX && this.#random.nextFloat() < share; again++) {
      waitMs *= 2;
      totalMs += waitMs;
    }
    return totalMs;
  }

  #of<Name extends PieceFault['fault']>(name: Name): FaultOf<Name>[] {
    return [...this.#faults].filter((fault): fault is FaultOf<Name> => fault.fault === name);
  }
}
