/** What the main thread and the bulk thread say to each other. */

import type { ValueKey } from '../../protocol/values.ts';
import type { BulkEffect, BulkEvent, SliceEvent } from '../actor/index.ts';
import type { BulkOptions, StoredArrays } from '../bulk/index.ts';
import type { AggregatorModule } from './import-aggregator.ts';

/** What the bulk thread is made from. */
export interface BulkThreadOptions extends BulkOptions {
  /** Of an own aggregator, which the thread imports for itself. */
  readonly aggregatorModule?: AggregatorModule;
}

export type BulkRequest =
  /** All parameters of the base, in order; answered by the hashes of the values of step 0. */
  | { kind: 'loadBase'; id: number; base: Float32Array }
  /** A bucket of a checkpoint; answered by its hashes, undefined where it is no such bucket. */
  | { kind: 'load'; id: number; step: number; bucket: number; arrays: StoredArrays }
  /** What a checkpoint of the step at hand keeps of these buckets, in their order. */
  | { kind: 'stored'; id: number; step: number; buckets: readonly number[] }
  /** A value's encoded form, to be sent. */
  | { kind: 'encoded'; id: number; key: ValueKey }
  /** The published parameters of a complete step, by bucket. */
  | { kind: 'published'; id: number; step: number }
  /** A slice from the model, null without numbers; becomes a slice event. */
  | { kind: 'slice'; slice: SliceEvent; values: Float32Array | null }
  | {
      kind: 'perform';
      effect: Exclude<BulkEffect, { kind: 'compute' }>;
      payload: Uint8Array | null;
    };

export type BulkReply =
  | { kind: 'answer'; id: number; answer: unknown }
  | { kind: 'event'; event: BulkEvent };
