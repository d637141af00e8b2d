/** What many trials come to: counts, marks, recovery times, and the seeds that broke a promise. */
import type { Violation } from './checkers/index.ts';
import { MARKS, type Mark } from './marks.ts';
import { quantile } from './recovery-times.ts';
import type { Outcome, Trial } from './run.ts';

export interface Failure {
  readonly seed: number;
  readonly mode: Trial['mode'];
  readonly violation: Violation;
}

/** Plain data, so that it can be sent between threads and added up. */
export interface Summary {
  seeds: number;
  events: number;
  virtualMs: number;
  /** By mark, in how many seeds it was hit. */
  marks: Partial<Record<Mark, number>>;
  recoveryMs: number[];
  failures: Failure[];
  /** Of all trace hashes in order of their seeds, so that two runs can be compared in one word. */
  traces: string[];
}

export function emptySummary(): Summary {
  return { seeds: 0, events: 0, virtualMs: 0, marks: {}, recoveryMs: [], failures: [], traces: [] };
}

export function addOutcome(to: Summary, seed: number, { mode }: Trial, outcome: Outcome): void {
  to.seeds++;
  to.events += outcome.events;
  to.virtualMs += outcome.virtualMs;
  for (const mark of outcome.marks) to.marks[mark] = (to.marks[mark] ?? 0) + 1;
  to.recoveryMs.push(...outcome.recoveryMs);
  if (outcome.violation !== null) to.failures.push({ seed, mode, violation: outcome.violation });
  to.traces.push(`${seed} ${outcome.traceHash}`);
}

export function addSummary(to: Summary, from: Summary): void {
  to.seeds += from.seeds;
  to.events += from.events;
  to.virtualMs += from.virtualMs;
  for (const [mark, count] of Object.entries(from.marks) as [Mark, number][]) {
    to.marks[mark] = (to.marks[mark] ?? 0) + count;
  }
  to.recoveryMs.push(...from.recoveryMs);
  to.failures.push(...from.failures);
  to.traces.push(...from.traces);
}

/** By checker: how many seeds broke its promise. */
export function brokenBy({ failures }: Summary): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { violation } of failures) {
    counts[violation.checker] = (counts[violation.checker] ?? 0) + 1;
  }
  return counts;
}

/** Marks that no seed has hit. */
export function unhitMarks({ marks }: Summary): Mark[] {
  return (Object.keys(MARKS) as Mark[]).filter((mark) => marks[mark] === undefined);
}

/** Half and 99 in 100 recoveries took at most so long, in virtual ms. */
export function recoveryQuantiles({ recoveryMs }: Summary): { p50Ms: number; p99Ms: number } {
  return { p50Ms: quantile(recoveryMs, 0.5), p99Ms: quantile(recoveryMs, 0.99) };
}
