/**
 * The base of every error that the world causes. What we do wrong ourselves is an assertion and
 * never one of these.
 */

/** 1: the work failed; 2: what the user gave cannot be meant: usage, config, text, model. */
export type ExitCode = 1 | 2;

/** A failure with a stable `name`, documented in docs/errors.md. */
export abstract class IsoglossError extends Error {
  abstract override readonly name: string;
  /** What the command line exits with when this error ends it. */
  readonly exitCode: ExitCode = 1;
}
