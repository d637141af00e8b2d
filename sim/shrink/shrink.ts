/**
 * Shrinking: the smallest trial in which the same checker fails in the same way. First faults go,
 * then nodes, languages, units, steps, options and durations, round after round.
 */
import type { CheckerName, Violation } from '../checkers/index.ts';
import type { Outcome, Trial } from '../run.ts';
import { ddmin } from './ddmin.ts';
import { ways } from './smaller.ts';

export interface ShrinkPorts {
  /** `untilMs`: virtual ms after which the failure would not be the same any more. */
  readonly run: (trial: Trial, options: { readonly untilMs: number }) => Promise<Outcome>;
  /** False: time is up, what has been found so far is good enough. */
  readonly mayGoOn: () => boolean;
}

export interface Shrunk {
  readonly trial: Trial;
  readonly violation: Violation;
  /** Trials that were run. */
  readonly runs: number;
}

/** Seen only when a run is over, or its time is. */
const AT_THE_END = new Set<CheckerName>([
  ...(['the run goes on', 'all end at the last step', 'throughput comes back'] as const),
  'messages are conserved',
]);
/** What is seen early in a trial is hardly seen late in a smaller one. */
const LATER_FACTOR = 2;
const LATER_MS = 5_000;

export async function shrink(
  trial: Trial,
  violation: Violation,
  { run, mayGoOn }: ShrinkPorts,
): Promise<Shrunk> {
  let best = { trial, violation };
  let runs = 0;
  const untilMs = AT_THE_END.has(violation.checker)
    ? Number.POSITIVE_INFINITY
    : LATER_FACTOR * violation.atMs + LATER_MS;
  const stillFails = async (candidate: Trial): Promise<boolean> => {
    if (!mayGoOn()) return false;
    runs++;
    const { violation: found } = await run(candidate, { untilMs });
    if (found === null || !isSame(found, violation)) return false;
    best = { trial: candidate, violation: found };
    return true;
  };
  // What begins after the failure has no part in it.
  const before = trial.schedule.filter(({ atMs }) => atMs <= violation.atMs);
  if (before.length < trial.schedule.length) await stillFails({ ...trial, schedule: before });
  for (let changed = true; changed && mayGoOn(); ) {
    changed = false;
    const count = best.trial.schedule.length;
    await ddmin(best.trial.schedule, (schedule) => stillFails({ ...best.trial, schedule }));
    changed ||= best.trial.schedule.length < count;
    changed = (await oneRound(() => best.trial, stillFails)) || changed;
  }
  return { ...best, runs };
}

/** Takes every smaller variant that still fails, one way after another as far as it leads. */
async function oneRound(
  current: () => Trial,
  stillFails: (trial: Trial) => Promise<boolean>,
): Promise<boolean> {
  let changed = false;
  for (const way of ways) {
    for (let found = true; found; changed ||= found) {
      found = await takeFirst(way(current()), stillFails);
    }
  }
  return changed;
}

async function takeFirst(
  candidates: Iterable<Trial>,
  stillFails: (trial: Trial) => Promise<boolean>,
): Promise<boolean> {
  for (const candidate of candidates) if (await stillFails(candidate)) return true;
  return false;
}

/** The same promise broken in the same words, numbers and names aside. */
export function isSame(a: Violation, b: Violation): boolean {
  return a.checker === b.checker && wordsOf(a.text) === wordsOf(b.text);
}

function wordsOf(text: string): string {
  const line = text.split('\n')[0]!.split(':')[0]!;
  return line.replace(/\b[njs]\d+\b|[0-9a-f]{8}|\d+/g, '…').slice(0, 60);
}
