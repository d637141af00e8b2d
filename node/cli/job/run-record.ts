/**
 * What a run leaves and tells as it goes, on whichever way its steps come in: progress, rows of
 * metrics, and at the end the saved model, its scores and the report.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../../protocol/assert.ts';
import { changedOptions } from '../../resolve/index.ts';
import { writeModelFolder } from '../../store/index.ts';
import type { LoadedConfig } from '../config/index.ts';
import {
  type EvaluatedLanguage,
  formatGroups,
  Pace,
  type Report,
  type Reporter,
  type RunPart,
  type StartedMethod,
  type StartedNode,
  stalledNote,
} from '../output/index.ts';
import { MODEL_FOLDER } from '../places.ts';
import { packageVersion } from '../version.ts';
import { buildReport } from './build-report.ts';
import { modelFilesOf } from './find-checkpoint.ts';
import type { Job } from './open-job.ts';
import { RunFolder } from './run-folder.ts';
import type { Scorer } from './scores.ts';
import { type LoggedStep, stepReport } from './step-report.ts';
import { Throughput } from './throughput.ts';

export interface RunRecordOptions {
  readonly part: RunPart;
  readonly job: Job;
  /** Absolute. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly scorer: Scorer;
  readonly threadsPerNode: number;
  /** Scores of the base. */
  readonly before: readonly EvaluatedLanguage[];
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** A run that came to its last step. */
export interface Trained {
  /** All published parameters, in order. */
  readonly values: Float32Array;
  /** As the nodes have it. */
  readonly paramsHash: string;
  readonly nodes: Report['nodes'];
}

/** What conflicts are resolved by, as a run's start tells it. */
export function startedMethod({ config, own }: LoadedConfig): StartedMethod {
  const { name, normalize } = config.aggregator;
  const options = changedOptions(config.aggregator, own && [own.aggregator]);
  return { name, normalize, options, ...(own && { module: own.path }) };
}

export class RunRecord {
  readonly #options: RunRecordOptions;
  readonly #folder: RunFolder;
  readonly #throughput = new Throughput();
  readonly #pace = new Pace();
  readonly #startedMs: number;
  #firstStep = 0;
  #newest = 0;
  /** Whether a step was stalled by its partition, which is told once. */
  #stalled = false;
  /** Rows are written one after another. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: RunRecordOptions) {
    this.#options = options;
    this.#folder = new RunFolder(options.folder);
    this.#startedMs = options.nowMs();
  }

  /** Before the nodes start: writes the config, and takes over what an earlier start left. */
  async begin(firstStep: number): Promise<void> {
    this.#firstStep = firstStep;
    this.#newest = firstStep;
    await this.#folder.begin(this.#options.job.loaded, this.#options.job.runId, firstStep);
  }

  /** All nodes are there. */
  started(nodes: readonly StartedNode[]): void {
    const { job, part, reporter, scorer, threadsPerNode, nowMs } = this.#options;
    const { config, layout, runId, data } = job;
    const { engine, why, numericsClass } = scorer.compute;
    this.#throughput.begin(nowMs());
    this.#pace.saw(this.#firstStep, nowMs());
    reporter.runStarted({
      part,
      version: packageVersion,
      runId,
      engine,
      engineReason: why,
      numericsClass,
      threadsPerNode,
      seed: config.seed,
      steps: config.steps,
      firstStep: this.#firstStep,
      aggregator: startedMethod(job.loaded),
      groups: formatGroups(config.groups),
      codec: config.wire.codec,
      parameters: layout.totalLength,
      buckets: layout.buckets.length,
      data,
      nodes,
    });
  }

  /**
   * In order; `wireBytes` are those sent so far by the nodes that are reported on. A step that
   * comes again after nodes went back is the same, and is not told again.
   */
  stepped(logged: LoggedStep, wireBytes: number): void {
    if (logged.step <= this.#newest) return;
    const { job, part, reporter, nowMs } = this.#options;
    const now = nowMs();
    const report = stepReport(job, logged, { part, tokensPerSecond: 0, wireBytes });
    if (report === undefined) return;
    this.#newest = logged.step;
    const told = { ...report, tokensPerSecond: this.#throughput.saw(report.tokens, now) };
    reporter.step(told);
    if (told.stalled && !this.#stalled) {
      this.#stalled = true;
      reporter.note(stalledNote(told, formatGroups(job.config.groups)));
    }
    const elapsedSeconds = (now - this.#startedMs) / 1000;
    this.#pace.saw(logged.step, now);
    const remainingSeconds = this.#pace.etaSeconds(report);
    const row = { elapsedSeconds, remainingSeconds };
    this.#written = this.#written.then(() => this.#folder.addStep(told, row));
  }

  /** Resolves when every row is written. */
  async written(): Promise<void> {
    await this.#written;
  }

  /** Saves and scores the result, and writes the report. */
  async conclude({ values, paramsHash, nodes }: Trained): Promise<Report> {
    const { job, folder, scorer, reporter, part, before, nowMs } = this.#options;
    const wallSeconds = (nowMs() - this.#startedMs) / 1000;
    await this.#written;
    const target = join(folder, MODEL_FOLDER);
    await rm(target, { recursive: true, force: true });
    const { parameters } = job.model;
    const saved = await writeModelFolder(target, { files: modelFilesOf(job), parameters, values });
    assert(saved === paramsHash, 'the saved model is what the nodes ended in');
    const after = await scorer.score(values);
    reporter.evaluation({ part, step: job.config.steps, languages: after });
    const { engine, numericsClass } = scorer.compute;
    const end = { engine, numericsClass, paramsHash, wallSeconds, nodes, before, after };
    const report = buildReport(job, this.#folder.tally, end);
    await this.#folder.writeReport(report);
    return report;
  }

  async writeReport(report: Report): Promise<void> {
    await this.#folder.writeReport(report);
  }
}
