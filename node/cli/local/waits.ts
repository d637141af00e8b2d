/**
 * What is told of nodes that wait for each other. On a machine that is busy with something else all
 * of them wait a little in every step, which is no news; that one waits long is, and a line for all
 * of them is enough.
 */

/** A node waits less than this in a step without a word. */
const UNTOLD_MS_MAX = 5_000;
/** A line for all nodes at most so often. */
const TOLD_EVERY_MS = 5_000;

export class Waits {
  readonly #nowMs: () => number;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether it is to be told that a node has waited for so long in a step. */
  isNews(waitedMs: number): boolean {
    const nowMs = this.#nowMs();
    if (waitedMs < UNTOLD_MS_MAX || nowMs - this.#toldAtMs < TOLD_EVERY_MS) return false;
    this.#toldAtMs = nowMs;
    return true;
  }
}
