/**
 * The optimizer's part of a configuration, and of the manifest: strict, with every default in it.
 */
import { z } from 'zod';

const positive = z.number().positive();
const share = z.number().min(0).lt(1);

const common = {
  learningRate: positive,
  /** After the warm-up: stay, or fall to 0 along half a cosine. */
  schedule: z.enum(['constant', 'cosine']).default('constant'),
  /** Steps in which the rate rises in equal parts; the last of them has all of it. */
  warmupSteps: z.number().int().nonnegative().default(0),
  /** d of all buckets together is shortened to this Euclidean norm; null: never. */
  clipNorm: positive.nullable().default(null),
};

const adamwSchema = z.strictObject({
  name: z.literal('adamw'),
  ...common,
  beta1: share.default(0.9),
  beta2: share.default(0.999),
  eps: positive.default(1e-8),
  /** Decoupled: parameters shrink by learningRate · weightDecay a step. */
  weightDecay: z.number().nonnegative().default(0.01),
});

const sgdSchema = z.strictObject({
  name: z.literal('sgd'),
  ...common,
  /** 0: plain descent, which keeps the aggregator's first-order guarantee. */
  momentum: share.default(0),
  /** Coupled: weightDecay · parameter is added to the direction. */
  weightDecay: z.number().nonnegative().default(0),
});

export const optimizerSchema = z.discriminatedUnion('name', [adamwSchema, sgdSchema]);

export type AdamwConfig = z.infer<typeof adamwSchema>;
export type SgdConfig = z.infer<typeof sgdSchema>;
export type OptimizerConfig = z.infer<typeof optimizerSchema>;
