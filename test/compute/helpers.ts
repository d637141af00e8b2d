/**
 * What the tests of compute share: small models, seeded numbers, and a compute that is closed
 * again.
 */
import { createHash } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import {
  type Compute,
  type ComputedSlice,
  type ComputeOptions,
  openCompute,
  type UnitBatch,
} from '../../node/compute/index.ts';
import type { LlamaConfig } from '../../node/model/decoder/index.ts';
import { decoderParameters } from '../../node/model/parameters.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { createStream } from '../../protocol/random.ts';

/** Odd sizes on purpose: nothing divides anything by chance. */
export const TINY: LlamaConfig = {
  vocabularySize: 19,
  hiddenSize: 12,
  intermediateSize: 20,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 6,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 128,
  tieWordEmbeddings: false,
};

/** Two chunks of attention rows, the second shorter. */
export const TINY_SHAPE = { unitSequences: 2, sequenceLength: 70 };

/** Numbers in [0, 1), the same sequence for the same seed. */
export function seededNumbers(seed: number): () => number {
  return createStream('test/compute', seed).nextFloat;
}

export function randomValues(length: number, seed: number, scale = 1): Float32Array {
  const next = seededNumbers(seed);
  return Float32Array.from({ length }, () => scale * (2 * next() - 1));
}

/** Options for the tiny model unless overridden; buckets of at most 400 bytes. */
export function tinyOptions(overrides: Partial<ComputeOptions> = {}): ComputeOptions {
  const config = overrides.config ?? TINY;
  const layout = layoutBuckets(decoderParameters(config), 400);
  return { engine: 'onnx', threads: 1, config, layout, ...TINY_SHAPE, ...overrides };
}

/** All parameters flattened: norms around 1, the rest around 0. */
export function randomParameters({ layout }: ComputeOptions, seed = 7): Float32Array {
  const values = randomValues(layout.totalLength, seed, 0.3);
  let offset = 0;
  for (const { shape } of layout.parameters) {
    const length = shape.reduce((product, size) => product * size, 1);
    if (shape.length === 1) {
      for (let i = offset; i < offset + length; i++) values[i]! += 1;
    }
    offset += length;
  }
  return values;
}

/** Random tokens; one target in five is not scored. */
export function randomUnit(options: ComputeOptions, seed = 3): UnitBatch {
  const next = seededNumbers(seed);
  const { unitSequences: sequences, sequenceLength, config } = options;
  const count = sequences * sequenceLength;
  const word = () => Math.floor(next() * config.vocabularySize);
  const tokens = Int32Array.from({ length: count }, word);
  const targets = Int32Array.from({ length: count }, () => (next() < 0.2 ? -1 : word()));
  return { tokens, targets, sequences, sequenceLength };
}

export function setParameters(
  compute: Compute,
  { layout }: ComputeOptions,
  values: Float32Array,
): void {
  compute.setBuckets(
    layout.buckets.map(({ index, start, length }) => ({
      bucket: index,
      values: values.slice(start, start + length),
    })),
  );
}

/** Opens compute with parameters set, and closes it when the test ends. */
export async function openTiny(t: ExecutionContext, options: ComputeOptions): Promise<Compute> {
  const compute = await openCompute(options);
  t.teardown(() => compute.close());
  setParameters(compute, options, randomParameters(options));
  return compute;
}

/**
 * A gradient's slices in the order they came, all values flattened (0 where absent), and the
 * result.
 */
export async function gradientOf(compute: Compute, options: ComputeOptions, unit: UnitBatch) {
  const slices: ComputedSlice[] = [];
  const result = await compute.gradient(unit, (slice) => slices.push(slice));
  const values = new Float32Array(options.layout.totalLength);
  for (const slice of slices) {
    const { start } = options.layout.buckets[slice.bucket]!;
    if (slice.outcome === 'tensor') values.set(slice.values, start);
  }
  return { slices, values, result };
}

export function hashOf(...arrays: Float32Array[]): string {
  const hash = createHash('sha256');
  for (const values of arrays) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
