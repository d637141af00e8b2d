/**
 * metrics.jsonl: a row a step, under the names that LLaMA-Factory's boards read, and then our own.
 * It counts steps and tokens, never epochs.
 */
import type { StepReport } from './types.ts';

/** What a row says beside the step. */
export interface Elapsed {
  readonly elapsedSeconds: number;
  /** Null before the first step's time is known. */
  readonly remainingSeconds: number | null;
  /** Scored tokens of all steps so far. */
  readonly totalTokens: number;
}

/** One row, ready for JSON. */
export function metricsRow(report: StepReport, elapsed: Elapsed): Record<string, unknown> {
  const { step, steps, conflicts } = report;
  return {
    current_steps: step,
    total_steps: steps,
    loss: report.loss,
    lr: report.learningRate,
    percentage: Math.round((1e4 * step) / steps) / 100,
    elapsed_time: clockText(elapsed.elapsedSeconds),
    remaining_time: clockText(elapsed.remainingSeconds ?? 0),
    throughput: Math.round(100 * report.tokensPerSecond) / 100,
    total_tokens: elapsed.totalTokens,
    languages: report.losses,
    languageTokens: report.languageTokens,
    conflicts,
    weights: report.weights,
    certificates: {
      unsolved: report.unsolved,
      harmed: report.harmed,
      gapRelativeMax: report.gapRelativeMax,
      residualBucket: report.residualBucket,
      residualGlobal: report.residualGlobal,
      stalled: report.stalled,
      coarserGroups: report.coarserGroups,
    },
    wireBytes: report.wireBytes,
    root: report.root,
  };
}

/** `0:03:20`, `2 days, 1:00:00`: what Python's timedelta prints. */
function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24];
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'}, ${clock}`;
}
