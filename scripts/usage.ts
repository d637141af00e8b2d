/**
 * What a script says of itself: the comment at its head, for `--help` and beside what it refuses.
 * Not for the command line of isogloss.
 */
import { readFileSync } from 'node:fs';

/** The first comment of a script's text, without its stars. */
export function usageOf(text: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  return comment.replaceAll(/^ *\* ?/gm, '').trim();
}

/**
 * What `parse` makes of the flags. With `--help` it prints the script's usage and ends the process,
 * with 2 where `parse` throws.
 */
export function orUsage<T>(script: string, parse: () => T): T {
  const usage = usageOf(readFileSync(script, 'utf8'));
  if (process.argv.slice(2).some((flag) => ['--help', '-h'].includes(flag))) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parse();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
