/**
 * The manifest of a checkpoint: of which run and step it is, which buckets it holds, and the hash
 * of every file in it. Written last, so that a folder without it is no checkpoint.
 */
import { z } from 'zod';
import { assert } from '../../protocol/assert.ts';
import { type BucketLayout, layoutBuckets } from '../../protocol/buckets.ts';
import { canonicalJson } from '../../protocol/canonical.ts';
import { firstRoot, hashOf, nextRoot, valueHash } from '../../protocol/hashes.ts';
import { type Manifest, parseManifest, runIdOf } from '../../protocol/manifest.ts';
import { CheckpointCorruptError } from './errors.ts';

/** Raised whenever the meaning of a checkpoint's files changes. */
export const CHECKPOINT_FORMAT = 1;

/** Everything of ours in a checkpoint's folder. */
export const OWN_FOLDER = 'isogloss';
export const MANIFEST_PATH = `${OWN_FOLDER}/manifest.json`;

const BUCKETS_MAX = 2 ** 22;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const bucket = z.number().int().nonnegative().max(BUCKETS_MAX);
const bucketList = z.array(bucket).max(BUCKETS_MAX);
/** In the folder itself or in ours, and nowhere else. */
const filePath = z.string().regex(/^(isogloss\/)?\w[\w.-]*$/);

const schema = z.strictObject({
  format: z.literal(CHECKPOINT_FORMAT),
  runId: hash,
  /** The run's own manifest; checked apart, by parseManifest. */
  run: z.unknown(),
  numericsClass: z.string().min(1),
  step: z.number().int().nonnegative(),
  root: hash,
  /** root(step − 1); null at step 0. With the values' hashes it gives the root. */
  previousRoot: hash.nullable(),
  /** Of all buckets of the run, held here or not. */
  values: z
    .array(z.strictObject({ published: hash, optimizer: hash, aggregator: hash }))
    .min(1)
    .max(BUCKETS_MAX),
  /** Who wrote it. */
  node: z.string(),
  /** By bucket: the name of the node that was to write it; empty where nobody said. */
  holders: z.array(z.string()).max(BUCKETS_MAX),
  /** Files with buckets, and which. */
  shards: z.array(z.strictObject({ file: filePath, buckets: bucketList })),
  /** Every file but this one. */
  files: z.record(
    filePath,
    z.strictObject({ bytes: z.number().int().nonnegative(), sha256: hash }),
  ),
  /** SHA-256 of the canonical form of all the above. */
  checksum: hash,
});

export type CheckpointManifest = Omit<z.infer<typeof schema>, 'run'> & { readonly run: Manifest };

/** The text of a manifest whose checksum is still to be made. */
export function formatCheckpointManifest(manifest: Omit<CheckpointManifest, 'checksum'>): string {
  const whole = { ...manifest, checksum: hashOf(canonicalJson(manifest)) };
  const { error } = schema.safeParse(whole);
  assert(error === undefined, `a manifest that can't be read: ${error?.message}`);
  const problem = contradiction(whole);
  assert(problem === undefined, `a manifest that ${problem}`);
  return `${JSON.stringify(whole)}\n`;
}

/**
 * Reads and checks everything that can be checked without the files. Throws CheckpointCorruptError.
 */
export function parseCheckpointManifest(path: string, text: string): CheckpointManifest {
  const refuse = (problem: string, options?: ErrorOptions): never => {
    throw new CheckpointCorruptError(path, `${MANIFEST_PATH} ${problem}`, options);
  };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    return refuse('is not JSON: it was cut or damaged.', { cause });
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(`is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`);
  }
  const { checksum, ...rest } = parsed.data;
  if (hashOf(canonicalJson(rest)) !== checksum) return refuse('does not match its checksum.');
  const manifest = { ...parsed.data, run: parseManifest(rest.run, `${path}/${MANIFEST_PATH}`) };
  const problem = contradiction(manifest);
  return problem === undefined ? manifest : refuse(problem);
}

/** The bucket layout of the run that a checkpoint is of. */
export function layoutOf({ run }: { readonly run: Manifest }): BucketLayout {
  return layoutBuckets(run.parameters, run.bucketBytesMax);
}

/** What a manifest says that cannot be true, or undefined. */
function contradiction(manifest: CheckpointManifest): string | undefined {
  const { runId, run, numericsClass, step, root, previousRoot, values, files } = manifest;
  if (runIdOf(run) !== runId) return `has the run id ${runId}, but its run's is ${runIdOf(run)}.`;
  const count = layoutOf(manifest).buckets.length;
  if (values.length !== count) return `has ${values.length} values, the run has ${count} buckets.`;
  if ((previousRoot === null) !== (step === 0)) return 'has no previous root, or one too many.';
  const hashes = values.map(valueHash);
  const expected =
    previousRoot === null
      ? firstRoot(runId, numericsClass, hashes)
      : nextRoot(previousRoot, hashes);
  if (expected !== root) return `has the root ${root}, but its values give ${expected}.`;
  for (const { file, buckets } of manifest.shards) {
    if (files[file] === undefined) return `has no hash of ${file}.`;
    const beyond = buckets.find((one) => one >= count);
    if (beyond !== undefined) return `names bucket ${beyond}, the run has ${count}.`;
  }
  return undefined;
}
