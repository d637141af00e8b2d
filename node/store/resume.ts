/** Whether a run may go on from a checkpoint: exactly the same run, or not at all. */
import { type Manifest, runIdOf } from '../../protocol/manifest.ts';
import { ResumeMismatchError } from './errors.ts';
import type { Checkpoint } from './open-checkpoint.ts';

/** So many differences are told; the others are counted. */
const TOLD_MAX = 10;

/** Digits of a run id that are shown. */
const SHORT = 8;

/**
 * Nothing if the run and its numerics are the checkpoint's; else a ResumeMismatchError with every
 * key.
 */
export function assertResumable(
  { path, manifest }: Pick<Checkpoint, 'path' | 'manifest'>,
  run: Manifest,
  numericsClass: string,
): void {
  const differences = findDifferences(manifest.run, run);
  if (manifest.numericsClass !== numericsClass) {
    differences.push(told('numericsClass', manifest.numericsClass, numericsClass));
  }
  if (differences.length === 0) return;
  const [was, is] = [manifest.runId, runIdOf(run)].map((id) => `${id.slice(0, SHORT)}…`);
  const runs = was === is ? `is run ${was} too` : `is run ${was}, this one ${is}`;
  const shown = differences.slice(0, TOLD_MAX);
  const others = differences.length - shown.length;
  if (others > 0) shown.push(`and ${others} more`);
  throw new ResumeMismatchError(path, runs, shown);
}

/** Each leaf that two runs differ in, as "key was one, is other". */
function findDifferences(was: Manifest, is: Manifest): string[] {
  const before = new Map(leavesOf(was, ''));
  const after = new Map(leavesOf(is, ''));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => told(key, before.get(key), after.get(key)));
}

function told(key: string, was: string | undefined, is: string | undefined): string {
  return `${key} was ${was ?? 'not there'}, is ${is ?? 'not there'}`;
}

/**
 * Every number, text and so on with the keys that lead to it; list entries go by their id or name.
 */
function* leavesOf(value: unknown, key: string): Generator<[string, string]> {
  if (typeof value !== 'object' || value === null) {
    yield [key, typeof value === 'string' ? value : JSON.stringify(value)];
    return;
  }
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    yield [key, JSON.stringify(value)];
    return;
  }
  for (const [place, item] of Object.entries(value)) {
    const named = Array.isArray(value) ? ((item.id ?? item.name ?? place) as string) : place;
    yield* leavesOf(item, key === '' ? named : `${key}.${named}`);
  }
  if (Array.isArray(value) && value.length > 0 && 'id' in value[0]) {
    yield [`${key} in order`, value.map(({ id }) => id).join(' ')];
  }
}
