/**
 * The faults that real processes can be made to suffer: those of the simulator's schedules that a
 * signal or a proxy can bring about, so that one schedule serves both. Times are of the wall, from
 * the moment when all nodes have begun. Some options have no effect here: no machine is unplugged
 * (`power`), and the wire is encrypted, so that no part of a frame can be aimed at (`part`).
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Fault as AnyFault, faultSchema } from '../schedule/faults.ts';
import { ScheduleError } from './errors.ts';

const NODE_FAULTS = ['crash', 'pause', 'slow', 'join'] as const;
const LINK_FAULTS = [
  ...(['latency', 'loss', 'bandwidth', 'clog', 'flap', 'reset', 'halfOpen', 'slice'] as const),
  ...(['truncate', 'flip', 'refuseDial', 'partition'] as const),
] as const;
const KNOWN: readonly string[] = [...NODE_FAULTS, ...LINK_FAULTS];

export type FaultOf<Name extends AnyFault['fault']> = Extract<AnyFault, { fault: Name }>;
/** A fault of the wires. */
export type LinkFault = FaultOf<(typeof LINK_FAULTS)[number]>;
export type Fault = FaultOf<(typeof NODE_FAULTS)[number]> | LinkFault;
export type Schedule = readonly Fault[];

const FAULTS_MAX = 10_000;
/** Nodes have folders of their names. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

const [first, ...rest] = faultSchema.options.filter(({ shape }) =>
  KNOWN.includes(shape.fault.value),
);
const scheduleSchema = z.array(z.discriminatedUnion('fault', [first!, ...rest])).max(FAULTS_MAX);

/** Whether a fault is of the wires: then the nodes must be joined by proxies. */
export function isLinkFault(fault: Fault): fault is LinkFault {
  return (LINK_FAULTS as readonly string[]).includes(fault.fault);
}

/** Reads a schedule: a list of faults, or a file that has one under `schedule`. */
export async function readSchedule(path: string): Promise<Schedule> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ScheduleError(path, `cannot be read (${cause.code}). Name a JSON file.`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ScheduleError(path, 'is not JSON. Save the schedule as JSON.', { cause });
  }
  return parseSchedule(listIn(json), path);
}

/** What is to be the list of faults. */
function listIn(json: unknown): unknown {
  const isFile = typeof json === 'object' && json !== null && 'schedule' in json;
  return isFile ? json.schedule : json;
}

/** `source` names it in errors. */
export function parseSchedule(value: unknown, source: string): Schedule {
  const result = scheduleSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue?.path.join('.') || 'schedule';
    const isName = issue?.code === 'invalid_union';
    const why = isName ? notOfProcesses(value, issue.path) : issue?.message;
    const todo = issue?.path.length === 0 ? ' Name a list of faults, or a file that has one.' : '';
    throw new ScheduleError(source, `${place}: ${why}.${todo}`);
  }
  const schedule = result.data as Fault[];
  for (const [index, fault] of schedule.entries()) {
    const wrong = namesIn(fault).find((name) => !NAME.test(name));
    if (wrong === undefined) continue;
    const why = `"${wrong}" is no name of a node: letters, digits, _ and -`;
    throw new ScheduleError(source, `${index}: ${why}.`);
  }
  return schedule;
}

function notOfProcesses(schedule: unknown, [index]: readonly PropertyKey[]): string {
  const { fault } = (schedule as { fault?: unknown }[])[Number(index)]!;
  const what = typeof fault === 'string' ? `${fault} is ` : '';
  return `${what}no fault of processes; there are ${KNOWN.join(', ')}`;
}

function namesIn({ nodes, args }: Fault): string[] {
  const { peers = [], groups = [] } = args as { peers?: string[]; groups?: string[][] };
  return [...nodes, ...peers, ...groups.flat()];
}
