/**
 * One part of a job on this machine, the run itself or plain averaging: goes on where its folder
 * stands, trains, saves the model, scores it and writes the report.
 */
import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../../protocol/assert.ts';
import {
  type Checkpoint,
  openCheckpoint,
  readBuckets,
  writeModelFolder,
} from '../../store/index.ts';
import type { LocalOptions } from '../commands/local.ts';
import type { CommandContext } from '../context.ts';
import { PathError } from '../errors.ts';
import {
  buildReport,
  type Job,
  type LoggedStep,
  modelFilesOf,
  namedCheckpoint,
  newestOfRun,
  RunFolder,
  type Scorer,
  stepReport,
} from '../job/index.ts';
import {
  type EvaluatedLanguage,
  type Report,
  type Reporter,
  type RunPart,
  reportSchema,
} from '../output/index.ts';
import { MODEL_FOLDER, REPORT_FILE, STATE_FOLDER } from '../places.ts';
import { packageVersion } from '../version.ts';
import { type PartEnd, type PartNode, runPart } from './run-part.ts';
import { Throughput } from './throughput.ts';

export interface PartInput {
  readonly part: RunPart;
  readonly options: LocalOptions;
  readonly context: CommandContext;
  readonly reporter: Reporter;
  readonly stop: AbortSignal;
  readonly job: Job;
  /** Absolute. */
  readonly folder: string;
  readonly scorer: Scorer;
  /** Scores of the base. */
  readonly before: readonly EvaluatedLanguage[];
}

export interface PartResult {
  readonly step: number;
  /** Null where the run was stopped before its last step. */
  readonly report: Report | null;
  readonly runFolder: RunFolder;
}

export class Part {
  readonly #input: PartInput;
  readonly #runFolder: RunFolder;
  readonly #throughput = new Throughput();
  readonly #threads: number;
  #startedMs = 0;
  #firstStep = 0;
  /** Rows are written in order. */
  #written: Promise<void> = Promise.resolve();

  constructor(input: PartInput) {
    this.#input = input;
    this.#runFolder = new RunFolder(input.folder);
    this.#threads = Math.max(1, Math.floor(availableParallelism() / input.options.nodes));
  }

  async run(): Promise<PartResult> {
    const { job, folder, context, options } = this.#input;
    this.#startedMs = context.nowMs();
    const checkpoint = options.resume === false ? undefined : await this.#findCheckpoint();
    this.#firstStep = checkpoint?.manifest.step ?? 0;
    const runFolder = this.#runFolder;
    if (this.#firstStep === job.config.steps) {
      const report = await readReport(folder, job.runId);
      if (report !== undefined) return { step: report.steps, report, runFolder };
    }
    await runFolder.begin(job.loaded, this.#firstStep);
    const end = await this.#train(checkpoint);
    await this.#written;
    await rm(join(folder, STATE_FOLDER), { recursive: true, force: true });
    if (end.stopped) return { step: end.step, report: null, runFolder };
    return { step: end.step, report: await this.#conclude(end), runFolder };
  }

  async #findCheckpoint(): Promise<Checkpoint | undefined> {
    const { job, folder, options, scorer, reporter, part } = this.#input;
    const { numericsClass } = scorer.compute;
    if (part === 'main' && typeof options.resume === 'string') {
      return await namedCheckpoint(job, numericsClass, options.resume);
    }
    const found = await newestOfRun(job, numericsClass, folder, (text) => reporter.note(text));
    if (found === undefined && part === 'main') {
      throw new PathError(folder, 'there is no checkpoint to go on from. Leave --resume out.');
    }
    return found;
  }

  async #train(checkpoint: Checkpoint | undefined): Promise<PartEnd> {
    const { job, folder, options, reporter, stop, part, context } = this.#input;
    const { configPath, overrides, nodes } = options;
    return await runPart({
      job,
      configPath,
      overrides,
      baseline: part === 'baseline',
      nodes,
      engine: this.#input.scorer.compute.engine,
      threads: this.#threads,
      folder,
      checkpoint,
      stop,
      onStarted: (started) => {
        this.#throughput.begin(context.nowMs());
        this.#announce(started);
      },
      onStep: (step, bytesSent) => this.#onStep(step, bytesSent),
      note: (text) => reporter.note(text),
    });
  }

  #announce(nodes: readonly PartNode[]): void {
    const { job, part, reporter, scorer } = this.#input;
    const { config, layout, runId, data } = job;
    const { name, normalize } = config.aggregator;
    reporter.runStarted({
      part,
      version: packageVersion,
      runId,
      engine: scorer.compute.engine,
      engineReason: scorer.compute.why,
      numericsClass: scorer.compute.numericsClass,
      threadsPerNode: this.#threads,
      seed: config.seed,
      steps: config.steps,
      firstStep: this.#firstStep,
      aggregator: { name, normalize },
      groups: config.groups,
      codec: config.wire.codec,
      parameters: layout.totalLength,
      buckets: layout.buckets.length,
      data,
      nodes: nodes.map(({ name, pid, facts }) => ({ name, pid, peerId: facts.peerId })),
    });
  }

  #onStep(logged: LoggedStep, bytesSent: number): void {
    const { job, part, reporter, context } = this.#input;
    const nowMs = context.nowMs();
    const report = stepReport(job, logged, { part, tokensPerSecond: 0, wireBytes: bytesSent });
    if (report === undefined) return;
    const told = { ...report, tokensPerSecond: this.#throughput.saw(report.tokens, nowMs) };
    reporter.step(told);
    const elapsedSeconds = (nowMs - this.#startedMs) / 1000;
    const done = logged.step - this.#firstStep;
    const remainingSeconds = (elapsedSeconds / done) * (job.config.steps - logged.step);
    this.#written = this.#written.then(() =>
      this.#runFolder.addStep(told, { elapsedSeconds, remainingSeconds }),
    );
  }

  async #conclude(end: PartEnd): Promise<Report> {
    const { job, folder, scorer, reporter, part, before, context } = this.#input;
    const wallSeconds = (context.nowMs() - this.#startedMs) / 1000;
    const values = await publishedValues(job, end.checkpointPath);
    const target = join(folder, MODEL_FOLDER);
    await rm(target, { recursive: true, force: true });
    const files = modelFilesOf(job);
    const { parameters } = job.model;
    const paramsHash = await writeModelFolder(target, { files, parameters, values });
    assert(paramsHash === end.paramsHash, 'the saved model is what the nodes ended in');
    const after = await scorer.score(values);
    reporter.evaluation({ part, step: end.step, languages: after });
    const report = buildReport(job, this.#runFolder.tally, {
      engine: scorer.compute.engine,
      numericsClass: scorer.compute.numericsClass,
      paramsHash,
      wallSeconds,
      nodes: end.nodes.map(({ name, facts: { peerId }, share }) => {
        return { name, peerId, bytesSent: share.bytesSent, bytesReceived: share.bytesReceived };
      }),
      before,
      after,
    });
    await this.#runFolder.writeReport(report);
    return report;
  }
}

/** All published parameters of an assembled checkpoint, in order. */
async function publishedValues(job: Job, path: string): Promise<Float32Array> {
  const values = new Float32Array(job.layout.totalLength);
  const checkpoint = await openCheckpoint(path);
  for await (const { bucket, arrays } of readBuckets(checkpoint, { arrays: [] })) {
    values.set(arrays['published'] as Float32Array, job.layout.buckets[bucket]!.start);
  }
  return values;
}

/** The report of a run that had come to its end before. */
async function readReport(folder: string, runId: string): Promise<Report | undefined> {
  const text = await readFile(join(folder, REPORT_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = reportSchema.safeParse(JSON.parse(text));
  return parsed.success && parsed.data.runId === runId ? parsed.data : undefined;
}
