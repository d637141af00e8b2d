/** `--json`: what a run tells, one object a line. The last line equals report.json. */
import type { EvaluationReport, FinalReport, RunStarted, StepReport } from './types.ts';

export function runJson(run: RunStarted): string {
  return JSON.stringify({ type: 'run', ...run });
}

/** `runId` is that of the part's run. */
export function stepJson(runId: string, report: StepReport): string {
  return JSON.stringify({ type: 'step', runId, ...report });
}

export function evaluationJson(report: EvaluationReport): string {
  return JSON.stringify({ type: 'evaluation', ...report });
}

/** What a single node does besides; `atMs` is Unix time. */
export function eventJson(atMs: number, event: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type: 'event', atMs, ...event });
}

export function reportJson(report: FinalReport): string {
  return JSON.stringify(report);
}
