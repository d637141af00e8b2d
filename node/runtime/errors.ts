/** What ends a run on a node. */
import { type ExitCode, IsoglossError } from '../../protocol/errors.ts';

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

/** An error of the world from another thread, on whose way only its words are left. */
class ThreadError extends IsoglossError {
  override readonly name: string;
  override readonly exitCode: ExitCode;

  constructor({ name, message }: Error, exitCode: ExitCode) {
    super(message);
    this.name = name;
    this.exitCode = exitCode;
  }
}

/** What another thread threw, as it would be had this one thrown it. */
export function fromThread(error: Error): Error {
  const { exitCode } = error as Partial<IsoglossError>;
  return exitCode === 1 || exitCode === 2 ? new ThreadError(error, exitCode) : error;
}
