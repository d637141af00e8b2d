/** What a checkpoint's files hold, read and hashed: a manifest alone says nothing of them. */
import { IsoglossError } from '../../protocol/errors.ts';
import { aggregatorHash, type BulkOptions, heldValueOf, optimizerHash } from '../bulk/index.ts';
import { CheckpointCorruptError, openCheckpoint, readBuckets } from '../store/index.ts';

/** What of a run says how its buckets are kept. */
export type KeptAs = Pick<BulkOptions, 'layout' | 'codec' | 'optimizer'>;

/** What is wrong with the checkpoint at `path`, file and bucket named; null for a sound one. */
export async function damageOf(run: KeptAs, path: string): Promise<string | null> {
  try {
    await assertSound(run, path);
    return null;
  } catch (error) {
    if (error instanceof CheckpointCorruptError) return error.problem;
    if (error instanceof IsoglossError) return error.message;
    throw error;
  }
}

async function assertSound(run: KeptAs, path: string): Promise<void> {
  const checkpoint = await openCheckpoint(path);
  for await (const { bucket, arrays, hashes } of readBuckets(checkpoint)) {
    const { length } = run.layout.buckets[bucket]!;
    const held = heldValueOf(run.codec, run.optimizer, length, arrays);
    if (held === undefined) {
      const problem = `bucket ${bucket} lacks what the optimizer or the aggregator keeps.`;
      throw new CheckpointCorruptError(path, problem);
    }
    const { master, state } = held.value;
    const kept = {
      optimizer: optimizerHash(master, state),
      aggregator: aggregatorHash(held.aggregator),
    };
    for (const part of ['optimizer', 'aggregator'] as const) {
      if (kept[part] === hashes[part]) continue;
      const problem = `what bucket ${bucket} keeps for the ${part} does not match its hash.`;
      throw new CheckpointCorruptError(path, problem);
    }
  }
}
