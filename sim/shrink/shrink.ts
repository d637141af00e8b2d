/**
 * Shrinking: the smallest trial in which the same checker fails in the same way. First faults go,
 * then nodes, languages, units, steps, options and durations, round after round.
 */
import type { Violation } from '../checkers/index.ts';
import type { Outcome, Trial } from '../run.ts';
import { ddmin } from './ddmin.ts';
import { smallerTrials } from './smaller.ts';

export interface ShrinkPorts {
  readonly run: (trial: Trial) => Promise<Outcome>;
  /** False: time is up, what has been found so far is good enough. */
  readonly mayGoOn: () => boolean;
}

export interface Shrunk {
  readonly trial: Trial;
  readonly violation: Violation;
  /** Trials that were run. */
  readonly runs: number;
}

export async function shrink(
  trial: Trial,
  violation: Violation,
  { run, mayGoOn }: ShrinkPorts,
): Promise<Shrunk> {
  let best = { trial, violation };
  let runs = 0;
  const stillFails = async (candidate: Trial): Promise<boolean> => {
    if (!mayGoOn()) return false;
    runs++;
    const { violation: found } = await run(candidate);
    if (found === null || !isSame(found, violation)) return false;
    best = { trial: candidate, violation: found };
    return true;
  };
  for (let changed = true; changed && mayGoOn(); ) {
    changed = false;
    const before = best.trial.schedule.length;
    await ddmin(best.trial.schedule, (schedule) => stillFails({ ...best.trial, schedule }));
    changed ||= best.trial.schedule.length < before;
    changed = (await oneRound(() => best.trial, stillFails)) || changed;
  }
  return { ...best, runs };
}

/** Takes every smaller variant that still fails; begins again with the first after each. */
async function oneRound(
  current: () => Trial,
  stillFails: (trial: Trial) => Promise<boolean>,
): Promise<boolean> {
  let changed = false;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of smallerTrials(current())) {
      if (!(await stillFails(candidate))) continue;
      found = true;
      changed = true;
      break;
    }
  }
  return changed;
}

/** The same promise broken in the same words, numbers and names aside. */
export function isSame(a: Violation, b: Violation): boolean {
  return a.checker === b.checker && wordsOf(a.text) === wordsOf(b.text);
}

function wordsOf(text: string): string {
  const line = text.split('\n')[0]!.split(':')[0]!;
  return line.replace(/\b[nj]\d+\b|[0-9a-f]{8}|\d+/g, '…').slice(0, 60);
}
