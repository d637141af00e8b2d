/**
 * Computes steps of a run again, in a plain loop on this machine alone, and holds them against what
 * the run recorded.
 *
 * ```ts
 * import { verifyRun } from './node/cli/verify/index.ts';
 *
 * const note = (text: string) => console.error(text);
 * const options = { run: 'runs/1', from: 1, to: undefined, engine: undefined };
 * await verifyRun(options, { note, begun: () => {}, compared: console.log });
 * ```
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type OracleStep, oracleSteps } from '../../../sim/index.ts';
import type { Compute, EngineName } from '../../compute/index.ts';
import { paramsHashOf } from '../../model/index.ts';
import { damageOf } from '../../runtime/index.ts';
import { assertResumable, type PartedStep } from '../../store/index.ts';
import { loadConfig } from '../config/index.ts';
import { PathError, RunFolderError, VerifyMismatchError } from '../errors.ts';
import { type Job, openJob, openRunCompute, oracleRunOf } from '../job/index.ts';
import { placeKind, REPORT_FILE, RESOLVED_CONFIG } from '../places.ts';
import { type ComparedStep, compareStep } from './compare.ts';
import { type Recorded, readRecorded } from './recorded.ts';
import { findStart } from './start.ts';

export type { ComparedStep, Difference } from './compare.ts';

export interface VerifyOptions {
  /** A run's folder. */
  readonly run: string;
  /** The first step that is computed, counted from 1. */
  readonly from: number;
  /** The last one; undefined: the newest that is recorded. */
  readonly to: number | undefined;
  readonly engine: EngineName | undefined;
}

/** How it is going to be done. */
export interface VerifyBegun {
  readonly runId: string;
  readonly numericsClass: string;
  /** The step whose values are taken as they are, and hashed: a checkpoint's, or 0. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export interface VerifyHost {
  note(text: string): void;
  begun(facts: VerifyBegun): void;
  /** In order, and only what was asked for. */
  compared(step: ComparedStep): void;
}

export interface Verified {
  /** False also where there was nothing to compare with. */
  readonly ok: boolean;
  /** Steps that were asked for, and how many of them differ from a record, or are in none. */
  readonly steps: number;
  readonly differing: number;
  readonly unrecorded: number;
  /** Checkpoints that are not whole, or do not hold what their manifests say. */
  readonly damaged: number;
  /** The first step that differs. */
  readonly firstDiffering: number | null;
  /** Paths of the newest checkpoint before it that is right; several where nodes wrote parts. */
  readonly lastRight: readonly string[];
  /** Whether the parameters are those of the report; null where it was not computed that far. */
  readonly sameParameters: boolean | null;
}

/**
 * Throws a PathError for what is no run, a VerifyMismatchError where this machine's numerics are
 * others, a ResumeMismatchError where config, model or text have changed since.
 */
export async function verifyRun(options: VerifyOptions, host: VerifyHost): Promise<Verified> {
  const { run, engine } = options;
  if ((await placeKind(run)) !== 'run') {
    throw new PathError(run, "is no run's folder, which alone records roots. Name one.");
  }
  const recorded = await readRecorded(run, host.note);
  const range = rangeOf(options, recorded);
  const job = await openJob(await loadConfig(join(run, RESOLVED_CONFIG)));
  const compute = await openRunCompute(job, engine, availableParallelism());
  try {
    assertSame(run, job, compute, recorded);
    return await verify(job, compute, recorded, range, host);
  } finally {
    await compute.close();
  }
}

function rangeOf({ run, from, to }: VerifyOptions, { last }: Recorded) {
  if (last === 0)
    throw new RunFolderError(run, 'records no step: there is nothing to compare with.');
  const end = to ?? last;
  if (from <= end && end <= last) return { from, to: end };
  const asked = `steps ${from}..${end}`;
  throw new PathError(run, `${asked} are asked for, and it records steps 1..${last}.`);
}

/** Another class gives other bits, and another run other steps. */
function assertSame(run: string, job: Job, compute: Compute, recorded: Recorded): void {
  const { report, checkpoints } = recorded;
  const part = checkpoints[0]?.parts[0];
  const told = part?.manifest ?? report;
  if (told === null) return;
  if (told.numericsClass !== compute.numericsClass) {
    throw new VerifyMismatchError(told.runId, told.numericsClass, compute.numericsClass);
  }
  if (part !== undefined) assertResumable(part, job.manifest, compute.numericsClass);
  if (told.runId === job.runId) return;
  const [was, is] = [
    `${REPORT_FILE} is of run ${told.runId}`,
    `${RESOLVED_CONFIG} of ${job.runId}`,
  ];
  throw new RunFolderError(
    run,
    `${was}, but ${is}: config, model or text have changed. Put them back.`,
  );
}

async function verify(
  job: Job,
  compute: Compute,
  { records, checkpoints, torn, report }: Recorded,
  { from, to }: { readonly from: number; readonly to: number },
  host: VerifyHost,
): Promise<Verified> {
  const run = oracleRunOf(job, compute);
  const start = await findStart(run, checkpoints, from, host.note);
  const { runId, numericsClass } = run;
  host.begun({ runId, numericsClass, start: start?.step ?? 0, from, to });
  const found: ComparedStep[] = [];
  let sameParameters: boolean | null = null;
  for await (const computed of oracleSteps(run, start)) {
    const { step } = computed;
    // Earlier ones are only the way to where it is to begin.
    if (step < from) continue;
    const told = { records: records.get(step) ?? [], torn: torn.get(step) ?? [] };
    const compared = await compareStep(computed, told, (path) => damageOf(run, path));
    found.push(compared);
    host.compared(compared);
    if (report !== null && step === job.config.steps) {
      sameParameters = isReported(computed, report.paramsHash);
    }
    if (step === to) break;
  }
  const differing = found.filter(({ verdict }) => verdict === 'differs');
  const damaged = found.reduce((sum, step) => sum + step.damaged.length, 0);
  const isKnown = found.some(({ verdict }) => verdict === 'ok') || sameParameters === true;
  return {
    ok: isKnown && differing.length === 0 && damaged === 0 && sameParameters !== false,
    steps: found.length,
    differing: differing.length,
    damaged,
    unrecorded: found.filter(({ verdict }) => verdict === 'unrecorded').length,
    firstDiffering: differing[0]?.step ?? null,
    lastRight: lastRightOf(
      found,
      checkpoints.find(({ step }) => step === start?.step),
    ),
    sameParameters,
  };
}

/** `start` was taken as it is. */
function lastRightOf(found: readonly ComparedStep[], start: PartedStep | undefined) {
  const first = found.findIndex(({ verdict }) => verdict === 'differs');
  const before = found.slice(0, Math.max(0, first));
  const right = before.findLast(({ rightCheckpoints }) => rightCheckpoints.length > 0);
  if (first === -1) return [];
  return right?.rightCheckpoints ?? start?.parts.map(({ path }) => path) ?? [];
}

function isReported(
  { parameters }: OracleStep & { readonly parameters: Float32Array },
  paramsHash: string,
): boolean {
  return paramsHashOf([parameters]) === paramsHash;
}
