/** What the two sides of the compute thread say to each other. Requests are answered in order. */
import type { CoreFacts } from './core.ts';
import type { EngineName } from './engines/engine.ts';
import type { BucketValues, ComputedSlice, UnitBatch, UnitResult } from './types.ts';

/** To the thread. `id` names the answer. */
export type Request =
  | { readonly type: 'buckets'; readonly buckets: readonly BucketValues[] }
  | { readonly type: 'gradient'; readonly id: number; readonly unit: UnitBatch }
  | { readonly type: 'score'; readonly id: number; readonly unit: UnitBatch }
  | { readonly type: 'logits'; readonly id: number; readonly unit: UnitBatch }
  | { readonly type: 'canary'; readonly id: number }
  | { readonly type: 'close' };

/** What a request can come to. */
export type Answer = UnitResult | Float32Array | string;

/** From the thread: `failure` of one request, `crash` of the thread itself. */
export type Reply =
  | { readonly type: 'ready'; readonly facts: CoreFacts }
  | { readonly type: 'unavailable'; readonly engine: EngineName; readonly reason: string }
  | { readonly type: 'slice'; readonly id: number; readonly slice: ComputedSlice }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'failure'; readonly id: number; readonly cause: Error }
  | { readonly type: 'crash'; readonly cause: Error };

/** The buffer of an array that fills it; a view into a larger one is copied first. */
export function ownBuffer(values: Float32Array): Float32Array<ArrayBuffer> {
  const { buffer, byteLength } = values;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    return values as Float32Array<ArrayBuffer>;
  }
  return values.slice();
}
