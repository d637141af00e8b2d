/** Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

/** What a command that trains says at the first signal, and at the second. */
export const STOPPING = 'stopping after this step, with a checkpoint; once more: stopping at once';
export const STOPPED =
  'stopped at once; --resume goes on from the newest checkpoint, if there is one';

export class Interrupts {
  readonly #controller = new AbortController();
  readonly #onSignal: (isFirst: boolean) => void;
  #exitCode: number | null = null;

  /** `onSignal` may tell the user what happens now. */
  constructor(onSignal: (isFirst: boolean) => void) {
    this.#onSignal = onSignal;
    process.on('SIGINT', this.#heard);
    process.on('SIGTERM', this.#heard);
  }

  /** Aborts at the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What to exit with because of a signal; null without one. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  close(): void {
    process.off('SIGINT', this.#heard);
    process.off('SIGTERM', this.#heard);
  }

  readonly #heard = (signal: Signal): void => {
    // Files are renamed into place when they are whole, so that nothing half-written counts; child
    // processes end with this one.
    this.#onSignal(this.#exitCode === null);
    if (this.#exitCode !== null) process.exit(EXIT_CODES[signal]);
    this.#exitCode = EXIT_CODES[signal];
    this.#controller.abort();
  };
}
