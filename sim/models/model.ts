/**
 * What the simulator runs in place of a model: the numbers in bulk of a node, and the gradient of a
 * unit. The tiny one is real mathematics, the analytic one has names instead of numbers.
 */
import type { ActorOptions, BulkEffect, BulkEvent, SliceEvent } from '../../node/actor/index.ts';
import type { StoredArrays } from '../../node/bulk/index.ts';
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';

/** node/bulk's Bulk as the simulator needs it. */
export interface BulkPort {
  readonly size: number;
  /** Of all that is held. */
  keys(): Iterable<ValueKey>;
  load(step: number, bucket: number, arrays: StoredArrays): ValueHashes | undefined;
  stored(step: number, bucket: number): StoredArrays;
  published(step: number, bucket: number): Float32Array;
  encoded(key: ValueKey): Uint8Array;
  keepSlice(key: ValueKey, values: Float32Array): { outcome: Outcome; hash: Hash | null };
  perform(
    effect: Exclude<BulkEffect, { kind: 'compute' }>,
    payload: Uint8Array | null,
  ): BulkEvent | null;
}

/** The parameters of a step, as a unit's gradient needs them. */
export interface Parameters {
  readonly hash: Hash;
  readonly values: Float32Array;
}

/** By bucket: a slice in memory that the receiver may keep, or null where the bucket is absent. */
export interface UnitWork {
  readonly tokens: number;
  readonly lossSum: number;
  readonly slices: readonly (Float32Array | null)[];
}

export type UnitName = Pick<SliceEvent, 'step' | 'language' | 'unit'>;

export interface SimModel {
  /** What all actors of the run are made from. */
  readonly actor: Omit<ActorOptions, 'self' | 'incarnation'>;
  /** By bucket: its resolution group. */
  readonly groupOf: readonly number[];
  createBulk(): BulkPort;
  /** Loads the base into a bulk; root(0) and the hashes of its values. */
  loadBase(bulk: BulkPort): { root: Hash; values: readonly ValueHashes[] };
  parameters(bulk: BulkPort, step: number): Parameters;
  gradient(parameters: Parameters, unit: UnitName): UnitWork;
  /** What an encoded value counts on the wire, where that is not its length. */
  nominalBytes(key: ValueKey): number | undefined;
}
