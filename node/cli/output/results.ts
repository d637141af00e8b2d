/** The end of a run for people: the table per language, and below it what else came out. */
import {
  alignColumns,
  formatBytes,
  formatSeconds,
  formatShare,
  shortHash,
  wrapAll,
} from './format.ts';
import type { ReportedResult } from './report.ts';
import type { EvaluationReport, FinalReport, StepReport } from './types.ts';

/** Where the results lie. */
export interface ResultsPlace {
  /** As the user may type it. */
  readonly folder: string;
  /** What lies in it, in the order to be named. */
  readonly entries: readonly string[];
}

/** The table, then the run's conflicts, then its parameters and folder. */
export function resultLines(report: FinalReport, place: ResultsPlace, columns: number): string[] {
  const { conflicts, certificates, wire } = report;
  const gap = certificates.gapRelativeMax;
  const summary = [
    `conflicts ${formatShare(conflicts.conflicting, conflicts.bucketSteps)} of bucket-steps` +
      coverageText(report),
    ...(gap === null ? [] : [`largest gap ${gap.toExponential(0)}`]),
    stalledText(certificates),
    ...unsolvedText(certificates, conflicts.bucketSteps),
    `wire ${formatBytes(wire.bytesSent)} out, ${formatBytes(wire.bytesReceived)} in`,
    ...durations(report),
  ];
  return [
    ...resultTable(report),
    ...wrapAll('', summary, columns),
    `parameters ${shortHash(report.paramsHash)} (same with any number of nodes)`,
    `${place.folder}/: ${place.entries.join(', ')}`,
  ];
}

/** A node that joined late, or was away, has not seen all steps. */
function coverageText({ conflicts, steps }: FinalReport): string {
  const seen = conflicts.steps ?? steps;
  return seen === steps ? '' : ` in the ${seen} of ${steps} steps recorded here`;
}

/** A method that did not solve what it solves is told; most runs have none. */
function unsolvedText({ unsolved = 0 }: FinalReport['certificates'], bucketSteps: number) {
  return unsolved === 0 ? [] : [`not solved ${unsolved} of ${bucketSteps} bucket-steps`];
}

function stalledText({ stalledSteps, whenStalled }: FinalReport['certificates']): string {
  const done = { report: '', merge: ', taken in coarser groups', global: ', taken as a whole' };
  return `stalled ${stalledSteps} steps${stalledSteps === 0 ? '' : done[whenStalled]}`;
}

/** The line for the first step that is stalled by its partition. */
export function stalledNote({ step, coarserGroups }: StepReport, groups: string): string {
  const what = `step ${step}: stationary ${groups}, not as a whole`;
  if (coarserGroups === null) {
    return `${what}; wider groups, or whenStalled: merge or global, would move on`;
  }
  return `${what}; resolved in ${coarserGroups === 1 ? 'one group' : `${coarserGroups} groups`}`;
}

/** A row a language; the column of the plain mean only where there was one. */
export function resultTable({ languages, baseline }: FinalReport): string[] {
  const plain = new Map(baseline?.languages.map((row) => [row.language, row]));
  const head = ['language', 'role', 'loss', 'bits/byte', ...(baseline ? ['plain mean'] : [])];
  const rows = languages.map((row) => [
    row.language,
    row.role,
    change(row.lossBefore, row.lossAfter),
    change(row.bitsPerByteBefore, row.bitsPerByteAfter),
    ...(baseline ? [plainCell(plain.get(row.language))] : []),
  ]);
  return alignColumns([head, ...rows]);
}

/** What `eval` prints: the scores of one model. */
export function evaluationTable({ languages }: Pick<EvaluationReport, 'languages'>): string[] {
  const rows = languages.map(({ language, role, loss, bitsPerByte, tokens }) => [
    language,
    role,
    loss.toFixed(3),
    bitsPerByte.toFixed(3),
    String(tokens),
  ]);
  return alignColumns([['language', 'role', 'loss', 'bits/byte', 'tokens'], ...rows]);
}

/** Of the run, and beside it of the one with plain averaging. */
function durations({ wallSeconds, baseline }: FinalReport): string[] {
  if (baseline?.wallSeconds === undefined) return [formatSeconds(wallSeconds)];
  return [`${formatSeconds(wallSeconds)}, plain mean ${formatSeconds(baseline.wallSeconds)}`];
}

const change = (before: number, after: number) => `${before.toFixed(3)} → ${after.toFixed(3)}`;

const plainCell = (row: ReportedResult | undefined) => row?.bitsPerByteAfter.toFixed(3) ?? '–';
