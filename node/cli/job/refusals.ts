/** Refusals while a node waits for the others, and which of them mean that waiting is no use. */
import { DialError, type Refusal } from '../../net/index.ts';

export class Refusals {
  #fatal: Error | null = null;
  #waits = true;

  /**
   * A node that can't be reached may still come up, and a stranger that dials this node is none of
   * its business; but a peer that the user named and that is of another run never becomes right.
   */
  add({ error, configured }: Refusal): void {
    if (!this.#waits || configured === null || error instanceof DialError) return;
    this.#fatal ??= error;
  }

  /** The others are there; from now on nobody who is refused ends anything. */
  end(): void {
    this.#waits = false;
    this.#fatal = null;
  }

  /** Whether throwIfFatal is going to throw, and so to tell why. */
  get isFatal(): boolean {
    return this.#fatal !== null;
  }

  throwIfFatal(): void {
    if (this.#fatal !== null) throw this.#fatal;
  }
}
