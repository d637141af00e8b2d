/** Checkpoints of the tiny run as two nodes write them, without the run. */
import { join } from 'node:path';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  byteTokenizerFiles,
  decoderParameters,
  initialValues,
  modelFolderFiles,
} from '../../node/model/index.ts';
import { assembleCheckpoint, writeShard } from '../../node/store/index.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { encode } from '../../protocol/codecs.ts';
import { firstRoot, hashOf, nextRoot, valueHash } from '../../protocol/hashes.ts';
import { parseManifest, runIdOf } from '../../protocol/manifest.ts';
import { TINY_CONFIG, TINY_MODEL } from '../helpers/tiny-run.ts';

export const NODES = ['kestrel', 'merlin'] as const;
export const NUMERICS_CLASS = 'onnx-of-the-test';

const hash = '0'.repeat(64);
const parameters = decoderParameters(TINY_MODEL);
export const LAYOUT = layoutBuckets(parameters, TINY_CONFIG.bucketBytesMax);

/** Of config.json and the tokenizer that the run began with. */
type TinyHashes = Readonly<Record<'config' | 'tokenizer', string>>;

/** The run's manifest; its text and base are of no matter here. */
function manifestOf(seed: number, model: TinyHashes) {
  const run = {
    format: 1,
    seed,
    steps: TINY_CONFIG.steps,
    model: { base: hash, ...model, sequenceLength: 32 },
    parameters: parameters.map(({ name, shape, layer }) => ({ name, shape, layer })),
    languages: [{ id: 'swh_Latn', train: hash, unitsPerStep: 2 }],
    data: TINY_CONFIG.data,
    bucketBytesMax: TINY_CONFIG.bucketBytesMax,
    groups: 'bucket',
    aggregator: { name: 'mgda', normalize: 'l2' },
    optimizer: { name: 'sgd', learningRate: 0.01, clipNorm: null },
    wire: { codec: 'f32' },
  };
  return parseManifest(run, 'the test');
}

export interface TinyCheckpoint {
  /** `folder`/state/NODE/checkpoint-N, a node each. */
  readonly parts: readonly string[];
  /** `folder`/checkpoint-N. */
  readonly assembled: string;
  readonly runId: string;
  readonly root: string;
  readonly paramsHash: string;
}

/** Both nodes' parts of a step below `folder`, and what is assembled of them. */
export async function writeTinyCheckpoint(
  folder: string,
  step: number,
  seed: number = TINY_CONFIG.seed,
  model: TinyHashes = { config: hash, tokenizer: hash },
): Promise<TinyCheckpoint> {
  const run = manifestOf(seed, model);
  const all = initialValues(parameters, seed + step);
  const stored = LAYOUT.buckets.map(({ index, start, length }) => ({
    bucket: index,
    arrays: { published: all.slice(start, start + length) },
  }));
  const values = stored.map(({ arrays }) => ({
    published: hashOf(encode('f32', arrays.published)),
    optimizer: hash,
    aggregator: hash,
  }));
  const runId = runIdOf(run);
  const hashes = values.map(valueHash);
  const previousRoot = step === 0 ? null : hash;
  const root =
    previousRoot === null
      ? firstRoot(runId, NUMERICS_CLASS, hashes)
      : nextRoot(previousRoot, hashes);
  const holders = stored.map(({ bucket }) => NODES[bucket % NODES.length]!);
  const known = { run, numericsClass: NUMERICS_CLASS, step, root, previousRoot, values, holders };
  const parts: string[] = [];
  for (const node of NODES) {
    const buckets = stored.filter(({ bucket }) => holders[bucket] === node);
    parts.push(await writeShard(join(folder, 'state', node), { ...known, node, buckets }));
  }
  const assembled = join(folder, `checkpoint-${step}`);
  const paramsHash = await assembleCheckpoint(
    parts,
    assembled,
    modelFolderFiles({
      config: TINY_MODEL,
      bosId: BYTE_BOS_ID,
      eosId: BYTE_EOS_ID,
      tokenizerFiles: byteTokenizerFiles(),
    }),
  );
  return { parts, assembled, runId, root, paramsHash };
}
