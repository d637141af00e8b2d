/**
 * Doubts: what somebody says and this node did not find so is held against him only once what is in
 * memory has been hashed again, since rotten memory makes a liar of everybody. That reads all that
 * is held of a step, so that nobody's words may bring it about again and again.
 */
import type { Context } from './context.ts';
import { QUESTIONS_MAX } from './inquiries.ts';

/** Somebody's word that is doubted. */
export interface Doubt {
  readonly from: string;
  readonly step: number;
  /** What he said, and of what. */
  readonly said: string;
}

/** What is doubted of one step. */
interface Check<One> {
  /** Those that memory is still to be hashed for, or is being hashed for. */
  waiting: One[];
  /** By node: what it said that was doubted. */
  readonly said: Map<string, Set<string>>;
  isUnderWay: boolean;
  /** What is under way was begun before this node went back, and says nothing of it now. */
  isOfBefore: boolean;
  /** No sooner is memory hashed again for whoever has had it hashed at this step. */
  againMs: number;
}

/**
 * Memory may rot later, so that a later word has it hashed again; but whoever has had it hashed
 * waits, as long as an answer is waited for: his words don't set how much time goes into it.
 */
const PAUSE_MS = 4_000;
/** Steps of which it is remembered what was doubted: a word that is older is compared no more. */
const STEPS_MAX = 8;

export class Doubts<One extends Doubt> {
  readonly #context: Context;
  readonly #checks = new Map<number, Check<One>>();

  constructor(context: Context) {
    this.#context = context;
  }

  get size(): number {
    let size = 0;
    for (const { waiting } of this.#checks.values()) size += waiting.length;
    return size;
  }

  /**
   * Doubts a word, each once, and of one node no more than it could be asked about. The first of a
   * node has memory hashed at once, so that nobody else's words delay it.
   */
  add(doubt: One): void {
    const { from, step, said } = doubt;
    const check = this.#checks.get(step) ?? newCheck<One>();
    const before = check.said.get(from) ?? new Set();
    if (before.has(said) || before.size >= QUESTIONS_MAX) return;
    this.#checks.set(step, check);
    check.waiting.push(doubt);
    const isFirst = before.size === 0;
    check.said.set(from, before.add(said));
    if (isFirst || this.#context.nowMs >= check.againMs) this.#hash(step, check);
  }

  /** Whoever doubts meanwhile gets the answer to what is under way. */
  #hash(step: number, check: Check<One>): void {
    if (check.isUnderWay) return;
    check.isUnderWay = true;
    const values = this.#context.stoodAt(step)?.values ?? [];
    this.#context.emit({ kind: 'rehash', step, values });
  }

  /** Memory was hashed again: what was doubted of the step, to be judged by that. */
  answered(step: number): readonly One[] {
    const check = this.#checks.get(step);
    if (check === undefined) return [];
    check.isUnderWay = false;
    if (check.isOfBefore) {
      check.isOfBefore = false;
      if (check.waiting.length > 0) this.#hash(step, check);
      return [];
    }
    check.againMs = this.#context.nowMs + PAUSE_MS;
    const { waiting } = check;
    check.waiting = [];
    return waiting;
  }

  /** Time has passed. */
  tend(): void {
    const { nowMs, step: now } = this.#context;
    for (const [step, check] of this.#checks) {
      if (check.waiting.length > 0 && nowMs >= check.againMs) this.#hash(step, check);
      if (!check.isUnderWay && step < now - STEPS_MAX) this.#checks.delete(step);
    }
  }

  /** This node goes elsewhere: what was doubted is of no use. */
  clear(): void {
    for (const [step, { isUnderWay }] of this.#checks) {
      if (!isUnderWay) this.#checks.delete(step);
      else this.#checks.set(step, { ...newCheck<One>(), isUnderWay, isOfBefore: true });
    }
  }
}

function newCheck<One>(): Check<One> {
  return {
    ...{ waiting: [], said: new Map(), againMs: 0 },
    ...{ isUnderWay: false, isOfBefore: false },
  };
}
