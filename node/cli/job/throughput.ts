/** Tokens per second over the last steps. It is told the time. */

/** Steps that are looked back on. */
const STEPS_REMEMBERED = 10;

export class Throughput {
  readonly #seen: { readonly atMs: number; readonly tokens: number }[] = [];

  /** The first step begins. */
  begin(atMs: number): void {
    this.#seen.push({ atMs, tokens: 0 });
  }

  /** A step of so many tokens is done; gives the rate. */
  saw(tokens: number, atMs: number): number {
    this.#seen.push({ atMs, tokens });
    if (this.#seen.length > STEPS_REMEMBERED + 1) this.#seen.shift();
    const [first, ...rest] = this.#seen;
    const sum = rest.reduce((total, step) => total + step.tokens, 0);
    const elapsedMs = atMs - (first?.atMs ?? atMs);
    return elapsedMs > 0 ? (1000 * sum) / elapsedMs : 0;
  }
}
