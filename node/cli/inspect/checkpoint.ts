/** What a checkpoint holds, be it assembled or one node's part: every byte is held to its hash. */
import { layoutBuckets, type Manifest } from '../../../protocol/index.ts';
import { paramsHashOf } from '../../model/index.ts';
import { type Checkpoint, openCheckpoint, readBuckets } from '../../store/index.ts';
import { RunFolderError } from '../errors.ts';
import { type BucketRow, bucketRows } from './bucket-rows.ts';
import { type FileSize, inspectModel } from './model.ts';

export interface CheckpointInspection {
  readonly kind: 'checkpoint';
  readonly path: string;
  readonly step: number;
  readonly runId: string;
  readonly root: string;
  /** Of an assembled checkpoint; null for a node's part. */
  readonly paramsHash: string | null;
  readonly numericsClass: string;
  /** The node whose part it is; null for an assembled checkpoint. */
  readonly node: string | null;
  readonly run: Pick<
    Manifest,
    'seed' | 'steps' | 'languages' | 'groups' | 'aggregator' | 'optimizer' | 'wire'
  >;
  readonly parameters: number;
  readonly tensors: number;
  readonly bucketsHeld: number;
  readonly bucketsTotal: number;
  /** All buckets of the run, held here or not. */
  readonly buckets: readonly BucketRow[];
  readonly files: readonly FileSize[];
}

/**
 * Reads everything. Throws a CheckpointCorruptError for what is torn or damaged, a RunFolderError
 * for a model beside the buckets of another.
 */
export async function inspectCheckpoint(path: string): Promise<CheckpointInspection> {
  const checkpoint = await openCheckpoint(path);
  const { manifest, buckets: held } = checkpoint;
  const { seed, steps, languages, groups, aggregator, optimizer, wire } = manifest.run;
  const layout = layoutBuckets(manifest.run.parameters, manifest.run.bucketBytesMax);
  const files = Object.entries(manifest.files).map(([name, digest]) => ({ name, ...digest }));
  return {
    kind: 'checkpoint',
    path,
    step: manifest.step,
    runId: manifest.runId,
    root: manifest.root,
    paramsHash: await checkedHash(checkpoint),
    numericsClass: manifest.numericsClass,
    node: manifest.node === '' ? null : manifest.node,
    run: { seed, steps, languages, groups, aggregator, optimizer, wire },
    parameters: layout.totalLength,
    tensors: layout.parameters.length,
    bucketsHeld: held.length,
    bucketsTotal: layout.buckets.length,
    buckets: bucketRows(layout, manifest, held),
    files,
  };
}

/** Holds all buckets to their hashes; gives the paramsHash if there is a model beside them. */
async function checkedHash(checkpoint: Checkpoint): Promise<string | null> {
  const { path, manifest } = checkpoint;
  const assembled = manifest.files['config.json'] !== undefined;
  const pieces: Float32Array[] = [];
  for await (const { arrays } of readBuckets(checkpoint, { arrays: [] })) {
    if (assembled) pieces.push(arrays['published'] as Float32Array);
  }
  if (!assembled) return null;
  const paramsHash = paramsHashOf(pieces);
  const model = await inspectModel(path);
  if (model.paramsHash === paramsHash) return paramsHash;
  const problem = `its model is ${model.paramsHash}, but its buckets are ${paramsHash}`;
  throw new RunFolderError(path, `${problem}. Take another checkpoint.`);
}
