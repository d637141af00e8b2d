/**
 * Values that seem lost with the nodes that held them: those are waited for as long as doing their
 * work again would take, and at least until all words that are under way have come.
 */
import type { Context } from './context.ts';
import type { Status } from './status.ts';

const WAIT_MIN_MS = 3_000;
const WAIT_MAX_MS = 60_000;
/** Words that are under way have come by then. */
const SAID_MS = 1_500;

export class Lost {
  readonly #context: Context;
  /** Since when this node's step can't be reached any more. */
  #sinceMs: number | null = null;
  #isSaid = false;
  /** How many others were here when this was last asked, and since when they have been so many. */
  #others = 0;
  #moreSinceMs = 0;
  /** Where the node goes back to if they stay lost, and when; of use while they are. */
  #rewind = { step: 0, atMs: 0 };

  constructor(context: Context) {
    this.#context = context;
  }

  /** While values are lost and waited for: where the node goes then, and in how long. */
  get rewind(): Status['rewind'] {
    if (this.#sinceMs === null) return null;
    const { step, atMs } = this.#rewind;
    return { step, inMs: Math.max(0, atMs - this.#context.nowMs) };
  }

  /** Nothing is lost, or no longer of use. */
  found(): void {
    this.#sinceMs = null;
    this.#isSaid = false;
  }

  /** Whether to go back to a step by now; `stepMs`: how long a step takes. */
  hasWaited(backTo: number, stepMs: number): boolean {
    const { nowMs, step, view } = this.#context;
    // Whoever still holds what seems lost may only not have been heard of yet.
    const leastMs = Math.max(WAIT_MIN_MS, view.newsMs);
    const waitMs = Math.min(WAIT_MAX_MS, Math.max(leastMs, (step - backTo) * stepMs));
    if (this.#sinceMs === null) {
      this.#sinceMs = nowMs;
      this.#moreSinceMs = nowMs;
    } else if (view.others.length > this.#others) this.#moreSinceMs = nowMs;
    this.#others = view.others.length;
    this.#rewind = { step: backTo, atMs: this.#sinceMs + waitMs };
    const lostMs = nowMs - this.#sinceMs;
    // Words that are under way may still tell who holds it.
    if (lostMs >= SAID_MS && !this.#isSaid) {
      this.#isSaid = true;
      const text =
        `step ${step}: values are lost with the nodes that held them; waiting ` +
        `${Math.ceil(waitMs / 1000)} s for one of them, then going back to step ${backTo}`;
      this.#context.log('warn', text);
    }
    // Where one comes back, those who went with it may be on their way.
    const isAlone = nowMs - this.#moreSinceMs >= SAID_MS;
    return lostMs >= waitMs && isAlone && !view.isAboutToHear;
  }
}
