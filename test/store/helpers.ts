/** A tiny run whose values are drawn from a seed, and what its nodes write at a step. */
import {
  type BucketArrays,
  type CheckpointStep,
  type ShardCheckpoint,
  writeShard,
} from '../../node/store/index.ts';
import { type Bucket, layoutBuckets } from '../../protocol/buckets.ts';
import { encode, roundTrip } from '../../protocol/codecs.ts';
import { firstRoot, hashOf, nextRoot, valueHash } from '../../protocol/hashes.ts';
import { type Manifest, parseManifest, runIdOf } from '../../protocol/manifest.ts';
import { createStream } from '../../protocol/random.ts';

export const NUMERICS_CLASS = 'reference-test';

/** `rows` of 64 values make the model bigger; the buckets are of 16 rows. */
export function createRun({ rows = 64, codec = 'f32', learningRate = 1e-4 } = {}): Manifest {
  const hash = '0'.repeat(64);
  const run = {
    format: 1,
    seed: 1,
    steps: 100,
    model: { base: hash, config: hash, tokenizer: hash, sequenceLength: 8 },
    parameters: [
      { name: 'model.embed_tokens.weight', shape: [rows, 64], layer: 'model.embed_tokens' },
      { name: 'model.layers.0.weight', shape: [3, 5], layer: 'model.layers.0' },
      { name: 'model.norm.weight', shape: [7], layer: 'model.norm' },
    ],
    languages: [{ id: 'swh_Latn', train: hash, unitsPerStep: 2 }],
    data: { unitSequences: 2 },
    bucketBytesMax: 16 * 64 * 4,
    groups: 'bucket',
    aggregator: { name: 'mgda', normalize: 'l2' },
    optimizer: { name: 'adamw', learningRate, clipNorm: null },
    wire: { codec },
  };
  return parseManifest(run, 'the test');
}

export function bucketsOf(run: Manifest): readonly Bucket[] {
  return layoutBuckets(run.parameters, run.bucketBytesMax).buckets;
}

/** What is kept of a bucket at a step: f32 arrays, float64 numbers, and an array without any. */
export function createBucket(run: Manifest, step: number, { index, length }: Bucket): BucketArrays {
  const { nextFloat } = createStream('checkpoint', step, index);
  const draw = () => Float32Array.from({ length }, () => nextFloat() - 0.5);
  const [master, mu, nu] = [draw(), draw(), draw()] as const;
  const published = master.slice();
  roundTrip(run.wire.codec, published);
  const scalars = Float64Array.of(nextFloat(), 1 / 3);
  const arrays = { published, master, mu, nu, scalars, aggregator: new Float64Array(0) };
  return { bucket: index, arrays };
}

/** The step as every node knows it; `other` makes the roots those of another history. */
export function createStep(run: Manifest, step: number, other = ''): CheckpointStep {
  const values = bucketsOf(run).map((bucket) => {
    const { published } = createBucket(run, step, bucket).arrays;
    return {
      published: hashOf(encode(run.wire.codec, published as Float32Array)),
      optimizer: hashOf(`optimizer ${step} ${bucket.index}${other}`),
      aggregator: hashOf(`aggregator ${step}`),
    };
  });
  const hashes = values.map(valueHash);
  const previousRoot = step === 0 ? null : hashOf(`root ${step - 1}`);
  const root =
    previousRoot === null
      ? firstRoot(runIdOf(run), NUMERICS_CLASS, hashes)
      : nextRoot(previousRoot, hashes);
  const holders = bucketsOf(run).map(({ index }) => holderOf(index));
  return { run, numericsClass: NUMERICS_CLASS, step, root, previousRoot, values, holders };
}

const NODES = ['kestrel', 'merlin'] as const;

/** Buckets alternate between two nodes. */
function holderOf(bucket: number): string {
  return NODES[bucket % NODES.length]!;
}

/** What a node writes at a step. */
export function createShard(run: Manifest, step: number, node: string): ShardCheckpoint {
  const buckets = bucketsOf(run)
    .filter(({ index }) => holderOf(index) === node)
    .map((bucket) => createBucket(run, step, bucket));
  return { ...createStep(run, step), node, buckets };
}

/** Lets both nodes write a step below `parent`, each into a folder of its name; gives the paths. */
export async function writeShards(parent: string, run: Manifest, step: number): Promise<string[]> {
  const paths: string[] = [];
  for (const node of NODES) {
    paths.push(await writeShard(`${parent}/${node}`, createShard(run, step, node)));
  }
  return paths;
}

/** Small files of a Hugging Face folder; what they say is of no matter here. */
export const MODEL_FILES = { 'config.json': '{"model_type": "llama"}\n', 'tokenizer.json': '{}\n' };
