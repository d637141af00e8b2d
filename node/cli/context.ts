/** What every command is given by the entry: where to write, and the time. */
import type { Terminal } from './output/index.ts';

export interface CommandContext {
  readonly terminal: Terminal;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** What a command does; it gives the exit code, or throws. */
export type CommandAction<Options> = (options: Options, context: CommandContext) => Promise<number>;
