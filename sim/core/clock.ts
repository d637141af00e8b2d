/**
 * Virtual time: what is due, in order, without a promise or a timer. Nothing happens between two
 * entries, so a virtual hour costs what happens in it.
 */
import { assert } from '../../protocol/assert.ts';
import { mix } from './draws.ts';

export type Action = () => void;

/** More than is ever planned. */
const FIRST = 2 ** 20;

export class VirtualClock {
  /** Virtual milliseconds since the world began. */
  nowMs = 0;
  /** Entries that came due so far. */
  fired = 0;
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #actions: Action[] = [];
  #count = 0;
  readonly #tieSalt: number | null;

  /** `tieSalt` draws the order of what is due at one moment; null: as it was asked for. */
  constructor(tieSalt: number | null = null) {
    this.#tieSalt = tieSalt;
  }

  /** Entries that wait. */
  get pending(): number {
    return this.#times.length;
  }

  after(delayMs: number, action: Action): void {
    this.at(this.nowMs + delayMs, action);
  }

  /** Runs `action` at a moment that has not passed. */
  at(atMs: number, action: Action): void {
    assert(atMs >= this.nowMs, `${atMs} ms lie before ${this.nowMs} ms`);
    const count = this.#count++;
    const order = this.#tieSalt === null ? count : mix(this.#tieSalt, count) + count / 2 ** 32;
    this.#rise(atMs, order, action);
  }

  /**
   * The same before all else that is due at that moment, in the order of `index`; it moves nothing
   * else among itself, so that what was planned can be taken away.
   */
  atFirst(atMs: number, index: number, action: Action): void {
    assert(atMs >= this.nowMs, `${atMs} ms lie before ${this.nowMs} ms`);
    this.#rise(atMs, index - FIRST, action);
  }

  /** Lets the next entry happen, unless it lies after `limitMs` or there is none. */
  step(limitMs = Number.POSITIVE_INFINITY): boolean {
    const atMs = this.#times[0];
    if (atMs === undefined || atMs > limitMs) return false;
    const action = this.#actions[0]!;
    this.#sink();
    this.nowMs = atMs;
    this.fired++;
    action();
    return true;
  }

  /** Puts an entry at the end of the heap and moves it up. */
  #rise(atMs: number, order: number, action: Action): void {
    const times = this.#times;
    const orders = this.#orders;
    const actions = this.#actions;
    let at = times.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const aboveMs = times[above]!;
      if (aboveMs < atMs || (aboveMs === atMs && orders[above]! < order)) break;
      times[at] = aboveMs;
      orders[at] = orders[above]!;
      actions[at] = actions[above]!;
      at = above;
    }
    times[at] = atMs;
    orders[at] = order;
    actions[at] = action;
  }

  /** Takes the first entry out; the last one fills its place and moves down. */
  #sink(): void {
    const times = this.#times;
    const orders = this.#orders;
    const actions = this.#actions;
    const atMs = times.pop()!;
    const order = orders.pop()!;
    const action = actions.pop()!;
    const length = times.length;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      const right = below + 1;
      if (
        right < length &&
        (times[right]! < times[below]! ||
          (times[right] === times[below] && orders[right]! < orders[below]!))
      ) {
        below = right;
      }
      if (times[below]! > atMs || (times[below] === atMs && orders[below]! > order)) break;
      times[at] = times[below]!;
      orders[at] = orders[below]!;
      actions[at] = actions[below]!;
      at = below;
    }
    times[at] = atMs;
    orders[at] = order;
    actions[at] = action;
  }
}
