/**
 * What nodes say to each other about a run, as one union. Every message about step s carries
 * root(s). Numbers in bulk travel beside a message as its payload; the message says what they are.
 */
import { z } from 'zod';
import { IsoglossError } from './errors.ts';

const STEP_MAX = 2 ** 31;
const LANGUAGES_MAX = 256;
const BUCKETS_MAX = 2 ** 22;
const NAMES_MAX = 4096;
const NODE_ID_MAX = 128;
/** Standings of others in one digest: news travels in a few words, digests stay small. */
const ABOUT_MAX = 32;
/** Inputs of a value in one answer; at their longest they fill two thirds of a header. */
export const INPUTS_MAX = 1500;
const PRINT_MAX = 512;
/** Checkpoints that a node tells of. */
export const DURABLE_MAX = 4;

const step = z.number().int().min(0).max(STEP_MAX);
const bucket = z.number().int().min(0).max(BUCKETS_MAX);
const language = z
  .number()
  .int()
  .min(0)
  .max(LANGUAGES_MAX - 1);
const unit = z.number().int().min(0).max(STEP_MAX);
const level = z.number().int().min(0).max(31);
const slowness = z.number().int().min(0).max(64);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const tokens = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** NaN where a unit's loss was not finite. */
const lossSum = z.union([z.number(), z.nan()]);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes');
const numbers = (max: number) =>
  bytes.refine(({ length }) => length % 8 === 0 && length / 8 <= max, 'expected float64 numbers');

const lossSchema = z.strictObject({ tokens, lossSum });

/** How a bucket's conflict was resolved; every node logs it, so it travels with the update. */
const resolutionSchema = z.strictObject({
  /** 1 where the language has a row in this bucket. */
  present: bytes.refine(({ length }) => length <= LANGUAGES_MAX, 'too many languages'),
  /** Upper triangle of the bucket's Gram matrix, row by row, float64 little-endian. */
  gram: numbers((LANGUAGES_MAX * (LANGUAGES_MAX + 1)) / 2),
  /** Weights applied to the rows, by language, float64 little-endian. */
  weights: numbers(LANGUAGES_MAX),
  /** Duality gap of the group's solution over ‖d‖². */
  gapRelative: z.union([z.number(), z.nan()]),
  /** Whether what the group's method solves was solved. */
  converged: z.boolean(),
  /** The squared global norm, where clipping asks for it. */
  squaredNorm: z.union([z.number(), z.nan()]).nullable(),
  /** By language, over all units of the step. */
  losses: z.array(lossSchema).max(LANGUAGES_MAX),
});

/** Values that nodes claim something of. */
const claimed = [
  z.strictObject({ kind: z.literal('sum'), step, language, level, index: unit, bucket }),
  z.strictObject({ kind: z.literal('gram'), step, bucket }),
  z.strictObject({ kind: z.literal('norm'), step, bucket }),
  z.strictObject({ kind: z.literal('value'), step, bucket }),
  z.strictObject({ kind: z.literal('direction'), step, bucket }),
] as const;
const claimedSchema = z.discriminatedUnion('kind', [...claimed]);
const wantedSchema = z.discriminatedUnion('kind', [
  ...claimed,
  z.strictObject({ kind: z.literal('whole'), step, bucket }),
]);

/** A value as somebody claimed it: made from `root`, its print as in claims.ts. */
const asked = { step, root: hash, value: claimedSchema, print: z.string().max(PRINT_MAX) };

/** What another node said, and the sender made a value from. */
const inputSchema = z.strictObject({
  value: claimedSchema,
  print: z.string().max(PRINT_MAX),
  from: z.string().max(NODE_ID_MAX),
  signature: bytes.refine(({ length }) => length === 64, 'a signature has 64 bytes'),
});

/** Which buckets, one bit each, the lowest bit of the first byte first. */
const bucketSet = bytes.refine(({ length }) => length <= BUCKETS_MAX / 8, 'too many buckets');

/** Which languages, in the same way. */
const languageSet = bytes.refine(({ length }) => length <= LANGUAGES_MAX / 8, 'too many languages');

/** What a node says of itself; others pass it on. */
const standingSchema = z.strictObject({
  /** Which start of the node says so, and which word since then. Later ones replace earlier. */
  incarnation: count,
  beat: count,
  /** The step that it stands at, and the roots of that and of the step before. */
  step,
  root: hash,
  previousRoot: hash.nullable(),
  /** False while it still gathers what belongs to that step. */
  complete: z.boolean(),
  /** Buckets whose whole value at `step` it has. */
  has: bucketSet,
  /** Buckets that it counts as a holder of, for all that is about step `heldFrom` or later. */
  held: bucketSet,
  heldFrom: step,
  /** The same for what is about earlier steps. */
  heldBefore: bucketSet,
  /** It takes shares of the work from this step on; null: none, it is behind or goes. */
  activeFrom: step.nullable(),
  /** How slowly it computes a unit: a level, half of a doubling each; null: not measured yet. */
  slowness: slowness.nullable(),
  /** The step from which on `slowness` counts, and what counts before. */
  slownessFrom: step,
  slownessBefore: slowness.nullable(),
  /** Checkpoints on its disk, newest first. */
  durable: z
    .array(z.strictObject({ step, root: hash, previousRoot: hash, buckets: bucketSet }))
    .max(DURABLE_MAX),
  /** The last step that it means to complete, where somebody asked for an end. */
  stopAt: step.nullable(),
  leaving: z.boolean(),
  /** Languages whose text it does not have: it computes none of their units. */
  lacks: languageSet,
  /** It stands at the last step, and what it held of it is on its disk. */
  done: z.boolean(),
  /** All others were done too, or gone: it needs nobody and may end. */
  finished: z.boolean(),
});

export const messageSchema = z.discriminatedUnion('kind', [
  /** Where a node stands, and what it has heard of others; also the heartbeat. */
  z.strictObject({
    kind: z.literal('digest'),
    standing: standingSchema,
    /** Whether the sender makes every value itself, and so answers for all that it says. */
    vouches: z.boolean(),
    about: z
      .array(z.strictObject({ id: z.string().max(NODE_ID_MAX), standing: standingSchema }))
      .max(ABOUT_MAX),
  }),
  /** sum(step, language, level:index, bucket); the payload is its encoded form if a tensor. */
  z.strictObject({
    kind: z.literal('sum'),
    step,
    root: hash,
    language,
    level,
    index: unit,
    bucket,
    outcome: z.enum(['tensor', 'absent', 'nonFinite']),
    tokens,
    lossSum,
    hash: hash.nullable(),
  }),
  /** gram(step, bucket), for a resolution group that spans owners. */
  z.strictObject({
    kind: z.literal('gram'),
    step,
    root: hash,
    bucket,
    present: resolutionSchema.shape.present,
    gram: resolutionSchema.shape.gram,
    losses: resolutionSchema.shape.losses,
  }),
  /** norm(step, bucket), where clipping asks for it. */
  z.strictObject({
    kind: z.literal('norm'),
    step,
    root: hash,
    bucket,
    squaredNorm: z.union([z.number(), z.nan()]),
  }),
  /**
   * value(step + 1, bucket) as everybody but its holders sees it, made from root(step). The payload
   * is the published parameters, encoded; none when the bucket kept those of `step`.
   */
  z.strictObject({
    kind: z.literal('update'),
    step,
    root: hash,
    bucket,
    outcome: z.enum(['tensor', 'kept']),
    published: hash,
    optimizer: hash,
    aggregator: hash,
    /** Null when the value comes from a checkpoint. */
    resolution: resolutionSchema.nullable(),
  }),
  /**
   * direction(step, bucket) for the bucket's other holders, with what they need to make the same
   * value. The payload is d, encoded; none when the bucket keeps its value.
   */
  z.strictObject({
    kind: z.literal('direction'),
    step,
    root: hash,
    bucket,
    outcome: z.enum(['tensor', 'kept']),
    hash: hash.nullable(),
    /** state(step + 1) of the bucket's group, float64 little-endian. */
    state: numbers(LANGUAGES_MAX * LANGUAGES_MAX * 2),
    resolution: resolutionSchema,
  }),
  /** value(step, bucket) with all that a holder needs, in the payload; `root` is root(step). */
  z.strictObject({ kind: z.literal('whole'), step, root: hash, bucket }),
  /** The sender needs these values of a step; `root` is that step's. */
  z.strictObject({
    kind: z.literal('want'),
    step,
    root: hash,
    names: z.array(wantedSchema).max(NAMES_MAX),
    /** Whether sums that nobody has are to be computed for it. */
    compute: z.boolean(),
  }),
  /** From what did you make this value? */
  z.strictObject({ kind: z.literal('question'), ...asked }),
  /** The answer: all that others said and went into the value; they signed it. */
  z.strictObject({
    kind: z.literal('inputs'),
    ...asked,
    /** False: the sender has no record of having said so. */
    isKnown: z.boolean(),
    inputs: z.array(inputSchema).max(INPUTS_MAX),
  }),
]);

export type Message = z.infer<typeof messageSchema>;
export type MessageOf<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>;
export type Standing = z.infer<typeof standingSchema>;
export type WantedName = z.infer<typeof wantedSchema>;
export type ClaimedName = z.infer<typeof claimedSchema>;
export type Input = z.infer<typeof inputSchema>;
export type Resolution = z.infer<typeof resolutionSchema>;
export type Loss = z.infer<typeof lossSchema>;

/** A peer said something that is no message. Closes that peer's streams. */
export class MessageError extends IsoglossError {
  override readonly name = 'MessageError';
}

/** Validates what a peer sent. Throws a MessageError that names the field. */
export function parseMessage(value: unknown): Message {
  const result = messageSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const kind = (value as { kind?: unknown } | null)?.kind;
  const subject =
    typeof kind === 'string' ? `message ${JSON.stringify(kind.slice(0, 40))}` : 'message';
  const field = issue?.path.length ? ` field ${issue.path.join('.')}` : '';
  throw new MessageError(`${subject}${field}: ${issue?.message ?? 'not understood'}`);
}

/** Packs numbers as float64 little-endian bytes. */
export function packNumbers(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i]!, true);
  return bytes;
}

/** Inverse of packNumbers. */
export function unpackNumbers(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(bytes.length / 8);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat64(i * 8, true);
  return values;
}

/** The upper triangle of a symmetric m × m matrix, row by row. */
export function packTriangle(gram: Float64Array, m: number): Uint8Array {
  const upper = new Float64Array((m * (m + 1)) / 2);
  let k = 0;
  for (let i = 0; i < m; i++) for (let j = i; j < m; j++) upper[k++] = gram[i * m + j]!;
  return packNumbers(upper);
}

/** Inverse of packTriangle: the full symmetric matrix. */
export function unpackTriangle(bytes: Uint8Array, m: number): Float64Array {
  const upper = unpackNumbers(bytes);
  const gram = new Float64Array(m * m);
  let k = 0;
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) {
      gram[i * m + j] = upper[k]!;
      gram[j * m + i] = upper[k++]!;
    }
  }
  return gram;
}
