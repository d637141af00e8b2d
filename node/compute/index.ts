/**
 * Computing with a model: recorded once as programs, run by an engine in a thread of its own.
 * Importing this loads neither tfjs nor an engine.
 *
 * ```ts
 * import { openCompute } from './node/compute/index.ts';
 *
 * const shape = { unitSequences: 4, sequenceLength: 256 };
 * const compute = await openCompute({ threads: 2, config, layout, ...shape });
 * compute.setBuckets(layout.buckets.map(({ index, start, length }) => (
 *   { bucket: index, values: parameters.slice(start, start + length) })));
 * const { tokens, lossSum } = await compute.gradient(unit, ({ bucket, outcome }) => {
 *   console.log(bucket, outcome); // last layer first
 * });
 * console.log(compute.numericsClass, lossSum / tokens);
 * await compute.close();
 * ```
 */
import { openInThread } from './in-thread.ts';
import { openThread } from './thread.ts';
import type { Compute, ComputeOptions } from './types.ts';

export type { EngineName } from './engines/engine.ts';
export { ComputeClosedError, EngineError, EngineUnavailableError } from './errors.ts';
export type {
  BucketValues,
  Compute,
  ComputedSlice,
  ComputeOptions,
  UnitBatch,
  UnitResult,
} from './types.ts';

export { unreadBuckets } from './unread-rows.ts';

/**
 * Opens an engine and makes the model's programs. Throws EngineUnavailableError when the engine
 * asked for, or every engine, does not load.
 */
export function openCompute(options: ComputeOptions): Promise<Compute> {
  return options.inThread === true ? openInThread(options) : openThread(options);
}
