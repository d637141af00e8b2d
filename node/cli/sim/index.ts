/**
 * `isogloss sim`: seeds, scenarios and capsules from the command line and files, through the
 * simulator, and what it found as text or JSON.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../../../protocol/assert.ts';
import {
  addSummary,
  brokenBy,
  CapsuleError,
  capsuleOf,
  drawTrial,
  emptySummary,
  type Failure,
  faultDocs,
  formatCapsule,
  type Mode,
  type Outcome,
  parseCapsule,
  recoveryQuantiles,
  runTrial,
  type Scenario,
  type Summary,
  shrink,
  type Trial,
  testOf,
  trialOf,
  unhitMarks,
} from '../../../sim/index.ts';
import type { CommandAction, CommandContext } from '../context.ts';
import { commandName, packageVersion } from '../version.ts';
import { runPool } from './pool.ts';
import { failureLines, faultDocLines, outcomeLine, summaryLines, trialLines } from './text.ts';

export interface SimOptions {
  readonly seed: number | undefined;
  readonly seeds: { readonly from: number; readonly to: number } | undefined;
  readonly minutes: number | undefined;
  readonly capsule: string | undefined;
  readonly scenario: string | undefined;
  readonly mode: Mode | undefined;
  readonly shrink: boolean;
  readonly trace: boolean;
  readonly faults: boolean;
  readonly json: boolean;
  readonly threads: number;
  readonly out: string;
}

/** Failures that are told in full; the rest is counted. */
const FAILURES_TOLD_MAX = 10;
const SHRINK_MS = 60_000;
const NOTHING_TO_SHRINK = 'nothing to shrink: no promise was broken';
const MINUTE_MS = 60_000;

/** Exits with 1 if a promise was broken. */
export const runSim: CommandAction<SimOptions> = async (options, context) => {
  if (options.faults) {
    const { terminal } = context;
    if (options.json) terminal.data(JSON.stringify({ type: 'faults', faults: faultDocs }));
    else for (const line of faultDocLines(faultDocs)) terminal.data(line);
    return 0;
  }
  const scenario = await scenarioOf(options);
  if (options.capsule !== undefined) return await runCapsule(options.capsule, options, context);
  if (options.seeds === undefined && options.minutes === undefined) {
    const seed = options.seed ?? 0;
    return await runOne(drawTrial(seed, options.mode, scenario), seed, options, context);
  }
  return await runMany(scenario, options, context);
};

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CapsuleError(`${path} can't be read`, { cause });
  }
}

/** A scenario file is a capsule of which only the cluster and the run are taken. */
async function scenarioOf({ scenario: path }: SimOptions): Promise<Scenario | undefined> {
  return path === undefined ? undefined : parseCapsule(await readText(path), path).scenario;
}

async function runCapsule(path: string, options: SimOptions, context: CommandContext) {
  const capsule = parseCapsule(await readText(path), path);
  return await runOne(trialOf(capsule), capsule.seed, options, context);
}

/** One trial, told in full. */
async function runOne(
  trial: Trial,
  seed: number | null,
  options: SimOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  const outcome = await runTrial(trial, { keepsLines: options.trace });
  if (options.json) terminal.data(JSON.stringify(trialRecord(seed, trial, outcome)));
  else {
    for (const line of trialLines(trial)) terminal.data(line);
    for (const line of outcome.lines) terminal.data(line);
    terminal.data(outcomeLine(outcome));
  }
  const { violation } = outcome;
  if (violation === null) {
    if (options.shrink) terminal.line(NOTHING_TO_SHRINK);
    return 0;
  }
  const failure = { seed: seed ?? 0, mode: trial.mode, violation };
  if (!options.json)
    for (const line of failureLines(commandName(), options, failure)) terminal.line(line);
  if (options.shrink) await shrinkAndWrite(trial, seed, outcome, options, context);
  return 1;
}

function trialRecord(seed: number | null, trial: Trial, outcome: Outcome) {
  const { marks, lines: _lines, ...rest } = outcome;
  return { type: 'trial', seed, ...trial, ...rest, marks: [...marks] };
}

/** Many seeds on all threads, and a report. */
async function runMany(
  scenario: Scenario | undefined,
  options: SimOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, nowMs } = context;
  const { seeds, minutes, mode, threads, json } = options;
  const beganMs = nowMs();
  const endMs = minutes === undefined ? Number.POSITIVE_INFINITY : beganMs + minutes * MINUTE_MS;
  const total = emptySummary();
  await runPool({
    from: seeds?.from ?? options.seed ?? 0,
    to: seeds?.to,
    threads,
    mode,
    scenario,
    mayGoOn: () => nowMs() < endMs,
    onSummary: (summary) => {
      for (const [i, failure] of summary.failures.entries()) {
        if (total.failures.length + i < FAILURES_TOLD_MAX) tell(failure, options, context);
      }
      addSummary(total, summary);
      terminal.block([`${total.seeds} seeds, ${total.failures.length} broke a promise`]);
    },
  });
  const wallMs = nowMs() - beganMs;
  terminal.block([]);
  if (json) terminal.data(JSON.stringify(reportOf(total, wallMs)));
  else for (const line of summaryLines(total, wallMs)) terminal.data(line);
  const first = total.failures.sort((a, b) => a.seed - b.seed)[0];
  if (first === undefined) {
    if (options.shrink) terminal.line(NOTHING_TO_SHRINK);
    return 0;
  }
  if (options.shrink) {
    const trial = drawTrial(first.seed, mode, scenario);
    await shrinkAndWrite(trial, first.seed, first, options, context);
  }
  return 1;
}

function tell(failure: Failure, options: SimOptions, { terminal }: CommandContext): void {
  if (options.json) terminal.data(JSON.stringify({ type: 'violation', ...failure }));
  else for (const line of failureLines(commandName(), options, failure)) terminal.line(line);
}

function reportOf(total: Summary, wallMs: number) {
  const { seeds, events, virtualMs, marks, failures } = total;
  const recovery = { count: total.recoveryMs.length, ...recoveryQuantiles(total) };
  const failed = failures.map(({ seed }) => seed).sort((a, b) => a - b);
  const unhit = unhitMarks(total);
  const broken = brokenBy(total);
  return {
    type: 'report',
    seeds,
    events,
    virtualMs,
    wallMs,
    failed,
    broken,
    recovery,
    marks,
    unhit,
  };
}

/** How a file in a folder imports the simulator: of this checkout by its path, else by its name. */
function simulatorFrom(folder: string): string {
  const source = fileURLToPath(new URL('../../../sim/index.ts', import.meta.url));
  if (!import.meta.url.endsWith('.ts')) return 'isogloss/sim';
  const path = relative(folder, source).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** The smallest trial that fails in the same way, as a capsule and a test beside it. */
async function shrinkAndWrite(
  trial: Trial,
  seed: number | null,
  { violation }: Pick<Outcome, 'violation'> | Failure,
  { out, json }: SimOptions,
  { terminal, nowMs }: CommandContext,
): Promise<void> {
  assert(violation !== null, 'what is shrunk has failed');
  const endMs = nowMs() + SHRINK_MS;
  const beganMs = nowMs();
  const shrunk = await shrink(trial, violation, { run: runTrial, mayGoOn: () => nowMs() < endMs });
  const capsule = capsuleOf(shrunk.trial, seed, shrunk.violation, packageVersion);
  const name = `seed-${seed ?? 'by-hand'}`;
  await mkdir(out, { recursive: true });
  const path = join(out, `${name}.json`);
  await writeFile(path, formatCapsule(capsule));
  const test = testOf(capsule, `${name}.json`, simulatorFrom(out));
  await writeFile(join(out, `${name}.test.ts`), test);
  const wallMs = nowMs() - beganMs;
  if (json) {
    const { runs } = shrunk;
    terminal.data(JSON.stringify({ type: 'capsule', path, runs, wallMs, capsule }));
    return;
  }
  const faults = shrunk.trial.schedule.length;
  terminal.data(
    `shrunk to ${faults} faults in ${shrunk.runs} runs, ${(wallMs / 1000).toFixed(1)} s:`,
  );
  for (const line of trialLines(shrunk.trial)) terminal.data(`  ${line}`);
  terminal.data(`  again: ${commandName()} sim --capsule ${path}`);
}
