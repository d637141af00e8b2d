/** Refusals while a node waits for the others, and which of them mean that waiting is no use. */
import { DialError, type Refusal } from '../../net/index.ts';

export class Refusals {
  #fatal: Error | null = null;

  /**
   * A node that can't be reached may still come up, and a stranger that dials this node is none of
   * its business; but a peer that the user named and that is of another run never becomes right.
   */
  add({ error, configured }: Refusal): void {
    if (configured === null || error instanceof DialError) return;
    this.#fatal ??= error;
  }

  throwIfFatal(): void {
    if (this.#fatal !== null) throw this.#fatal;
  }
}
