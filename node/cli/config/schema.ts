/**
 * The config that a user writes, as one strict schema with every default in it; the aggregator's
 * and the optimizer's parts come from those who read them. It checks shape; rules across keys are
 * apart.
 */
import { z } from 'zod';
import { GROUP_KINDS } from '../../../protocol/buckets.ts';
import { optimizerSchema } from '../../optim/index.ts';
import {
  type Aggregator,
  aggregatorSchemaOf,
  runAggregatorSchema,
  STALL_POLICIES,
} from '../../resolve/index.ts';
import { KEPT_MIN } from '../../store/index.ts';

const LANGUAGES_MAX = 256;
const STEPS_MAX = 2 ** 31;
const BYTES_PER_VALUE = 4;
/** With n nodes audits cost about rate · n² of the time: at this rate 0.8 % with four. */
export const AUDIT_RATE = 0.0005;
/** Nodes that one language's text is kept at. */
const NODES_MAX = 256;
/** More addresses of one node tell nothing new. */
const ADDRESSES_MAX = 16;
/** Each is a folder that is looked into whenever one is written. */
const KEPT_MAX = 1_000;

const count = z.number().int().positive().max(STEPS_MAX);
const path = z.string().min(1);
const languageId = z
  .string()
  .regex(/^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$/, 'a FLORES or BCP-47 tag such as swh_Latn or tr');

/** A layer such as model.layers.3, or the number of a bucket. */
const groupMember = z.union([z.string().min(1), z.number().int().nonnegative()]);

/** A file, a folder, a pattern, or several of them. */
const textSource = z.union([path, z.array(path).min(1)]);

const seenSchema = z.strictObject({
  id: languageId,
  role: z.literal('seen'),
  train: textSource,
  eval: textSource,
  /** Work units of this language in every step. */
  unitsPerStep: count.default(1),
});

/** Evaluated before and after, never trained on. */
const unseenSchema = z.strictObject({
  id: languageId,
  role: z.literal('unseen'),
  eval: textSource,
});

/** Where a language's text is kept; the others know it by its hash alone. */
const keptSchema = z.strictObject({
  /** By network.name. */
  nodes: z.array(z.string().min(1).max(64)).min(1).max(NODES_MAX),
  /** Of the training text, as `isogloss doctor` tells it where the text is. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits'),
});

export const configSchema = z.strictObject({
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(1),
  steps: count,
  model: z.strictObject({
    /** A Hugging Face folder. */
    path,
    /** Tokens that one sequence predicts. */
    sequenceLength: count,
  }),
  languages: z
    .array(z.discriminatedUnion('role', [seenSchema, unseenSchema]))
    .min(1)
    .max(LANGUAGES_MAX),
  data: z
    .strictObject({
      unitSequences: count.default(4),
      /** Languages whose text only the named nodes have, by their id. */
      at: z.record(languageId, keptSchema).prefault({}),
    })
    .prefault({}),
  aggregator: runAggregatorSchema.prefault({ name: 'mgda' }),
  /** What one set of weights applies to. In a list, layers by name and buckets by number. */
  groups: z
    .union([z.enum([...GROUP_KINDS, 'refined']), z.array(z.array(groupMember).min(1)).min(1)])
    .default('bucket'),
  /**
   * What to do in a step in which every group is stationary and the model is not: say so; or
   * resolve it in coarser groups, neighbours joined until it moves; or in one.
   */
  whenStalled: z.enum(STALL_POLICIES).default('report'),
  /** 4 bytes a value. */
  bucketBytesMax: count.min(BYTES_PER_VALUE).default(4_194_304),
  optimizer: optimizerSchema,
  wire: z.strictObject({ codec: z.enum(['f32', 'bf16']).default('f32') }).prefault({}),
  network: z
    .strictObject({
      /** For people; left out, the node takes one. */
      name: z.string().min(1).max(64).optional(),
      listen: z.array(z.string().min(1)).min(1).default(['/ip4/127.0.0.1/tcp/0']),
      /** What peers are told instead of `listen`: where this node is reached from outside. */
      announce: z.array(z.string().min(1)).max(ADDRESSES_MAX).optional(),
      keyFile: path.optional(),
      /** A file of peer ids, one a line. */
      allow: path.optional(),
      /** Nodes that hold a bucket's whole value, its owner among them; at most all. */
      redundancy: count.default(2),
    })
    .prefault({}),
  audit: z
    .strictObject({
      /** Share of steps that this node computes again by itself; 1: all, with all buckets. */
      rate: z.number().min(0).max(1).default(AUDIT_RATE),
    })
    .prefault({}),
  output: z
    .strictObject({
      /** Left out: the next free runs/N. */
      folder: path.optional(),
      checkpointEverySteps: count.default(50),
      /** The newest, a node's own and assembled ones; power may be lost in the very newest. */
      checkpointsKept: z.number().int().min(KEPT_MIN).max(KEPT_MAX).default(KEPT_MIN),
    })
    .prefault({}),
});

/** The same where the aggregator is one's own, named by the path of its module. */
export function configSchemaWith(own: Aggregator): typeof configSchema {
  const aggregator = aggregatorSchemaOf(own).extend({
    name: z.literal(own.name).default(own.name),
    module: path,
  });
  const schema: unknown = configSchema.extend({ aggregator });
  return schema as typeof configSchema; // its options are unknown here, as those of ours are
}

export type Config = z.infer<typeof configSchema>;
export type ConfiguredLanguage = Config['languages'][number];
