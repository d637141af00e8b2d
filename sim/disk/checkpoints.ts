/**
 * A node's own checkpoints on its virtual disk, in the order of writes of node/store: the arrays
 * and then the manifest under a temporary name, both synced, then the rename. Nothing whose hash is
 * not the recorded one is ever loaded.
 */

import { z } from 'zod';
import type { DiskStep } from '../../node/actor/index.ts';
import type { StoredArrays } from '../../node/bulk/index.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { packValue, unpackValue } from '../../protocol/msgpack.ts';
import type { Disk, ReadableDisk } from './disk.ts';

/** As node/store: the newest may be the one that this machine lost power in. */
const KEPT_MIN = 2;

export interface StoredCheckpoint {
  readonly step: number;
  readonly root: Hash;
  readonly previousRoot: Hash | null;
  readonly buckets: ReadonlyMap<number, StoredArrays>;
}

/** A checkpoint that is torn, mixed or damaged; it is not used. */
export class StoredCheckpointError extends IsoglossError {
  override readonly name = 'StoredCheckpointError';
}

const hash = z.string();
const manifestSchema = z.strictObject({
  step: z.number(),
  root: hash,
  previousRoot: hash.nullable(),
  buckets: z.array(z.number()),
  arraysHash: hash,
});

const folderOf = (step: number) => `checkpoint-${step}`;
const MANIFEST = 'checkpoint.json';
const ARRAYS = 'shard.safetensors';

/** The operations of a write, one by one, so that a crash can come between any two. */
export function writeOperations(disk: Disk, checkpoint: StoredCheckpoint): (() => void)[] {
  const { step, root, previousRoot, buckets } = checkpoint;
  const target = folderOf(step);
  const temporary = `${target}.tmp`;
  const arrays = packArrays(buckets);
  const manifest = packManifest({
    step,
    root,
    previousRoot,
    buckets: [...buckets.keys()],
    arraysHash: hashOf(arrays),
  });
  return [
    () => disk.removeFolder(temporary),
    () => disk.write(`${temporary}/${ARRAYS}`, arrays),
    () => disk.sync(`${temporary}/${ARRAYS}`),
    () => disk.write(`${temporary}/${MANIFEST}`, manifest),
    () => disk.sync(`${temporary}/${MANIFEST}`),
    () => disk.syncFolder(temporary),
    () => {
      disk.removeFolder(target);
      disk.renameFolder(temporary, target);
    },
    () => disk.syncFolder(''),
  ];
}

/** Removes what nobody needs: all but the newest two and those from `neededFrom` on. */
export function prune(disk: Disk, neededFrom: number): number[] {
  const steps = listSteps(disk).map(({ step }) => step);
  const removed = steps.slice(KEPT_MIN).filter((step) => step < neededFrom);
  for (const step of removed) disk.removeFolder(folderOf(step));
  if (removed.length > 0) disk.syncFolder('');
  return removed;
}

/** Removes the newest checkpoints: the disk of an earlier day. */
export function makeOlder(disk: Disk): void {
  const newest = listSteps(disk)[0];
  if (newest === undefined) return;
  disk.removeFolder(folderOf(newest.step));
  disk.syncFolder('');
}

/** What the manifests on the disk say, newest first. One that can't be read counts for nothing. */
export function listSteps(disk: ReadableDisk): DiskStep[] {
  const found: DiskStep[] = [];
  for (const path of disk.list()) {
    if (!path.endsWith(`/${MANIFEST}`) || path.includes('.tmp/')) continue;
    try {
      const { step, root, previousRoot, buckets } = readManifest(disk, path);
      if (previousRoot === null) continue;
      found.push({ step, root, previousRoot, buckets: [...buckets].sort((a, b) => a - b) });
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
    }
  }
  return found.sort((a, b) => b.step - a.step);
}

/** Throws a StoredCheckpointError or a DiskError. */
export function readCheckpoint(disk: ReadableDisk, step: number): StoredCheckpoint {
  const folder = folderOf(step);
  const manifest = readManifest(disk, `${folder}/${MANIFEST}`);
  if (manifest.step !== step) throw new StoredCheckpointError(`${folder} is of ${manifest.step}`);
  const bytes = disk.read(`${folder}/${ARRAYS}`);
  if (hashOf(bytes) !== manifest.arraysHash) {
    throw new StoredCheckpointError(`${folder}/${ARRAYS} has another hash than was recorded`);
  }
  const { root, previousRoot } = manifest;
  return { step, root, previousRoot, buckets: unpackArrays(bytes) };
}

function packManifest(manifest: z.infer<typeof manifestSchema>): Uint8Array {
  const packed = packValue(manifest);
  return packValue({ packed, hash: hashOf(packed) });
}

function readManifest(disk: ReadableDisk, path: string): z.infer<typeof manifestSchema> {
  const outer = unpackValue(disk.read(path));
  const sealed = 'value' in outer ? sealSchema.safeParse(outer.value) : undefined;
  if (!sealed?.success || hashOf(sealed.data.packed) !== sealed.data.hash) {
    throw new StoredCheckpointError(`${path} is torn or damaged`);
  }
  const inner = unpackValue(sealed.data.packed);
  return manifestSchema.parse('value' in inner ? inner.value : null);
}

const sealSchema = z.strictObject({ packed: z.instanceof(Uint8Array), hash });

const arraySchema = z.strictObject({
  name: z.string(),
  wide: z.boolean(),
  bytes: z.instanceof(Uint8Array),
});
const arraysSchema = z.array(z.strictObject({ bucket: z.number(), arrays: z.array(arraySchema) }));

function packArrays(buckets: ReadonlyMap<number, StoredArrays>): Uint8Array {
  return packValue(
    [...buckets].map(([bucket, arrays]) => ({
      bucket,
      arrays: Object.entries(arrays).map(([name, values]) => ({
        name,
        wide: values instanceof Float64Array,
        bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      })),
    })),
  );
}

function unpackArrays(bytes: Uint8Array): Map<number, StoredArrays> {
  const unpacked = unpackValue(bytes);
  const parsed = arraysSchema.parse('value' in unpacked ? unpacked.value : null);
  return new Map(
    parsed.map(({ bucket, arrays }) => {
      const named = arrays.map(({ name, wide, bytes: part }) => {
        // A Buffer's slice would be a view of memory that it shares.
        const { buffer } = new Uint8Array(part);
        return [name, wide ? new Float64Array(buffer) : new Float32Array(buffer)];
      });
      return [bucket, Object.fromEntries(named) as StoredArrays];
    }),
  );
}
