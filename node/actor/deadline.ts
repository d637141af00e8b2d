/**
 * The deadline of a step: when a node asks for what is late. It follows from how long the last
 * steps and units took, doubles each time it passes, and is nobody's setting.
 */
import type { Context } from './context.ts';
import type { Worker } from './worker.ts';

/** A value is late when a step has taken this many times what the faster ones of late took. */
const FACTOR = 3;
/** The first steps have nothing to be measured by. */
const UNMEASURED_MS = 10_000;
const MIN_MS = 500;
const MAX_MS = 60_000;
/** Asking is cheap beside waiting: the wait grows to this many doublings, and no more. */
const DOUBLINGS_MAX = 3;
/** Waits after which a node that has not measured anything does what others do not. */
const PATIENCE = 4;
/** Enough to know what a slow step is, few enough to follow a machine that changes. */
const DURATIONS_MAX = 16;

export class Deadline {
  readonly #context: Context;
  readonly #worker: Worker;
  /** Deadlines that passed at this step since values last came. */
  waits = 0;
  #missing = 0;
  /** How long the last steps took, newest last; not those that only a want brought to an end. */
  readonly #durationsMs: number[] = [];
  #passedMs: number | null = null;
  #delayMs = 0;
  #isLeftBehind = false;

  constructor(context: Context, worker: Worker) {
    this.#context = context;
    this.#worker = worker;
  }

  /**
   * A step took so long. One that ended soon after a want lacked what was lost on the way; how long
   * it took says when the want came, and would let deadlines grow by themselves.
   */
  took(durationMs: number): void {
    const sinceMs = this.#passedMs === null ? null : this.#context.nowMs - this.#passedMs;
    if (sinceMs !== null && sinceMs < this.#delayMs / 2) return;
    this.#durationsMs.push(durationMs);
    if (this.#durationsMs.length > DURATIONS_MAX) this.#durationsMs.shift();
  }

  /** How long a step takes, in milliseconds; 0 while none was measured. */
  get stepMs(): number {
    return this.#durationsMs.length === 0 ? 0 : lowerQuartile(this.#durationsMs);
  }

  /** A new step begins; the wait in milliseconds. */
  start(): number {
    this.waits = 0;
    this.#missing = 0;
    this.#passedMs = null;
    this.#isLeftBehind = false;
    return this.#set(this.#baseMs);
  }

  /** What was asked for was of no use: others are asked, after a while. */
  again(): number {
    this.waits++;
    return this.#set(this.#baseMs);
  }

  /** The deadline has passed with so many values missing; the next wait in milliseconds. */
  passed(missing: number): number {
    if (missing >= this.#missing) this.waits++;
    this.#missing = missing;
    this.#passedMs = this.#context.nowMs;
    return this.#set(this.#baseMs);
  }

  /** Something has changed that makes it likely that values are missing. */
  hasten(): void {
    this.#set(MIN_MS);
  }

  /** Others have moved on with what is missing here: it is asked for a step's time later. */
  leftBehind(): void {
    if (this.#isLeftBehind) return;
    this.#isLeftBehind = true;
    this.#set(this.stepMs);
  }

  /**
   * Whether late can be told from slow: this node knows how long units take, others are done with
   * the step, or it has waited for so long that work done twice is the smaller evil.
   */
  get canTellLate(): boolean {
    const isMeasured = this.#worker.durationsMs.length > 0 || this.#durationsMs.length > 0;
    return isMeasured || this.#context.isBehind || this.waits >= PATIENCE;
  }

  get #baseMs(): number {
    if (!this.#context.complete) return MIN_MS;
    if (this.stepMs > 0) return FACTOR * this.stepMs;
    const { durationsMs } = this.#worker;
    if (durationsMs.length === 0) return UNMEASURED_MS;
    return FACTOR * (Math.max(...durationsMs) * this.#unitsEach + MIN_MS);
  }

  /** Units of a step for each node that works. */
  get #unitsEach(): number {
    const { options, view } = this.#context;
    const units = options.languages.reduce((sum, { unitsPerStep }) => sum + unitsPerStep, 0);
    return Math.ceil(units / (view.others.length + 1));
  }

  #set(baseMs: number): number {
    const doubled = Math.max(MIN_MS, baseMs) * 2 ** Math.min(this.waits, DOUBLINGS_MAX);
    const delayMs = Math.min(MAX_MS, doubled);
    this.#delayMs = delayMs;
    this.#context.emit({ kind: 'setTimer', timer: 'deadline', delayMs });
    return delayMs;
  }
}

/** Slow steps may be slow because something was lost; a quarter of all is not. */
function lowerQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 2]!;
}
