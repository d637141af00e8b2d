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

/** The number above 0 that a flag was given; `whole` where halves make no sense. */
export function aboveZero(flag: string, text: string, whole: 'whole' | 'any' = 'whole'): number {
  const value = Number(text);
  const isFit = whole === 'whole' ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (isFit && value > 0) return value;
  const wanted = whole === 'whole' ? 'a whole number above 0' : 'a number above 0';
  throw new Error(`--${flag} ${text}: expected ${wanted}`);
}

/** The parts that `--only` names, in that order. */
export function partsNamed<T extends string>(text: string, parts: readonly T[]): T[] {
  return text.split(',').map((name) => {
    const part = parts.find((one) => one === name);
    if (part !== undefined) return part;
    throw new Error(`--only ${name}: expected some of ${parts.join(', ')}`);
  });
}
