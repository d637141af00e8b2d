/** What can be wrong with a config or with the flags that override it; each exits with 2. */
import { type ExitCode, IsoglossError } from '../../../protocol/errors.ts';

/** The base of those that have a place: `my.yaml:20:3`, or the flag that said it. */
abstract class ConfigError extends IsoglossError {
  override readonly exitCode: ExitCode = 2;
  readonly place: string;

  constructor(place: string, problem: string, options?: ErrorOptions) {
    super(`${place}: ${problem}`, options);
    this.place = place;
  }
}

/** The file can't be read, or isn't text. */
export class ConfigFileError extends ConfigError {
  override readonly name = 'ConfigFileError';
}

/** The file is no YAML. */
export class ConfigSyntaxError extends ConfigError {
  override readonly name = 'ConfigSyntaxError';
}

/** A key that is not known, not used, or missing. */
export class ConfigKeyError extends ConfigError {
  override readonly name = 'ConfigKeyError';
}

/** A value that can't be meant, alone or beside others. */
export class ConfigValueError extends ConfigError {
  override readonly name = 'ConfigValueError';
}

/** Something that isogloss is going to do and doesn't do today. */
export class NotYetError extends ConfigError {
  override readonly name = 'NotYetError';
}
