/**
 * A scenario: the run and the cluster that it runs on, as data. With a schedule of faults it
 * determines everything that happens.
 */
import { z } from 'zod';
import { optimizerSchema } from '../node/optim/index.ts';
import { aggregatorSchemaWith, STALL_POLICIES } from '../node/resolve/index.ts';
import { rememberingAggregator } from './models/remembering-aggregator.ts';

export const SCENARIO_FORMAT = 1;

const count = z.number().int().min(1).max(100_000);
const ms = z.number().min(0).max(1e9);
const share = z.number().min(0).max(1);
const spread = z.enum(['constant', 'uniform', 'heavy']);

const modelSchema = z.discriminatedUnion('kind', [
  /** Real mathematics on a bigram model of 108 parameters. */
  z.strictObject({ kind: z.literal('tiny'), bucketBytesMax: z.number().int().min(16).max(4096) }),
  /** No numbers: values are their names. For scale. */
  z.strictObject({
    kind: z.literal('analytic'),
    buckets: count,
    /** What a bucket counts on the wire. */
    bucketBytes: count,
  }),
]);

const weatherSchema = z.strictObject({
  latencyMs: ms.describe('one-way ms, in the mean over links'),
  spread: spread.describe('how links differ'),
  jitterMs: ms.describe('up to this many ms more on each frame'),
  regions: count.describe('nodes are dealt out to so many'),
  betweenRegionsMs: ms.describe('ms more between two regions'),
  apartMs: z
    .array(z.array(ms).max(64))
    .max(64)
    .optional()
    .describe('ms more from one region to another, in place of betweenRegionsMs'),
  bytesPerS: z.number().min(1).describe('each way of each link'),
  queueBytesMax: z.number().int().min(1).describe('bytes that may wait in a lane'),
});

const timingSchema = z.strictObject({
  computeMs: ms.describe('ms of a work unit, in the mean'),
  computeSpread: spread.describe('how units differ'),
  bulkMs: ms.describe('ms of an operation on numbers in bulk'),
  diskMs: ms.describe('ms of an operation of the disk'),
});

export const scenarioSchema = z.strictObject({
  format: z.literal(SCENARIO_FORMAT),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Names of the nodes that everybody expects. */
  nodes: z.array(z.string().min(1).max(128)).min(1).max(4096),
  /** By node: how many times as long it computes; the rest: once. */
  slowness: z.array(z.number().min(0.01).max(1000)),
  model: modelSchema,
  steps: count,
  /** Units a step, by language. */
  units: z.array(count).min(1).max(256),
  /** By language: the nodes that alone have its text; null, and the rest: all of them. */
  at: z
    .array(z.array(z.string().min(1).max(128)).nullable())
    .max(256)
    .default([]),
  /** Share of units without a scored token. */
  emptyUnits: share,
  /** Languages that have no scored token in any unit of so many steps, from one on. */
  absences: z
    .array(
      z.strictObject({
        language: z.number().int().min(0).max(255),
        fromStep: z.number().int().min(0),
        steps: count,
      }),
    )
    .max(256)
    .optional(),
  /** Share of units whose gradient is not finite, the same wherever it is computed. */
  brokenUnits: share,
  groups: z.enum(['bucket', 'model']),
  /** What a step is resolved in that its groups stall; left out: in those groups all the same. */
  whenStalled: z.enum(STALL_POLICIES).optional(),
  codec: z.enum(['f32', 'bf16']),
  aggregator: aggregatorSchemaWith([rememberingAggregator]),
  optimizer: optimizerSchema,
  checkpointEverySteps: count.nullable(),
  /** Share of steps that each node computes again by itself. */
  auditRate: share.default(0),
  redundancy: count,
  /** Only the nodes that are expected or join are let in, by a list of all of them. */
  allowList: z.boolean().optional(),
  weather: weatherSchema,
  timing: timingSchema,
  /** Draws the order of what is due at one moment; null: as it was asked for. */
  tieSalt: z.number().int().nullable(),
  /** Changes where work is placed, and no value. */
  placementSalt: z.string().max(64),
  /** Virtual ms after the last fault is healed within which all must have ended. */
  patienceMs: ms,
});

export type Scenario = z.infer<typeof scenarioSchema>;
