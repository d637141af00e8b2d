/** What can be wrong with a command line. */
import { type ExitCode, IsoglossError } from '../../protocol/errors.ts';

/** A command, flag or argument that does not exist, is missing, or can't be meant. */
export class UsageError extends IsoglossError {
  override readonly name = 'UsageError';
  override readonly exitCode: ExitCode = 2;
}

/** The installed package lacks a part of itself. */
export class InstallationError extends IsoglossError {
  override readonly name = 'InstallationError';
}

/** A path that holds something else than the command is for, or nothing. */
export class PathError extends IsoglossError {
  override readonly name = 'PathError';
  override readonly exitCode: ExitCode = 2;
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.path = path;
  }
}

/** A run's folder whose parts are damaged, or do not belong together. */
export class RunFolderError extends IsoglossError {
  override readonly name = 'RunFolderError';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}

/** A run that this machine can't compute again, because its arithmetic gives other bits. */
export class VerifyMismatchError extends IsoglossError {
  override readonly name = 'VerifyMismatchError';
  override readonly exitCode: ExitCode = 2;
  readonly expected: string;
  readonly actual: string;

  constructor(runId: string, expected: string, actual: string) {
    const [engine = ''] = expected.split('-');
    const remedy = actual.startsWith(`${engine}-`)
      ? 'Verify it on a machine of the same kind, with the same version.'
      : `Use --engine ${engine}, or the kind of machine that ran it.`;
    const short = runId.slice(0, 8);
    super(`run ${short}… is ${expected}, this is ${actual}: bits would differ. ${remedy}`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** Two nodes that would keep what they have in one folder. */
export class NodeFolderInUseError extends IsoglossError {
  override readonly name = 'NodeFolderInUseError';
  override readonly exitCode: ExitCode = 2;
  readonly path: string;

  constructor(path: string) {
    const remedy = 'End that one, or give this one another network.name or --out.';
    super(`${path}: another node runs here. ${remedy}`);
    this.path = path;
  }
}

/** A node's process that `local` started is gone before its time. */
export class NodeEndedError extends IsoglossError {
  override readonly name = 'NodeEndedError';
  readonly node: string;

  constructor(
    node: string,
    pid: number,
    code: number | null,
    signal: string | null,
    lastWords: string,
  ) {
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    const words = lastWords.trim() === '' ? '' : ` It said:\n${lastWords.trimEnd()}`;
    super(`the process of ${node} (${pid}) ${how}.${words}`);
    this.node = node;
  }
}

/** A node that `local` started could not go on; the message is its own. */
export class NodeFailedError extends IsoglossError {
  override readonly name = 'NodeFailedError';
  override readonly exitCode: ExitCode;
  readonly node: string;

  constructor(node: string, lines: readonly string[], exitCode: ExitCode) {
    super(`${node}: ${lines.join('\n')}`);
    this.node = node;
    this.exitCode = exitCode;
  }
}

/** The user asked for an end before there was anything to keep. */
export class InterruptedError extends IsoglossError {
  override readonly name = 'InterruptedError';
}
