/** One run of a scenario under a schedule, with every checker on. */
import type { ActorOptions } from '../node/actor/index.ts';
import {
  type CheckContext,
  type CheckerName,
  checkEnd,
  checkers,
  type Violation,
  violationOf,
} from './checkers/index.ts';
import { finalMarks, type Mark, MarkWatch } from './marks.ts';
import { type TinyRun, tinyRun } from './models/index.ts';
import { type OracleStep, runOracle } from './oracle.ts';
import type { ActorLike } from './process/index.ts';
import { RecoveryTimes } from './recovery-times.ts';
import type { Scenario } from './scenario.ts';
import { type Fault, familyOf, type Schedule } from './schedule/faults.ts';
import { World, type WorldEnd } from './world.ts';

/**
 * What the schedule leaves. `recoverable`: never are as many holders lost at once as there are of a
 * bucket. `beyond`: whatever happens, somebody is there in the end, or nobody. `core`: some nodes
 * are well in the end, everything else stays broken for good. `harmed`: some lie or compute
 * wrongly, every node audits every step, and whoever is honest and unharmed is right in the end.
 * `misled`: not every step is audited, and nothing is promised but that nobody honest is refused.
 */
export type Mode = 'recoverable' | 'beyond' | 'core' | 'harmed' | 'misled';

export interface Trial {
  readonly scenario: Scenario;
  readonly schedule: Schedule;
  readonly mode: Mode;
  /** The nodes that must come to the end; null: all that did not go for good. */
  readonly core: readonly string[] | null;
}

export interface TrialOptions {
  readonly createActor?: ((options: ActorOptions) => ActorLike) | undefined;
  readonly keepsLines?: boolean;
  /** Virtual ms after which nobody looks any more; what is not over by then is not judged. */
  readonly untilMs?: number;
  /** Tampers with the world before it runs: checkers must see what they are for. */
  readonly tamper?: (world: World) => void;
}

export interface Outcome {
  readonly end: WorldEnd;
  /** What was seen first; null where all promises were kept. */
  readonly violation: Violation | null;
  readonly traceHash: string;
  readonly lines: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  readonly marks: ReadonlySet<Mark>;
  readonly recoveryMs: readonly number[];
  /** root of the last step that anybody finished at. */
  readonly root: string | null;
  /** What nodes say that stand still although no promise is broken; null where none does. */
  readonly why: string | null;
}

export async function runTrial(trial: Trial, options: TrialOptions = {}): Promise<Outcome> {
  const { scenario, schedule, core, mode } = trial;
  const { run, steps } = await prepared(scenario);
  const roots = steps.map(({ root }) => root);
  const world = new World({
    scenario,
    schedule,
    model: run.model,
    core,
    observers: [],
    keepsLines: options.keepsLines ?? false,
    ...(options.createActor && { createActor: options.createActor }),
  });
  let violation: Violation | null = null;
  const context: CheckContext = {
    world,
    roots,
    values: steps.map(({ values }) => values),
    mode,
    hasHarm: mode !== 'harmed' && schedule.some((fault) => doesHarm(fault, scenario)),
    report(checker: CheckerName, text, where) {
      violation ??= violationOf(checker, world.clock.nowMs, text, where);
      world.halt();
    },
  };
  const marks = new Set<Mark>();
  const recovery = new RecoveryTimes(world);
  const watching = checkers.map((checker) => checker(context));
  world.observers.push(...watching, new MarkWatch(world, marks, roots).observer, recovery.observer);
  options.tamper?.(world);
  const { untilMs = Number.POSITIVE_INFINITY } = options;
  const end = world.run(untilMs);
  const isCutShort = end === 'outOfTime' && untilMs < world.dueMs;
  if (!isCutShort) {
    for (const { finish } of watching) finish?.();
    checkEnd(context, end);
  }
  finalMarks(world, marks);
  const finished = world.nodes.find(({ running }) => running?.finishedAt != null)?.running;
  return {
    end,
    violation,
    traceHash: world.trace.hash,
    lines: world.trace.lines,
    events: world.events,
    virtualMs: world.clock.nowMs,
    marks,
    recoveryMs: recovery.ms,
    root: finished?.root ?? null,
    why: violation === null && end !== 'finished' ? whyStill(world) : null,
  };
}

/** Liars whom a list keeps out do none. */
function doesHarm({ fault }: Fault, { allowList }: Scenario): boolean {
  return familyOf(fault) === 'harm' && !(fault === 'sybil' && allowList === true);
}

/** What the first of the nodes that stand still says of why. */
function whyStill({ nodes }: World): string | null {
  const warnings = nodes.flatMap(({ name, running }) =>
    running === null || running.lastWarning === '' ? [] : [`${name}: ${running.lastWarning}`],
  );
  const [first] = warnings;
  if (first === undefined) return null;
  return warnings.length === 1 ? first : `${first}; and ${warnings.length - 1} more`;
}

interface Prepared {
  readonly run: TinyRun;
  readonly steps: readonly OracleStep[];
}

/** Shrinking runs one scenario again and again; the oracle's answer is that of the last one. */
let last: { scenario: string; prepared: Prepared } | null = null;

async function prepared(scenario: Scenario): Promise<Prepared> {
  const name = JSON.stringify(scenario);
  if (last?.scenario === name) return last.prepared;
  if (scenario.model.kind !== 'tiny') throw new Error('the analytic model has no oracle');
  const run = tinyRun(scenario, scenario.model.bucketBytesMax);
  const { steps } = await runOracle(run.oracle);
  last = { scenario: name, prepared: { run, steps } };
  return last.prepared;
}
