/**
 * `isogloss chaos`: computes what a run must be, runs it on real nodes under a schedule of faults,
 * and says whether every node was right at every step, and what the faults cost.
 */
import { readFile } from 'node:fs/promises';
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
import { CapsuleError, parseCapsule } from '../../../sim/index.ts';
import { writeFileAtomic } from '../../files/index.ts';
import type { ChaosOptions } from '../commands/chaos.ts';
import { loadConfig } from '../config/index.ts';
import type { CommandAction } from '../context.ts';
import { UsageError } from '../errors.ts';
import { Interrupts } from '../interrupts.ts';
import { chooseRunFolder, nodeName, openJob } from '../job/index.ts';
import { expectedOf } from './expected.ts';
import { type ChaosReport, missedText, reportLines } from './report.ts';

const CHAOS_FOLDER = 'chaos';
const CALM_FOLDER = 'calm';
const REPORT_FILE = 'chaos.json';

/** The command itself, as it was started: source or compiled. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const BIN = fileURLToPath(new URL(`../bin${EXTENSION}`, import.meta.url));

/**
 * Exits with 1 if a checker was violated, or the run ended before the first of its faults. A signal
 * ends the run, and what was found until then is told.
 */
export const runChaos: CommandAction<ChaosOptions> = async (options, { terminal }) => {
  const { configPath, seed, engine } = options;
  const loaded = await loadConfig(configPath, options.overrides);
  if (loaded.config.network.allow !== undefined) {
    throw new UsageError('chaos makes nodes with new identities: leave network.allow out.');
  }
  const { nodes, schedule, faults: told } = await planOf(options);
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
    if (interrupts.exitCode === null) note(`${nodes.length} nodes under ${told}, seed ${seed}`);
    const { witness, done } =
      interrupts.exitCode === null
        ? await live(CHAOS_FOLDER, schedule)
        : { witness: new Witness(expected), done: [] };
    const report = reportOf({
      options,
      nodes: nodes.length,
      runId: job.runId,
      expected,
      witness,
      done,
      calm,
      planned: plannedOf(options, schedule),
      interrupted: interrupts.exitCode !== null,
    });
    const path = join(folder, REPORT_FILE);
    await writeFileAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
    if (options.json) terminal.data(JSON.stringify(report));
    else for (const line of reportLines(report)) terminal.data(line);
    note(`report and schedule: ${relative('.', path)}; logs: ${relative('.', folder)}/*/logs`);
    return report.ok ? (interrupts.exitCode ?? 0) : 1;
  } finally {
    interrupts.close();
  }
};

interface Plan {
  readonly nodes: readonly string[];
  readonly schedule: Schedule;
  /** Where the faults come from. */
  readonly faults: string;
}

async function planOf(options: ChaosOptions): Promise<Plan> {
  const { capsulePath, schedulePath, everySeconds, minutes, seed } = options;
  if (capsulePath !== undefined) {
    const { scenario } = parseCapsule(await readCapsule(capsulePath), capsulePath);
    const { nodes } = scenario;
    return { nodes, schedule: await scheduleFrom(capsulePath, nodes), faults: capsulePath };
  }
  const nodes = Array.from({ length: options.nodes }, (_, index) => nodeName(index));
  if (schedulePath !== undefined) {
    return { nodes, schedule: await scheduleFrom(schedulePath, nodes), faults: schedulePath };
  }
  const [everyMs, untilMs] = [1000 * everySeconds, 60_000 * minutes];
  const schedule = killSchedule({ seed, nodes, everyMs, untilMs });
  return { nodes, schedule, faults: `a kill every ${everySeconds} s` };
}

/** Faults that are to be carried out; kills go on for as long as the run does. */
function plannedOf(
  { capsulePath, schedulePath }: ChaosOptions,
  { length }: Schedule,
): number | undefined {
  return capsulePath === undefined && schedulePath === undefined ? undefined : length;
}

async function readCapsule(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CapsuleError(`${path} can't be read`, { cause });
  }
}

/** The file's faults, which only processes there are may suffer. */
async function scheduleFrom(schedulePath: string, nodes: readonly string[]): Promise<Schedule> {
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
  readonly nodes: number;
  readonly runId: string;
  readonly expected: Expected;
  readonly witness: Witness;
  readonly done: Schedule;
  readonly calm: Witness | null;
  readonly planned: number | undefined;
  readonly interrupted: boolean;
}): ChaosReport {
  const { options, runId, expected, witness, done, calm } = parts;
  const calmViolations = calm?.violations.map((text) => `without faults: ${text}`) ?? [];
  const violations = [...calmViolations, ...witness.violations];
  const warning = parts.interrupted ? null : missedText(done.length, parts.planned);
  const showsNothing = warning !== null && done.length === 0;
  return {
    type: 'chaos',
    ok: violations.length === 0 && !showsNothing,
    interrupted: parts.interrupted,
    runId,
    paramsHash: expected.paramsHash,
    nodes: parts.nodes,
    seed: options.seed,
    roots: witness.rootsChecked,
    losses: witness.lossesChecked,
    violations,
    figures: figuresOf(witness),
    calmStepsPerSecond: calm === null ? null : figuresOf(calm).stepsPerSecond,
    schedule: done,
    warning,
  };
}
