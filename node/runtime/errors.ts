/** What ends a run on a node. */
import { IsoglossError } from '../../protocol/errors.ts';

/** The run can't go on: an update that is not finite, nodes that disagree, memory that fails. */
export class RunFailedError extends IsoglossError {
  override readonly name = 'RunFailedError';
  /** Which of them. */
  readonly reason: string;
  readonly #text: string;

  constructor(reason: string, text: string) {
    super(`${text} (${reason})`);
    this.reason = reason;
    this.#text = text;
  }

  /** The same failure in other words. */
  saidAs(words: (text: string) => string): RunFailedError {
    return new RunFailedError(this.reason, words(this.#text));
  }
}
