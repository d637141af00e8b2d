/**
 * The vocabulary of faults: what can go wrong, on whom, from when, for how long. A schedule is a
 * list of these, so it is printed, saved, edited, shrunk and replayed like any other data.
 */
import { z } from 'zod';

const TIME_MS_MAX = 1e9;
const NODES_MAX = 4096;

const ms = z.number().min(0).max(TIME_MS_MAX);
const share = z.number().min(0).max(1);
const name = z.string().min(1).max(128);

type Args = Record<string, z.ZodType>;

/** A fault's schema: `args` beside what all of them have. */
function entry<const Name extends string, const A extends Args>(fault: Name, doc: string, args: A) {
  return z
    .strictObject({
      fault: z.literal(fault),
      atMs: ms.describe('virtual ms at which it begins'),
      durationMs: ms.nullable().describe('virtual ms until it is healed; null: never'),
      nodes: z.array(name).max(NODES_MAX).describe('on whom'),
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
    peers: z.array(name).max(NODES_MAX).describe('the other ends; none: everybody else'),
    oneWay: z.boolean().describe('only what nodes send to peers'),
    ...args,
  });
}

const processFaults = [
  entry('crash', 'the process dies at once, and starts again when the fault is over', {
    power: z.boolean().describe('the machine goes too: un-synced writes, no word to peers'),
    disk: z.enum(['kept', 'wiped', 'older']).describe('the disk that it starts again with'),
  }),
  entry('crashInWrite', 'dies in the middle of its next write to disk; back 2 s later', {
    power: z.boolean().describe('the machine goes too'),
  }),
  entry('pause', 'handles nothing; all that comes waits', {}),
  entry('slow', 'computes and carries out more slowly', {
    factor: z.number().min(1).max(1000).describe('times as long'),
  }),
  entry('stragglers', 'some units take long; of several at a time the longest counts', {
    share: share.describe('of units'),
    factor: z.number().min(1).max(1000).describe('times as long'),
  }),
  entry('outOfMemory', 'is killed when it holds too much; back 2 s later', {
    values: z.number().int().min(1).describe('values held at most'),
  }),
] as const;

const networkFaults = [
  linkEntry('latency', 'frames take longer', {
    addMs: ms.describe('ms more on every frame'),
    jitterMs: ms.describe('up to this many ms more, uniformly'),
  }),
  linkEntry('loss', 'packets are lost and sent again, so that a stream stands still meanwhile', {
    share: share.describe('of frames that are held up'),
    burst: z.number().int().min(1).max(1000).describe('frames in a row that share a draw'),
    againMs: ms.describe('ms until the first repetition; doubles each time'),
  }),
  linkEntry('drop', 'frames that were queued never leave', {
    share: share.describe('of frames'),
    burst: z.number().int().min(1).max(1000).describe('frames in a row that share a draw'),
  }),
  linkEntry('duplicate', 'frames arrive twice', {
    share: share.describe('of frames'),
    afterMs: ms.describe('ms until the second arrival, at most'),
  }),
  linkEntry('replay', 'old frames of the link arrive once more', {
    share: share.describe('of frames after which one does'),
    age: z.number().int().min(1).max(10_000).describe('how many frames old at most'),
  }),
  linkEntry('reorder', 'frames of one channel overtake each other', {
    share: share.describe('of frames that later ones overtake'),
    delayMs: ms.describe('ms that such a frame is held back, at most'),
  }),
  linkEntry('bandwidth', 'little fits through', {
    bytesPerS: z.number().min(1).describe('bytes a second, each way'),
  }),
  linkEntry('queueCap', 'little may wait to be sent; the rest is dropped', {
    bytes: z.number().int().min(0).describe('bytes a channel'),
  }),
  linkEntry('clog', 'nothing passes; what was sent arrives after it', {}),
  linkEntry('flap', 'passes and does not, by turns', {
    periodMs: ms.min(1).describe('ms of one on and one off together'),
  }),
  linkEntry('reset', 'the connection breaks at once, in the middle of a frame; dialled again', {}),
  linkEntry('halfOpen', 'the peers lose the connection, the nodes do not notice', {}),
  linkEntry('slice', 'frames arrive in small pieces', {
    bytes: z.number().int().min(1).describe('bytes of a piece at most'),
  }),
  linkEntry('truncate', 'a frame ends too early, and the connection with it', {
    share: share.describe('of frames'),
  }),
  linkEntry('flip', 'a bit is flipped on the wire, where the channel authenticates', {
    share: share.describe('of frames'),
    part: z.enum(['head', 'header', 'payload']).describe('of the frame'),
  }),
  linkEntry('payloadFlip', 'a bit of a payload is flipped before the channel protects it', {
    share: share.describe('of frames with a payload'),
  }),
  linkEntry('refuseDial', 'connections that break do not come up again', {}),
  linkEntry('wrongPeerId', 'who answers a dial proves to be somebody else; tried again later', {}),
  entry('partition', 'only nodes that share a group hear each other', {
    groups: z
      .array(z.array(name).max(NODES_MAX))
      .max(NODES_MAX)
      .describe('may overlap (bridge, ring); who is in none is alone'),
  }),
] as const;

const clockFaults = [
  entry('drift', 'the clock runs at another speed', {
    factor: z.number().min(0.5).max(2).describe('its ms in one ms'),
  }),
  entry('clockStep', 'the clock jumps ahead', { byMs: ms.describe('ms') }),
  entry('clockNoise', 'the clock is read late', {
    upToMs: ms.describe('ms behind, at most; never backwards'),
  }),
] as const;

const diskFaults = [
  entry('diskError', 'reads or writes fail (EIO)', {
    operation: z.enum(['read', 'write', 'both']).describe('which ones'),
    share: share.describe('of operations'),
  }),
  entry('diskFull', 'nothing more can be written', {}),
  entry('diskSlow', 'every operation takes long', {
    factor: z.number().min(1).max(10_000).describe('times as long'),
  }),
  entry('shortRead', 'reads give less than there is', { share: share.describe('of reads') }),
  entry('rot', 'bits of what is on the disk flip, once', {
    share: share.describe('of files that are hit'),
  }),
  entry('tornWrite', 'when power goes, half of a file that was not synced is there', {}),
  entry('misdirected', 'a write lands in another file', { share: share.describe('of writes') }),
  entry('lyingSync', 'a sync reports what it has not done', {}),
  entry('lostRename', 'when power goes, renames are undone though the folder was synced', {}),
] as const;

const memberFaults = [
  entry('join', 'a node that nobody expected starts, with an empty disk', {}),
  entry('leave', 'hands over and goes', {}),
  entry('stop', 'its user asks for the end of the run', {}),
  entry('mismatch', 'starts again as one that does not belong, and as it was afterwards', {
    what: z
      .enum([
        ...(['protocolVersion', 'config', 'redundancy', 'numericsClass'] as const),
        ...(['canary', 'networkKey'] as const),
      ])
      .describe('in what it differs from the others; they refuse it'),
  }),
] as const;

const dataFaults = [
  entry('missingShard', 'starts again without the text of a language, and with it afterwards', {
    language: z.number().int().min(0).max(255).describe('which one'),
  }),
  entry('otherTokenizer', 'starts again with another tokenizer: another run, which is refused', {}),
] as const;

/** Wrong by its own machine: from then on the node is harmed, and promises less. */
const harmFaults = [
  entry('gradientFlip', 'a bit of a computed slice is wrong', {
    share: share.describe('of units'),
  }),
  entry('gradientNonFinite', 'a computed slice has a NaN', { share: share.describe('of units') }),
  entry('parameterFlip', 'a bit of the published parameters in memory flips, once', {}),
  entry('optimizerFlip', 'a bit of the optimizer state in memory flips, once', {}),
  entry('stateFlip', "a bit of an aggregator's state in memory flips, once", {}),
  entry('lieSlice', 'sends sums that are scaled, with the hash that fits', {
    factor: z.number().describe('times as much; −1 flips the sign'),
  }),
  entry('lieUpdate', 'publishes parameters that are not the right ones', {}),
  entry('equivocate', 'tells half of its peers other values than the rest', {}),
  entry('stale', 'says of each step what it said of the step before', {}),
  entry('forgeOwner', 'publishes updates of buckets that it does not hold', {}),
  entry('wrongLanguage', 'files its sums under another language', {}),
  entry('withhold', 'answers no want and sends no update', {}),
  entry('sybil', 'many identities of one liar start; all say the same, of slices that are wrong', {
    factor: z.number().describe('times as much in each slice; −1 flips the sign'),
  }),
  entry('flood', 'sends wants without end', {
    perS: z.number().min(0).max(100_000).describe('messages a second to each peer'),
  }),
] as const;

export const faultSchema = z.discriminatedUnion('fault', [
  ...processFaults,
  ...networkFaults,
  ...clockFaults,
  ...diskFaults,
  ...memberFaults,
  ...dataFaults,
  ...harmFaults,
]);

export const scheduleSchema = z.array(faultSchema).max(10_000);

export type Fault = z.infer<typeof faultSchema>;
export type FaultName = Fault['fault'];
export type FaultOf<Name extends FaultName> = Extract<Fault, { fault: Name }>;
export type Schedule = readonly Fault[];

export type FaultFamily = 'process' | 'network' | 'clock' | 'disk' | 'members' | 'data' | 'harm';

const FAMILIES: readonly (readonly [FaultFamily, readonly z.ZodType[]])[] = [
  ['process', processFaults],
  ['network', networkFaults],
  ['clock', clockFaults],
  ['disk', diskFaults],
  ['members', memberFaults],
  ['data', dataFaults],
  ['harm', harmFaults],
];

export interface FaultDoc {
  readonly fault: FaultName;
  readonly family: FaultFamily;
  readonly text: string;
  /** By option: what it means, with its unit. */
  readonly args: Readonly<Record<string, string>>;
}

/** Every fault with its line, for documentation and help. */
export const faultDocs: readonly FaultDoc[] = FAMILIES.flatMap(([family, schemas]) =>
  schemas.map((schema) => {
    const { fault, args } = (schema as z.ZodObject).shape;
    const options = Object.entries((args as z.ZodObject).shape);
    return {
      fault: (fault as z.ZodLiteral<FaultName>).value,
      family,
      text: schema.description ?? '',
      args: Object.fromEntries(
        options.map(([key, value]) => [key, (value as z.ZodType).description ?? '']),
      ),
    };
  }),
);

const familyByFault = new Map(faultDocs.map(({ fault, family }) => [fault, family]));

export function familyOf(fault: FaultName): FaultFamily {
  return familyByFault.get(fault)!;
}

/** The nodes that a schedule brings, besides those that are expected. */
export function comersOf(schedule: Schedule): string[] {
  return schedule.flatMap(({ fault, nodes }) =>
    fault === 'join' || fault === 'sybil' ? nodes : [],
  );
}

/** A fault in one line. */
export function faultText({ fault, nodes, durationMs, args }: Fault): string {
  const until = durationMs === null ? ' for good' : durationMs > 0 ? ` ${durationMs} ms` : '';
  const options = Object.entries(args)
    .filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${fault} ${nodes.join(',')}${until}${options.join('')}`;
}
