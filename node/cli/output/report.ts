/** The schema of report.json, which programs read: what a run was, and what came of it. */
import { z } from 'zod';

/** Raised when a field changes its meaning or goes. */
export const REPORT_SCHEMA_VERSION = 1;

const count = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const languageSchema = z.strictObject({
  language: z.string(),
  role: z.enum(['seen', 'unseen']),
  /** Mean −ln p per token on the evaluation text, of the base and of the result. */
  lossBefore: z.number(),
  lossAfter: z.number(),
  bitsPerByteBefore: z.number(),
  bitsPerByteAfter: z.number(),
  /** Scored tokens trained on, in the steps that were recorded; 0 for an unseen language. */
  tokens: count,
});

const wireSchema = z.strictObject({ bytesSent: count, bytesReceived: count });

export const reportSchema = z.strictObject({
  type: z.literal('report'),
  schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
  runId: hash,
  /** SHA-256 of the data area of the result as one sorted f32 model.safetensors. */
  paramsHash: hash,
  steps: count,
  seed: count,
  aggregator: z.strictObject({ name: z.string(), normalize: z.string() }),
  engine: z.string(),
  numericsClass: z.string(),
  /** Of isogloss, Node and the protocol, at least. */
  versions: z.record(z.string(), z.string()),
  wallSeconds: z.number().nonnegative(),
  nodes: z.array(z.strictObject({ name: z.string(), peerId: z.string(), ...wireSchema.shape })),
  languages: z.array(languageSchema),
  /** Sums over the nodes. */
  wire: wireSchema,
  conflicts: z.strictObject({
    /** Steps that were recorded where this was written; left out by older versions. */
    steps: count.optional(),
    bucketSteps: count,
    conflicting: count,
    pairs: z.array(z.strictObject({ a: z.string(), b: z.string(), meanCosine: z.number() })),
  }),
  certificates: z.strictObject({
    /** Over the run; null for an aggregator that solves nothing. */
    gapRelativeMax: z.number().nullable(),
    /** Of the last step. */
    residualBucket: z.number(),
    residualGlobal: z.number(),
    stalledSteps: count,
    /** Bucket-steps that were not solved, group-steps that harmed; older versions left them out. */
    unsolved: count.optional(),
    harmed: count.optional(),
    /** What was done about them. */
    whenStalled: z.enum(['report', 'merge', 'global']),
  }),
  /** The same run with `mean`, where it was asked for. */
  baseline: z
    .strictObject({
      paramsHash: hash,
      languages: z.array(languageSchema),
      /** Left out by older versions. */
      wallSeconds: z.number().nonnegative().optional(),
    })
    .nullable(),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportedResult = z.infer<typeof languageSchema>;
