/** Keeps the log from saying the same thing more than once an hour. */

const REPEAT_MS = 3_600_000;
/** Things remembered; a flood of new ones forgets the oldest. */
const KEYS_MAX = 1024;

export class RepeatFilter {
  readonly #saidMs = new Map<string, number>();

  /** Whether this was not said within the last hour; remembers that it is said now. */
  isNew(key: string): boolean {
    const now = performance.now();
    const said = this.#saidMs.get(key);
    if (said !== undefined && now - said < REPEAT_MS) return false;
    this.#saidMs.delete(key);
    this.#saidMs.set(key, now);
    for (const oldest of this.#saidMs.keys()) {
      if (this.#saidMs.size <= KEYS_MAX) break;
      this.#saidMs.delete(oldest);
    }
    return true;
  }
}
