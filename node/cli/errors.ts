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
