/**
 * What one node says of itself and of the others, as one JSON document: the words between a running
 * node and whoever asks it.
 */
import { z } from 'zod';

/** Raised whenever the meaning of a field changes. */
export const STATUS_FORMAT = 1;

const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();
const buckets = z.array(count);

const otherSchema = z.strictObject({
  peerId: z.string(),
  /** Null where it was never connected here. */
  name: z.string().nullable(),
  alive: z.boolean(),
  /** Null where it has not said a word. */
  step: count.nullable(),
  complete: z.boolean(),
  leaving: z.boolean(),
  finished: z.boolean(),
  /** How many buckets it has whole, and is to have. */
  holds: count,
  due: count,
  silentMs: milliseconds,
  /** For how long it has been taken for gone; null while it is alive. */
  goneForMs: milliseconds.nullable(),
  /** Why it is gone, for people; null while it is alive. */
  why: z.string().nullable(),
});

const runningSchema = z.strictObject({
  step: count,
  /** Whether it has all parameters of that step. */
  complete: z.boolean(),
  phase: z.enum(['settling', 'loading', 'gathering', 'working']),
  /** The step that it heads for while it does not work. */
  goal: count.nullable(),
  rewinds: count,
  /** While values are lost: where it goes back to if they stay lost, and when. */
  rewind: z.strictObject({ step: count, inMs: milliseconds }).nullable(),
  /** Whole buckets: those that are here, are to be here, are being taken on, are resolved here. */
  held: buckets,
  due: buckets,
  filling: buckets,
  owned: buckets,
  /** How many buckets are whole on 0, 1, … nodes that are here; those on enough come last. */
  copies: z.array(count),
  /** Buckets that nobody who is known resolves. */
  unowned: buckets,
  /** Buckets of which something is still to come before the node moves on. */
  missing: z.strictObject({ updates: buckets, whole: buckets, grams: buckets, norms: buckets }),
  /** Deadlines that passed at this step since values last came. */
  waits: count,
  /** Languages whose text nobody who is here has, and who has it. */
  absent: z.array(z.strictObject({ language: z.string(), at: z.array(z.string()) })),
  others: z.array(otherSchema),
});

export const nodeStatusSchema = z.strictObject({
  format: z.literal(STATUS_FORMAT),
  name: z.string(),
  peerId: z.string(),
  pid: count,
  version: z.string(),
  runId: z.string().regex(/^[0-9a-f]{64}$/),
  /** Steps and buckets of the run. */
  steps: count,
  buckets: count,
  upForMs: milliseconds,
  /** Before the run begins: who is here already, and of how many; null from then on. */
  waiting: z.strictObject({ nodes: count, here: z.array(z.string()) }).nullable(),
  /** Null while it waits. */
  running: runningSchema.nullable(),
});

/** What a node answers that was asked to leave. */
export const leaveAnswerSchema = z.strictObject({
  name: z.string(),
  /** How many buckets it hands over. */
  buckets: count,
  /** Why it stays, and what to do instead; null where it leaves. */
  stays: z.string().nullable(),
});

export type LeaveAnswer = z.infer<typeof leaveAnswerSchema>;
export type NodeStatus = z.infer<typeof nodeStatusSchema>;
export type RunningStatus = z.infer<typeof runningSchema>;
export type OtherNode = z.infer<typeof otherSchema>;
