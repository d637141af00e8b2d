/**
 * `isogloss chaos`: computes what a run must be, runs it on real nodes under a schedule of faults,
 * and says whether every node was right at every step, and what the faults cost.
 */
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  carryOut,
  type Expected,
  figuresOf,
  killSchedule,
  readSchedule,
  type Schedule,
  Witness,
} from '../../../sim/chaos/index.ts';
import { writeFileAtomic } from '../../files/index.ts';
import type { ChaosOptions } from '../commands/chaos.ts';
import { loadConfig } from '../config/index.ts';
import type { CommandAction } from '../context.ts';
import { UsageError } from '../errors.ts';
import { Interrupts } from '../interrupts.ts';
import { chooseRunFolder, nodeName, openJob } from '../job/index.ts';
import { expectedOf } from './expected.ts';
import { type ChaosReport, reportLines } from './report.ts';

const CHAOS_FOLDER = 'chaos';
const CALM_FOLDER = 'calm';
const REPORT_FILE = 'chaos.json';

/** The command itself, as it was started: source or compiled. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const BIN = fileURLToPath(new URL(`../bin${EXTENSION}`, import.meta.url));

/** Exits with 1 if a checker was violated. */
export const runChaos: CommandAction<ChaosOptions> = async (options, { terminal }) => {
  const { configPath, nodes: count, seed, engine } = options;
  const loaded = await loadConfig(configPath, options.overrides);
  if (loaded.config.network.allow !== undefined) {
    throw new UsageError('chaos makes nodes with new identities: leave network.allow out.');
  }
  const nodes = Array.from({ length: count }, (_, index) => nodeName(index));
  const schedule = await scheduleOf(options, nodes);
  const job = await openJob(loaded);
  const folder = await chooseRunFolder(loaded, false);
  const note = (text: string) => terminal.line(text);
  note(`computing the run without faults: ${job.config.steps} steps`);
  const expected = await expectedOf(job, engine);
  const interrupts = new Interrupts((isFirst) => isFirst && note('ending all nodes'));
  const live = async (name: string, faults: Schedule) => {
    const witness = new Witness(expected);
    const plan = { command: commandOf(options), nodes, folder: join(folder, name), seed, note };
    const done = await carryOut({ ...plan, schedule: faults }, witness, interrupts.signal);
    return { witness, done };
  };
  try {
    const calm = options.calm ? await calmPace(live, note) : null;
    if (interrupts.exitCode !== null) return interrupts.exitCode;
    const { schedulePath, everySeconds } = options;
    const faults = schedulePath ?? `a kill every ${everySeconds} s`;
    note(`${count} nodes under ${faults}, seed ${seed}`);
    const { witness, done } = await live(CHAOS_FOLDER, schedule);
    if (interrupts.exitCode !== null) return interrupts.exitCode;
    const report = reportOf({ options, runId: job.runId, expected, witness, done, calm });
    const path = join(folder, REPORT_FILE);
    await writeFileAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
    if (options.json) terminal.data(JSON.stringify(report));
    else for (const line of reportLines(report)) terminal.data(line);
    note(`report and schedule: ${relative('.', path)}; logs: ${relative('.', folder)}/*/logs`);
    return report.ok ? 0 : 1;
  } finally {
    interrupts.close();
  }
};

async function scheduleOf(
  { schedulePath, everySeconds, minutes, seed }: ChaosOptions,
  nodes: readonly string[],
): Promise<Schedule> {
  if (schedulePath === undefined) {
    const [everyMs, untilMs] = [1000 * everySeconds, 60_000 * minutes];
    return killSchedule({ seed, nodes, everyMs, untilMs });
  }
  const schedule = await readSchedule(schedulePath);
  const joining = schedule.flatMap((fault) => (fault.fault === 'join' ? fault.nodes : []));
  const known = new Set([...nodes, ...joining]);
  const named = schedule.flatMap((fault) => [
    ...fault.nodes,
    ...('peers' in fault.args ? fault.args.peers : []),
    ...('groups' in fault.args ? fault.args.groups.flat() : []),
  ]);
  const strange = named.find((name) => !known.has(name));
  if (strange !== undefined) {
    const there = [...known].join(', ');
    throw new UsageError(`${schedulePath}: there is no node ${strange}; there are ${there}.`);
  }
  return schedule;
}

function commandOf({ configPath, nodeFlags }: ChaosOptions): string[] {
  return [process.execPath, BIN, 'node', resolve(configPath), ...nodeFlags];
}

type Live = (name: string, faults: Schedule) => Promise<{ witness: Witness }>;

/** Steps a second without faults. Such a run is held to the same. */
async function calmPace(live: Live, note: (text: string) => void): Promise<Witness> {
  note('the same run without faults, for its pace');
  const { witness } = await live(CALM_FOLDER, []);
  return witness;
}

function reportOf(parts: {
  readonly options: ChaosOptions;
  readonly runId: string;
  readonly expected: Expected;
  readonly witness: Witness;
  readonly done: Schedule;
  readonly calm: Witness | null;
}): ChaosReport {
  const { options, runId, expected, witness, done, calm } = parts;
  const calmViolations = calm?.violations.map((text) => `without faults: ${text}`) ?? [];
  const violations = [...calmViolations, ...witness.violations];
  return {
    type: 'chaos',
    ok: violations.length === 0,
    runId,
    paramsHash: expected.paramsHash,
    nodes: options.nodes,
    seed: options.seed,
    roots: witness.rootsChecked,
    losses: witness.lossesChecked,
    violations,
    figures: figuresOf(witness),
    calmStepsPerSecond: calm === null ? null : figuresOf(calm).stepsPerSecond,
    schedule: done,
  };
}
