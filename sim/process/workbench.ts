/**
 * One thing after another at a speed that changes: what is under way goes on faster or slower from
 * the moment on at which its machine does.
 */
import type { VirtualClock } from '../core/clock.ts';

interface Job {
  readonly workMs: number;
  readonly done: () => void;
}

export class Workbench {
  readonly #clock: VirtualClock;
  readonly #slowFactor: () => number;
  readonly #queue: Job[] = [];
  #current: Job | null = null;
  /** What is left of the current job, in ms of an unhurried machine, and since when. */
  #leftMs = 0;
  #sinceMs = 0;
  #factor = 1;
  #turn = 0;

  constructor(clock: VirtualClock, slowFactor: () => number) {
    this.#clock = clock;
    this.#slowFactor = slowFactor;
  }

  /** When what is queued now will be done, as things stand. */
  get freeAtMs(): number {
    if (this.#current === null) return this.#clock.nowMs;
    const queuedMs = this.#queue.reduce((sum, { workMs }) => sum + workMs, 0);
    return this.#sinceMs + this.#leftMs * this.#factor + queuedMs * this.#factor;
  }

  add(workMs: number, done: () => void): void {
    this.#queue.push({ workMs, done });
    if (this.#current === null) this.#next();
  }

  /** The machine's speed has changed. */
  reconsider(): void {
    if (this.#current === null) return;
    this.#leftMs -= (this.#clock.nowMs - this.#sinceMs) / this.#factor;
    this.#go();
  }

  #next(): void {
    const job = this.#queue.shift() ?? null;
    this.#current = job;
    if (job === null) return;
    this.#leftMs = job.workMs;
    this.#go();
  }

  #go(): void {
    this.#sinceMs = this.#clock.nowMs;
    this.#factor = this.#slowFactor();
    const turn = ++this.#turn;
    this.#clock.after(Math.max(0, this.#leftMs * this.#factor), () => {
      if (turn !== this.#turn) return;
      const { done } = this.#current!;
      this.#next();
      done();
    });
  }
}
