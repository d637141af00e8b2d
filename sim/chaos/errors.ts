/** What can be wrong with what `isogloss chaos` is given. */
import { type ExitCode, IsoglossError } from '../../protocol/errors.ts';

/** A schedule of faults that is none, or that real processes can not be made to suffer. */
export class ScheduleError extends IsoglossError {
  override readonly name = 'ScheduleError';
  override readonly exitCode: ExitCode = 2;
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.path = path;
  }
}
