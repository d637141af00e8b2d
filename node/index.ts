/**
 * isogloss as a library: models, text, scores and checkpoints. Aggregators are in
 * `isogloss/resolve`, what nodes say to each other in `isogloss/protocol`, the simulator in
 * `isogloss/sim`. None of these loads tfjs, an engine or libp2p; opening a compute loads the first
 * two, in its own thread.
 *
 * ```ts
 * import { evaluate, layoutBuckets, loadModelFolder, openCompute, readText } from 'isogloss';
 *
 * const { config, parameters, tokenizer, values } = await loadModelFolder('runs/1/model');
 * const { documents } = await readText('swh_Latn.dev.txt', 'examples/udhr');
 * const layout = layoutBuckets(parameters, 65_536);
 * const [unitSequences, sequenceLength] = [4, 128];
 * const shape = { unitSequences, sequenceLength };
 * const compute = await openCompute({ threads: 2, config, layout, ...shape });
 * compute.setBuckets(
 *   layout.buckets.map(({ index, start, length }) => (
 *     { bucket: index, values: values.slice(start, start + length) })),
 * );
 * const score = compute.score.bind(compute);
 * const window = { sequences: unitSequences, sequenceLength };
 * const { bitsPerByte } = await evaluate(score, documents, tokenizer, window);
 * await compute.close();
 * ```
 *
 * Whatever the world does wrong is an IsoglossError with a stable `name`; docs/errors.md has them
 * all.
 */
export {
  type BucketLayout,
  IsoglossError,
  layoutBuckets,
  type Manifest,
  type ParameterSpec,
  PROTOCOL_VERSION,
  parseManifest,
  runIdOf,
} from '../protocol/index.ts';
export * from './compute/index.ts';
// Both mean the same by it.
export type { UnitBatch } from './data/index.ts';
export * from './data/index.ts';
export * from './model/index.ts';
/** The optimizer of one bucket: `optim.step` and what it needs. */
export * as optim from './optim/index.ts';
export {
  type Checkpoint,
  CheckpointCorruptError,
  CheckpointIncompleteError,
  listCheckpoints,
  newestCheckpoint,
  openCheckpoint,
  readBuckets,
  writeModelFolder,
} from './store/index.ts';
