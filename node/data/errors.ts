/** What can be wrong with the user's text: the file as a whole, or one record of it. */
import { IsoglossError } from '../../protocol/errors.ts';

/** A file that is missing, empty, too large, of an unknown kind, or named twice. */
export class DataFileError extends IsoglossError {
  override readonly name = 'DataFileError';
  override readonly exitCode = 2;
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}

/** A record that cannot be read: invalid UTF-8, bad JSON, no text. `line` counts from 1. */
export class DataRecordError extends IsoglossError {
  override readonly name = 'DataRecordError';
  override readonly exitCode = 2;
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, problem: string, options?: ErrorOptions) {
    super(`${path}:${line}: ${problem}`, options);
    this.path = path;
    this.line = line;
  }
}
