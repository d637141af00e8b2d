/** One step as progress: a live block for a terminal, one plain line for everything else. */
import type { Colors } from 'picocolors/types.js';
import { formatBytes, formatLoss, formatSeconds, formatShare, wrapSegments } from './format.ts';
import type { StepReport } from './types.ts';

const BAR_CELLS = 10;

/** A block stays small, whatever the languages and the screen. */
const PACE_LINES_MAX = 2;
const LOSS_LINES_MAX = 3;

/** What a block looks like. */
export interface BlockStyle {
  readonly columns: number;
  readonly colours: Colors;
}

/** How far and how fast; loss by language. No line is longer than the screen. */
export function progressBlock(
  report: StepReport,
  etaSeconds: number | null,
  { columns, colours }: BlockStyle,
): string[] {
  const { step, steps } = report;
  const done = Math.floor((BAR_CELLS * step) / steps);
  const bar = colours.green('━'.repeat(done)) + colours.dim('─'.repeat(BAR_CELLS - done));
  const head = `${colours.bold(stepText(report))} ${bar} ${formatShare(step, steps)}`;
  const loss = `${colours.dim('loss')} ${formatLoss(report.loss)}`;
  return [
    ...wrapSegments([head, ...paceSegments(report, etaSeconds)], columns, PACE_LINES_MAX),
    ...wrapSegments([loss, ...lossSegments(report)], columns, LOSS_LINES_MAX),
  ];
}

/** Everything in one line, without colour, however long. */
export function progressLine(report: StepReport, etaSeconds: number | null): string {
  return [
    `${stepText(report)} ${formatShare(report.step, report.steps)}`,
    ...paceSegments(report, etaSeconds),
    `loss ${formatLoss(report.loss)}`,
    ...lossSegments(report),
  ].join('  ');
}

function stepText({ part, step, steps }: StepReport): string {
  return `${part === 'baseline' ? 'plain mean, ' : ''}step ${step}/${steps}`;
}

function paceSegments(report: StepReport, etaSeconds: number | null): string[] {
  return [
    `ETA ${etaSeconds === null ? '–' : formatSeconds(etaSeconds)}`,
    `${Math.round(report.tokensPerSecond)} tokens/s`,
    `wire ${formatBytes(report.wireBytes)}`,
    conflictText(report),
  ];
}

function conflictText({ conflicts }: StepReport): string {
  const { bucketSteps, conflicting, pairs } = conflicts;
  const [worst] = pairs;
  const most = worst ? `, most ${worst.a}×${worst.b}` : '';
  return `conflicts ${conflicting}/${bucketSteps} buckets${most}`;
}

function lossSegments({ losses }: StepReport): string[] {
  return Object.entries(losses).map(([language, loss]) => `${language} ${formatLoss(loss)}`);
}
