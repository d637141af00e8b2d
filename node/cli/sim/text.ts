/** What `isogloss sim` says to people. */
import {
  brokenBy,
  type Failure,
  type FaultDoc,
  faultText,
  type Mode,
  type Outcome,
  recoveryQuantiles,
  type Summary,
  type Trial,
  unhitMarks,
} from '../../../sim/index.ts';

/** What a trial was run from, besides a seed. */
export interface RunFrom {
  /** A seed that draws its mode itself may draw something else than one that is given it. */
  readonly mode?: Mode | undefined;
  readonly capsule?: string | undefined;
  readonly scenario?: string | undefined;
}

/** How a trial is run again. */
function repeatCommand(command: string, from: RunFrom, { seed }: Failure): string {
  if (from.capsule !== undefined) return `${command} sim --capsule ${from.capsule}`;
  const cluster = from.scenario === undefined ? '' : ` --scenario ${from.scenario}`;
  const mode = from.mode === undefined ? '' : ` --mode ${from.mode}`;
  return `${command} sim --seed ${seed}${mode}${cluster}`;
}

/** What went wrong in a trial, where, and the command that shows it again. */
export function failureLines(command: string, from: RunFrom, failure: Failure): string[] {
  const { seed, mode, violation } = failure;
  const { checker, atMs, node, step, bucket, event, text } = violation;
  const where = [
    node === null ? null : `node ${node}`,
    step === null ? null : `step ${step}`,
    bucket === null ? null : `bucket ${bucket}`,
    event === null ? null : `event "${event}"`,
  ].filter((part) => part !== null);
  return [
    `seed ${seed} (${mode}), ${seconds(atMs)} s: not kept: ${checker}`,
    `  ${text.split('\n').join('\n  ')}`,
    ...(where.length > 0 ? [`  first seen at ${where.join(', ')}`] : []),
    `  again: ${repeatCommand(command, from, failure)}`,
  ];
}

export function trialLines({ scenario, schedule, mode, core }: Trial): string[] {
  const { nodes, steps, units, redundancy, aggregator, codec, groups, optimizer } = scenario;
  const size = `${nodes.length} nodes, ${steps} steps, units a step ${units.join(' + ')}`;
  const how = [
    ...[`redundancy ${redundancy}`, aggregator.name, optimizer.name, codec],
    `groups by ${groups}`,
  ].join(', ');
  return [
    `${size}, ${how}`,
    `${mode}${core === null ? '' : `: well in the end are ${core.join(', ')}`}`,
    ...schedule.map((fault) => `  ${seconds(fault.atMs).padStart(9)} s  ${faultText(fault)}`),
    ...(schedule.length === 0 ? ['  no faults'] : []),
  ];
}

/** Virtual ms as seconds. */
const seconds = (ms: number) => (ms / 1000).toFixed(3);

export function outcomeLine(outcome: Outcome): string {
  const { end, events, virtualMs, traceHash, root, why } = outcome;
  const at = `${seconds(virtualMs)} s of virtual time, ${events} events`;
  const ended = root === null ? end : `${end} at root ${root.slice(0, 12)}…`;
  return `${ended} after ${at}; trace ${traceHash}${why === null ? '' : `; ${why}`}`;
}

/** The report at the end of many seeds. */
export function summaryLines(summary: Summary, wallMs: number): string[] {
  const { seeds, events, virtualMs, failures, marks, recoveryMs } = summary;
  const { p50Ms, p99Ms } = recoveryQuantiles(summary);
  const unhit = unhitMarks(summary);
  const wallS = wallMs / 1000;
  const eachMs = Math.round(wallMs / Math.max(1, seeds));
  const perSecond = (count: number) => Math.round(count / wallS).toLocaleString('en');
  return [
    `${seeds} seeds in ${seconds(wallMs)} s (${eachMs} ms each), ` +
      `${failures.length} broke a promise`,
    ...Object.entries(brokenBy(summary)).map(([checker, count]) => `  ${checker}: ${count}`),
    `${events.toLocaleString('en')} events, ${perSecond(events)} a second; ` +
      `${perSecond(virtualMs / 1000)} virtual seconds a second`,
    `the run stood still for a fault ${recoveryMs.length} times: ` +
      `half at most ${seconds(p50Ms)} s, 99 in 100 at most ${seconds(p99Ms)} s`,
    `${Object.keys(marks).length} coverage marks hit` +
      (unhit.length === 0 ? ', all there are' : `, not hit: ${unhit.join(', ')}`),
  ];
}

export function faultDocLines(docs: readonly FaultDoc[]): string[] {
  return docs.flatMap(({ fault, family, text, args }) => [
    `${fault} (${family}): ${text}`,
    ...Object.entries(args).map(([name, meaning]) => `    ${name}: ${meaning}`),
  ]);
}
