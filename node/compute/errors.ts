/** What can go wrong with computing, as far as the world is to blame. */
import { IsoglossError } from '../../protocol/errors.ts';
import type { EngineName } from './engines/engine.ts';

/** An engine that was asked for by name cannot be had on this machine. */
export class EngineUnavailableError extends IsoglossError {
  override readonly name = 'EngineUnavailableError';
  override readonly exitCode = 2;
  readonly engine: EngineName;
  readonly reason: string;

  constructor(engine: EngineName, cause: unknown) {
    const reason = reasonOf(cause);
    super(`engine ${engine} does not load: ${reason}. Leave --engine out for one that does.`, {
      cause,
    });
    this.engine = engine;
    this.reason = reason;
  }
}

/** The engine failed in the middle of its work, or its thread ended. */
export class EngineError extends IsoglossError {
  override readonly name = 'EngineError';
  readonly engine: EngineName | undefined;

  constructor(engine: EngineName | undefined, cause: unknown) {
    super(`engine ${engine ?? '(not yet chosen)'} failed: ${reasonOf(cause)}`, { cause });
    this.engine = engine;
  }
}

/** Something was asked of a compute that was closed, or it was closed before it was done. */
export class ComputeClosedError extends IsoglossError {
  override readonly name = 'ComputeClosedError';

  constructor(what: string) {
    super(`${what}: compute was closed before it was done`);
  }
}

/** The first line of what was thrown, for a one-line message. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0]!.trim();
}
