/**
 * What a command says: header, progress, table and JSON lines, made as text by pure functions and
 * written by one terminal.
 *
 * ```ts
 * import { Reporter, Terminal } from './node/cli/output/index.ts';
 *
 * const { stdout, stderr, env } = process;
 * const terminal = new Terminal({ stdout, stderr, env });
 * const reporter = new Reporter({ terminal, json: false, nowMs: () => performance.now() });
 * reporter.note('one line on standard error');
 * ```
 */
export { alignColumns, formatBytes, formatGroups, formatMethod, formatSeconds } from './format.ts';
export { headerLines } from './header.ts';
export { evaluationJson, eventJson, reportJson, runJson, stepJson } from './json-lines.ts';
export { type Elapsed, metricsRow } from './metrics.ts';
export { Pace } from './pace.ts';
export { progressBlock, progressLine } from './progress.ts';
export { REPORT_SCHEMA_VERSION, type Report, type ReportedResult, reportSchema } from './report.ts';
export { Reporter, type ReporterOptions } from './reporter.ts';
export {
  evaluationTable,
  type ResultsPlace,
  resultLines,
  resultTable,
  stalledNote,
} from './results.ts';
export { type Screen, Terminal, type TerminalOptions } from './terminal.ts';
export type * from './types.ts';
