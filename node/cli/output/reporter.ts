/** Tells a run as it goes, to people and, with `--json`, to programs. It is given its clock. */
import { headerLines } from './header.ts';
import { evaluationJson, eventJson, reportJson, runJson, stepJson } from './json-lines.ts';
import { Pace } from './pace.ts';
import { progressBlock, progressLine } from './progress.ts';
import { type ResultsPlace, resultLines } from './results.ts';
import type { Terminal } from './terminal.ts';
import type { EvaluationReport, FinalReport, RunPart, RunStarted, StepReport } from './types.ts';

/** Where no block lives: a line this often, besides the first and the last step. */
const PLAIN_INTERVAL_MS = 10_000;

/** Faster than this nobody reads. */
const BLOCK_INTERVAL_MS = 100;

export interface ReporterOptions {
  readonly terminal: Terminal;
  /** JSON lines on standard output in place of the table. */
  readonly json: boolean;
  /** Monotonic. */
  readonly nowMs: () => number;
}

export class Reporter {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #nowMs: () => number;
  readonly #runIds = new Map<RunPart, string>();
  #pace = new Pace();
  #shownAtMs = Number.NEGATIVE_INFINITY;

  constructor({ terminal, json, nowMs }: ReporterOptions) {
    this.#terminal = terminal;
    this.#json = json;
    this.#nowMs = nowMs;
  }

  /** A remark in between: a wait, a checkpoint, a node that came. */
  note(text: string): void {
    this.#terminal.line(text);
  }

  /** The last word of a run that ends early; the progress stays above it. */
  ended(text: string): void {
    this.#terminal.keepBlock();
    this.#terminal.line(text);
  }

  /** With `--json`: something that a program may collect, with the time in Unix milliseconds. */
  event(event: Readonly<Record<string, unknown>>): void {
    const atMs = performance.timeOrigin + this.#nowMs();
    if (this.#json) this.#terminal.data(eventJson(atMs, event));
  }

  runStarted(run: RunStarted): void {
    this.#runIds.set(run.part, run.runId);
    this.#pace = new Pace();
    this.#pace.saw(run.firstStep, this.#nowMs());
    this.#shownAtMs = Number.NEGATIVE_INFINITY;
    for (const line of headerLines(run, this.#terminal.columns)) this.#terminal.line(line);
    if (this.#json) this.#terminal.data(runJson(run));
  }

  /** After `runStarted` of the same part, in the order of steps. */
  step(report: StepReport): void {
    const now = this.#nowMs();
    this.#pace.saw(report.step, now);
    if (this.#json) {
      this.#terminal.data(stepJson(this.#runIds.get(report.part) ?? '', report));
    }
    const { live } = this.#terminal;
    const last = report.step === report.steps;
    const dueMs = this.#shownAtMs + (live ? BLOCK_INTERVAL_MS : PLAIN_INTERVAL_MS);
    if (now < dueMs && !last) return;
    this.#shownAtMs = now;
    const eta = this.#pace.etaSeconds(report);
    if (live) this.#terminal.block(progressBlock(report, eta, this.#terminal));
    else this.#terminal.line(progressLine(report, eta));
    if (last) this.#terminal.keepBlock();
  }

  evaluation(report: EvaluationReport): void {
    if (this.#json) this.#terminal.data(evaluationJson(report));
  }

  /** The end: the table, or the JSON line that equals report.json. */
  report(report: FinalReport, place: ResultsPlace): void {
    this.#terminal.keepBlock();
    if (this.#json) this.#terminal.data(reportJson(report));
    else {
      const { columns } = this.#terminal;
      for (const line of resultLines(report, place, columns)) this.#terminal.data(line);
    }
  }
}
