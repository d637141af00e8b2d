/** What the schema objects to, as errors with a place in the config. */
import type { z } from 'zod';
import { problemOf } from '../../schema/index.ts';
import { ConfigKeyError, ConfigValueError } from './errors.ts';
import type { ConfigSource } from './source.ts';

/** The error for the first problem. */
export function errorOf(
  issues: readonly z.core.$ZodIssue[],
  source: ConfigSource,
  schema: z.ZodType,
): ConfigKeyError | ConfigValueError {
  const { of, path, text } = problemOf(issues, source.value, schema);
  const ErrorClass = of === 'key' ? ConfigKeyError : ConfigValueError;
  return new ErrorClass(source.place(path, of), text);
}
