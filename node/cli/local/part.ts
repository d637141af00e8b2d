/**
 * One part of a job on this machine, the run itself or plain averaging: goes on where its folder
 * stands, trains on processes, and concludes from the checkpoint that they leave.
 */
import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint, readBuckets } from '../../store/index.ts';
import type { LocalOptions } from '../commands/local.ts';
import type { CommandContext } from '../context.ts';
import {
  type Job,
  namedCheckpoint,
  newestOfRun,
  RunRecord,
  type Scorer,
  stateFolders,
} from '../job/index.ts';
import {
  type EvaluatedLanguage,
  type Report,
  type Reporter,
  type RunPart,
  reportSchema,
} from '../output/index.ts';
import { REPORT_FILE, STATE_FOLDER } from '../places.ts';
import { type PartEnd, runPart } from './run-part.ts';

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
  readonly record: RunRecord;
}

export async function trainPart(input: PartInput): Promise<PartResult> {
  const { job, folder, options, context } = input;
  const threadsPerNode = Math.max(1, Math.floor(availableParallelism() / options.nodes));
  const record = new RunRecord({ ...input, threadsPerNode, nowMs: context.nowMs });
  const checkpoint = options.resume === false ? undefined : await findCheckpoint(input);
  const firstStep = checkpoint?.manifest.step ?? 0;
  if (firstStep === job.config.steps) {
    const report = await readReport(folder, job.runId);
    if (report !== undefined) return { step: firstStep, report, record };
  }
  await record.begin(firstStep);
  const end = await train(input, record, checkpoint, threadsPerNode);
  await record.written();
  await rm(join(folder, STATE_FOLDER), { recursive: true, force: true });
  if (end.stopped) return { step: end.step, report: null, record };
  input.reporter.note('scoring the result');
  const values = await publishedValues(job, end.checkpointPath);
  const nodes = end.nodes.map(({ name, facts: { peerId }, share }) => {
    return { name, peerId, bytesSent: share.bytesSent, bytesReceived: share.bytesReceived };
  });
  const report = await record.conclude({ values, paramsHash: end.paramsHash, nodes });
  return { step: end.step, report, record };
}

async function findCheckpoint(input: PartInput): Promise<Checkpoint | undefined> {
  const { job, folder, options, scorer, reporter, part } = input;
  const { numericsClass } = scorer.compute;
  const note = (text: string) => reporter.note(text);
  if (part === 'main' && typeof options.resume === 'string') {
    const folders = [folder, ...(await stateFolders(folder))];
    return await namedCheckpoint(job, numericsClass, options.resume, folders, note);
  }
  const found = await newestOfRun(job, numericsClass, folder, note);
  if (found === undefined && part === 'main') {
    reporter.note('there is no checkpoint yet: the run begins at its base');
  }
  return found;
}

async function train(
  { job, folder, options, context, reporter, stop, part, scorer }: PartInput,
  record: RunRecord,
  checkpoint: Checkpoint | undefined,
  threads: number,
): Promise<PartEnd> {
  const { configPath, overrides, nodes } = options;
  return await runPart({
    job,
    configPath,
    overrides,
    baseline: part === 'baseline',
    nodes,
    engine: scorer.compute.engine,
    threads,
    folder,
    checkpoint,
    stop,
    onStarted: (started) => {
      record.started(
        started.map(({ name, pid, facts: { peerId }, share: { buckets, units } }) => {
          return { name, pid, peerId, buckets, unitsPerStep: units };
        }),
      );
    },
    onStep: (step, bytesSent) => record.stepped(step, bytesSent),
    note: (text) => reporter.note(text),
    nowMs: context.nowMs,
  });
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
