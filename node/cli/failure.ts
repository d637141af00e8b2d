/** How a failure is told at the end of a command, and what the process exits with. */
import { IsoglossError } from '../../protocol/errors.ts';

export interface Failure {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/**
 * Fields in which errors keep their place; a message that begins with one needs no colon before.
 */
const PLACE_FIELDS = ['place', 'path', 'where', 'address', 'peer'] as const;

/** What the world did wrong in one line; what we did wrong with its stack. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof IsoglossError) {
    return {
      lines: [`${error.name}${separator(error)} ${error.message}`],
      exitCode: error.exitCode,
    };
  }
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const plea = 'This is a mistake in isogloss: please report it with the lines above.';
  return { lines: [...text.split('\n'), plea], exitCode: 1 };
}

/** `ConfigKeyError my.yaml:20:3: …`, but `ResumeMismatchError: checkpoint-200 …`. */
function separator(error: IsoglossError): '' | ':' {
  const fields = new Map<string, unknown>(Object.entries(error));
  const placed = PLACE_FIELDS.some((field) => {
    const place = fields.get(field);
    return place !== undefined && error.message.startsWith(`${place}:`);
  });
  return placed ? '' : ':';
}
