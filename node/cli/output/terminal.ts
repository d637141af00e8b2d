/**
 * The one owner of standard output and standard error. Data goes to the first; lines and the live
 * block go to the second, and the block is always below every line.
 */
import { createColors } from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** The parts of a Node output stream that are used. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

export interface TerminalOptions {
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** `NO_COLOR` counts, if it is not empty. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const COLUMNS_DEFAULT = 80;
const CLEAR_BELOW = '\x1b[0J';
const lineUp = (lines: number) => `\x1b[${lines}A\r`;

export class Terminal {
  /** Whether there is a live block; without one, progress comes as lines. */
  readonly live: boolean;
  /** Those of standard error. */
  readonly colours: Colors;
  readonly #stdout: Screen;
  readonly #stderr: Screen;
  #block: readonly string[] = [];
  #readerLeft = false;

  constructor({ stdout, stderr, env }: TerminalOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.live = stderr.isTTY === true && env['TERM'] !== 'dumb';
    this.colours = createColors(this.live && !env['NO_COLOR']);
    stdout.on('error', (error) => {
      // Whoever reads our data may stop reading (`| head`); the run goes on without.
      if (error.code !== 'EPIPE') throw error;
      this.#readerLeft = true;
    });
  }

  /** One short of the width, so that no terminal wraps a full line. */
  get columns(): number {
    return (this.#stderr.columns ?? COLUMNS_DEFAULT) - 1;
  }

  /** Data, a line of standard output. */
  data(line: string): void {
    if (!this.#readerLeft) this.#withoutBlock(() => this.#stdout.write(`${line}\n`));
  }

  /** A line of standard error that stays. */
  line(text: string): void {
    this.#withoutBlock(() => this.#stderr.write(`${text}\n`));
  }

  /**
   * Replaces the live block. Its lines must fit the columns. Nothing happens where it isn't live.
   */
  block(lines: readonly string[]): void {
    if (!this.live) return;
    this.#erase();
    this.#block = lines;
    this.#draw();
  }

  /** Leaves the block as it is; the next one begins below. */
  keepBlock(): void {
    this.#block = [];
  }

  #withoutBlock(write: () => void): void {
    this.#erase();
    write();
    this.#draw();
  }

  #erase(): void {
    if (this.#block.length > 0) this.#stderr.write(lineUp(this.#block.length) + CLEAR_BELOW);
  }

  #draw(): void {
    if (this.#block.length > 0) this.#stderr.write(`${this.#block.join('\n')}\n`);
  }
}
