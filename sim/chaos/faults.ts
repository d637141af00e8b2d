/**
 * The faults that real processes can be made to suffer, as data: names and fields are those of the
 * simulator's schedules, so that one schedule serves both. Times are of the wall, from the moment
 * when all nodes have begun.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ScheduleError } from './errors.ts';

const TIME_MS_MAX = 1e9;
const NODES_MAX = 64;
const FAULTS_MAX = 10_000;

const ms = z.number().min(0).max(TIME_MS_MAX);
const share = z.number().min(0).max(1);
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -');
const names = z.array(name).max(NODES_MAX);

type Args = Record<string, z.ZodType>;

function entry<const Name extends string, const A extends Args>(fault: Name, doc: string, args: A) {
  return z
    .strictObject({
      fault: z.literal(fault),
      atMs: ms.describe('ms at which it begins'),
      durationMs: ms.nullable().describe('ms until it is healed; null: never'),
      nodes: names.describe('on whom'),
      args: z.strictObject(args),
    })
    .describe(doc);
}

/** A fault of the links between `nodes` and `peers`, both ways; no peers: all others. */
function linkEntry<const Name extends string, const A extends Args>(
  fault: Name,
  doc: string,
  args: A,
) {
  return entry(fault, doc, {
    peers: names.describe('the other ends; none: everybody else'),
    oneWay: z.boolean().describe('only what nodes send to peers'),
    ...args,
  });
}

const nodeFaults = [
  entry('crash', 'SIGKILL; starts again when the fault is over', {
    power: z.boolean().describe('without effect: the machine of a process can not be unplugged'),
    disk: z.enum(['kept', 'wiped', 'older']).describe('the disk that it starts again with'),
  }),
  entry('pause', 'SIGSTOP, and SIGCONT when it is over', {}),
  entry('slow', 'SIGSTOP and SIGCONT by turns', {
    factor: z.number().min(1).max(1000).describe('times as long'),
  }),
  entry('join', 'a node that nobody expected starts, with an empty disk', {}),
] as const;

const linkFaults = [
  linkEntry('latency', 'bytes take longer', {
    addMs: ms.describe('ms more on every piece'),
    jitterMs: ms.describe('up to this many ms more, uniformly'),
  }),
  linkEntry('loss', 'packets are lost and sent again, so that a stream stands still meanwhile', {
    share: share.describe('of pieces that are held up'),
    burst: z.number().int().min(1).max(1000).describe('pieces in a row that share a draw'),
    againMs: ms.describe('ms until the first repetition; doubles each time'),
  }),
  linkEntry('bandwidth', 'little fits through', {
    bytesPerS: z.number().min(1).describe('bytes a second, each way'),
  }),
  linkEntry('clog', 'nothing passes; what was sent arrives after it', {}),
  linkEntry('flap', 'passes and does not, by turns', {
    periodMs: ms.min(1).describe('ms of one on and one off together'),
  }),
  linkEntry('reset', 'connections break at once, in the middle of a frame', {}),
  linkEntry('halfOpen', 'the peers lose their connections, the nodes do not notice', {}),
  linkEntry('slice', 'bytes arrive in small pieces', {
    bytes: z.number().int().min(1).describe('bytes of a piece at most'),
  }),
  linkEntry('truncate', 'a piece ends too early, and the connection with it', {
    share: share.describe('of pieces'),
  }),
  linkEntry('flip', 'garbage: a bit of a piece is flipped on the wire', {
    share: share.describe('of pieces'),
    part: z.enum(['head', 'header', 'payload']).describe('without effect: the wire is encrypted'),
  }),
  linkEntry('refuseDial', 'connections that break do not come up again', {}),
  entry('partition', 'only nodes that share a group hear each other', {
    groups: z.array(names).max(NODES_MAX).describe('may overlap; who is in none is alone'),
  }),
] as const;

const faultSchema = z.discriminatedUnion('fault', [...nodeFaults, ...linkFaults]);
const scheduleSchema = z.array(faultSchema).max(FAULTS_MAX);

export type Fault = z.infer<typeof faultSchema>;
export type FaultOf<Name extends Fault['fault']> = Extract<Fault, { fault: Name }>;
export type LinkFault = Exclude<Fault, FaultOf<'crash' | 'pause' | 'slow' | 'join'>>;
export type Schedule = readonly Fault[];

const NODE_FAULTS: readonly string[] = nodeFaults.map(({ shape }) => shape.fault.value);
const KNOWN = faultSchema.options.map(({ shape }) => shape.fault.value);

/** Whether a fault is of the wires: then the nodes must be joined by proxies. */
export function isLinkFault(fault: Fault): fault is LinkFault {
  return !NODE_FAULTS.includes(fault.fault);
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
  return parseSchedule(
    Array.isArray(json) ? json : (json as { schedule?: unknown }).schedule,
    path,
  );
}

/** `source` names it in errors. */
export function parseSchedule(value: unknown, source: string): Schedule {
  const result = scheduleSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') || 'schedule';
  const isName = issue?.code === 'invalid_union';
  const why = isName ? `no fault of processes; there are ${KNOWN.join(', ')}` : issue?.message;
  throw new ScheduleError(source, `${place}: ${why}.`);
}

/** A fault in one line. */
export function faultText({ fault, nodes, durationMs, args }: Fault): string {
  const until = durationMs === null ? ' for good' : durationMs > 0 ? ` for ${durationMs} ms` : '';
  const options = Object.entries(args)
    .filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${fault} ${nodes.join(',')}${until}${options.join('')}`;
}
