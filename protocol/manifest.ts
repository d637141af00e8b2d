/**
 * The manifest: whatever can change a bit of a run, and nothing else. A run is a pure function of
 * it (and of the numerics class); its hash is the run's id.
 */
import { z } from 'zod';
import { GROUP_KINDS } from './buckets.ts';
import { canonicalJson } from './canonical.ts';
import { IsoglossError } from './errors.ts';
import { type Hash, hashOf } from './hashes.ts';

/** Raised whenever the meaning of a manifest changes, so that old ids stay apart from new ones. */
export const MANIFEST_FORMAT = 1;

const PARAMETERS_MAX = 100_000;
const LANGUAGES_MAX = 256;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal');
const count = z
  .number()
  .int()
  .positive()
  .max(2 ** 31);

/** Options that only their consumer knows: the aggregator's and the optimizer's. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const options = z.record(z.string(), z.union([scalar, z.record(z.string(), scalar)]));

export const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  steps: count,
  model: z.strictObject({
    /** paramsHash of the base. */
    base: sha256,
    /** Of the canonical form of what config.json means to the decoder. */
    config: sha256,
    tokenizer: sha256,
    sequenceLength: count,
  }),
  /** In the order of parameters; frozen ones would be named here too. */
  parameters: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        shape: z.array(count).max(8),
        layer: z.string(),
      }),
    )
    .min(1)
    .max(PARAMETERS_MAX),
  /** Those that are trained on, in the order that every vector of weights follows. */
  languages: z
    .array(z.strictObject({ id: z.string().min(1), train: sha256, unitsPerStep: count }))
    .min(1)
    .max(LANGUAGES_MAX),
  data: z.strictObject({ unitSequences: count }),
  bucketBytesMax: count,
  /** Of a list every group's buckets. */
  groups: z.union([
    z.enum(GROUP_KINDS),
    z.array(z.array(z.number().int().nonnegative()).min(1)).min(1),
  ]),
  aggregator: options.and(z.object({ name: z.string(), normalize: z.string() })),
  optimizer: options.and(
    z.object({ name: z.string(), clipNorm: z.number().positive().nullable() }),
  ),
  wire: z.strictObject({ codec: z.enum(['f32', 'bf16']) }),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest that does not mean anything to this version. */
export class ManifestError extends IsoglossError {
  override readonly name = 'ManifestError';
  override readonly exitCode = 2;
}

/** The run's id: SHA-256 of the canonical form. */
export function runIdOf(manifest: Manifest): Hash {
  return hashOf(canonicalJson(manifest));
}

/** Hexadecimal digits of a part's hash: they tell configs apart, and a hello stays small. */
const PART_DIGITS = 12;

/**
 * Short hashes of a manifest's parts by key, a level deep within the model, so that nodes of
 * different runs can say in which keys they differ without telling each other the manifest.
 */
export function manifestParts({ model, ...rest }: Manifest): Record<string, string> {
  const inModel = Object.entries(model).map(([key, value]) => [`model.${key}`, value] as const);
  const parts = [...Object.entries(rest), ...inModel].map(
    ([key, value]) => [key, hashOf(canonicalJson(value)).slice(0, PART_DIGITS)] as const,
  );
  return Object.fromEntries(parts);
}

/** Reads a manifest from a file or a peer. Throws a ManifestError naming `source` and the key. */
export function parseManifest(value: unknown, source: string): Manifest {
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const key = issue?.path.join('.') || 'the manifest';
  throw new ManifestError(`${source}: ${key}: ${issue?.message ?? 'is not a manifest'}`);
}
