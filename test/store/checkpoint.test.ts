/** Checkpoints: what is written is read to the bit, what is damaged is refused by name. */
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openSafetensors } from '../../node/files/index.ts';
import { paramsHashOf } from '../../node/model/index.ts';
import {
  assembleCheckpoint,
  type Checkpoint,
  CheckpointCorruptError,
  CheckpointIncompleteError,
  listCheckpoints,
  newestCheckpoint,
  newestCompleteStep,
  openCheckpoint,
  readBuckets,
  type StoredBucket,
  writeShard,
} from '../../node/store/index.ts';
import { canonicalJson } from '../../protocol/canonical.ts';
import { hashOf } from '../../protocol/hashes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import {
  bucketsOf,
  createBucket,
  createRun,
  createShard,
  createStep,
  MODEL_FILES,
  writeShards,
} from './helpers.ts';

const run = createRun();

async function readAll(checkpoint: Checkpoint): Promise<StoredBucket[]> {
  const buckets: StoredBucket[] = [];
  for await (const bucket of readBuckets(checkpoint)) buckets.push(bucket);
  return buckets;
}

for (const codec of ['f32', 'bf16'] as const) {
  test(`a node's buckets come back to the bit (${codec})`, async (t) => {
    const run = createRun({ codec });
    const shard = createShard(run, 10, 'merlin');
    const path = await writeShard(await temporaryFolder(t), shard);
    const checkpoint = await openCheckpoint(path);
    t.is(checkpoint.manifest.step, 10);
    t.is(checkpoint.manifest.node, 'merlin');
    t.deepEqual(checkpoint.manifest.run, run);
    t.deepEqual(
      checkpoint.buckets,
      shard.buckets.map(({ bucket }) => bucket),
    );
    const expected = shard.buckets.map((stored) => ({
      ...stored,
      hashes: shard.values[stored.bucket],
    }));
    t.deepEqual(await readAll(checkpoint), expected as StoredBucket[]);
  });
}

test('chosen buckets and arrays are read in the order that is asked for', async (t) => {
  const [path] = await writeShards(await temporaryFolder(t), run, 3);
  const read: [number, string[]][] = [];
  const selection = { buckets: [4, 0], arrays: ['mu'] };
  for await (const { bucket, arrays } of readBuckets(await openCheckpoint(path!), selection)) {
    read.push([bucket, Object.keys(arrays)]);
  }
  t.deepEqual(read, [
    [4, ['published', 'mu']],
    [0, ['published', 'mu']],
  ]);
});

test('an assembled checkpoint is a model folder that also holds every bucket', async (t) => {
  const parent = await temporaryFolder(t);
  const target = join(parent, 'checkpoint-20');
  const paramsHash = await assembleCheckpoint(
    await writeShards(parent, run, 20),
    target,
    MODEL_FILES,
  );
  t.deepEqual((await readdir(target)).sort(), [
    'config.json',
    'isogloss',
    'model.safetensors',
    'tokenizer.json',
  ]);
  const layout = bucketsOf(run);
  const expected = layout.map((bucket) => createBucket(run, 20, bucket));
  const published = expected.map(({ arrays }) => arrays['published'] as Float32Array);
  t.is(paramsHash, paramsHashOf(published));
  const file = await openSafetensors(join(target, 'model.safetensors'));
  t.teardown(() => file.close());
  t.deepEqual(
    [...file.tensors.keys()],
    run.parameters.map(({ name }) => name),
  );
  t.deepEqual(await file.read('model.norm.weight'), published.at(-1));
  const checkpoint = await openCheckpoint(target);
  t.deepEqual(
    checkpoint.buckets,
    layout.map(({ index }) => index),
  );
  const { values } = createStep(run, 20);
  t.deepEqual(
    await readAll(checkpoint),
    expected.map((stored) => ({ ...stored, hashes: values[stored.bucket]! })),
  );
});

test('a bucket two nodes hold is taken once, and a whole can be assembled again', async (t) => {
  const parent = await temporaryFolder(t);
  const whole = bucketsOf(run).map((bucket) => createBucket(run, 20, bucket));
  const everything = { ...createShard(run, 20, 'merlin'), buckets: whole };
  const own = await writeShard(join(parent, 'all'), everything);
  const shards = await writeShards(parent, run, 20);
  await assembleCheckpoint([shards[0]!, own, shards[1]!], join(parent, 'one'), MODEL_FILES);
  const checkpoint = await openCheckpoint(join(parent, 'one'));
  t.is(checkpoint.manifest.shards.length, 2);
  t.is(checkpoint.manifest.shards.flatMap(({ buckets }) => buckets).length, whole.length);
  await assembleCheckpoint([join(parent, 'one')], join(parent, 'two'), MODEL_FILES);
  const again = await openCheckpoint(join(parent, 'two'));
  t.deepEqual(await readAll(again), await readAll(checkpoint));
});

test('missing buckets are told with the node that held them', async (t) => {
  const parent = await temporaryFolder(t);
  const [kestrels] = await writeShards(parent, run, 20);
  const target = join(parent, 'checkpoint-20');
  const error = await t.throwsAsync(assembleCheckpoint([kestrels!], target, MODEL_FILES), {
    instanceOf: CheckpointIncompleteError,
  });
  t.deepEqual(error.buckets, [1, 3, 5]);
  t.is(
    error.message,
    'checkpoint-20 lacks buckets 1, 3, 5, last held by merlin. ' +
      'Start merlin, or --resume an older checkpoint.',
  );
  t.false((await readdir(parent)).includes('checkpoint-20'));
  const none = assembleCheckpoint([], target, MODEL_FILES);
  await t.throwsAsync(none, { instanceOf: CheckpointIncompleteError });
});

test('runs of missing buckets are told as runs', (t) => {
  const error = new CheckpointIncompleteError('runs/first/checkpoint-200', [3, 12, 13, 14, 15], []);
  t.regex(error.message, /^checkpoint-200 lacks buckets 3, 12-15\. Start the nodes that held them/);
});

const MIXTURES: [
  what: string,
  other: Parameters<typeof createRun>[0],
  step: number,
  history: string,
  RegExp,
][] = [
  ['steps', {}, 21, '', /step is 21, but 20/],
  ['runs', { learningRate: 2e-4 }, 20, '', /runId is/],
  ['roots', {}, 20, ' poisoned', /root is/],
];

for (const [what, options, step, history, message] of MIXTURES) {
  test(`a mixture of ${what} is refused`, async (t) => {
    const parent = await temporaryFolder(t);
    const [kestrels] = await writeShards(parent, run, 20);
    const other = createRun(options);
    const shard = { ...createShard(other, step, 'merlin'), ...createStep(other, step, history) };
    const merlins = await writeShard(join(parent, 'other'), shard);
    const assembled = assembleCheckpoint([kestrels!, merlins], join(parent, 'c'), MODEL_FILES);
    await t.throwsAsync(assembled, { instanceOf: CheckpointCorruptError, message });
  });
}

/** Damages a checkpoint, and gives the error that it is refused with. */
async function refusal(t: ExecutionContext, damage: (path: string) => Promise<void>) {
  const parent = await temporaryFolder(t);
  const [path, other] = await writeShards(parent, run, 20);
  await damage(path!);
  const opened = await t.throwsAsync(openCheckpoint(path!), { name: 'CheckpointCorruptError' });
  const assembled = assembleCheckpoint([path!, other!], join(parent, 'c'), MODEL_FILES);
  await t.throwsAsync(assembled, { name: 'CheckpointCorruptError' });
  t.true(opened.message.startsWith(path!), opened.message);
  return opened.message;
}

const SHARD = 'isogloss/shard.safetensors';
const MANIFEST = 'isogloss/manifest.json';

test('a cut, damaged or missing file is refused by its name', async (t) => {
  t.regex(
    await refusal(t, (path) => truncate(join(path, SHARD), 5000)),
    /has 5000 bytes, expected/,
  );
  t.regex(await refusal(t, (path) => rm(join(path, SHARD))), /cannot be read \(ENOENT\)/);
  const flipped = await refusal(t, async (path) => {
    const content = await readFile(join(path, SHARD));
    content[4000] = content[4000]! ^ 1;
    await writeFile(join(path, SHARD), content);
  });
  t.regex(flipped, /shard.safetensors is damaged/);
});

test('a manifest that is cut, missing or changed is refused', async (t) => {
  t.regex(await refusal(t, (path) => truncate(join(path, MANIFEST), 100)), /is not JSON/);
  t.regex(await refusal(t, (path) => rm(join(path, MANIFEST))), /one that was never finished/);
  const change = (from: string, to: string, seal: boolean) =>
    refusal(t, async (path) => {
      const text = (await readFile(join(path, MANIFEST), 'utf8')).replace(from, to);
      const { checksum, ...rest } = JSON.parse(text);
      const sealed = seal ? hashOf(canonicalJson(rest)) : checksum;
      await writeFile(join(path, MANIFEST), JSON.stringify({ ...rest, checksum: sealed }));
    });
  t.regex(await change('"step":20', '"step":21', false), /does not match its checksum/);
  t.regex(await change('"format":1', '"format":2', true), /is wrong at format/);
  t.regex(await change('"learningRate":0.0001', '"learningRate":0.1', true), /has the run id/);
  const { root, values } = createStep(run, 20);
  t.regex(await change(root, hashOf('other'), true), /has the root/);
  t.regex(await change(values[3]!.optimizer, hashOf('other'), true), /has the root/);
  t.regex(await change(SHARD, '../shard.safetensors', true), /is wrong at/);
});

test('the newest checkpoint that is sound is found, and the unsound ones are told', async (t) => {
  const folder = await temporaryFolder(t);
  for (const step of [5, 10, 15]) await writeShard(folder, createShard(run, step, 'merlin'), 9);
  await truncate(join(folder, 'checkpoint-15', SHARD), 0);
  await mkdir(join(folder, 'checkpoint-20'));
  const { checkpoint, refused } = await newestCheckpoint(folder);
  t.is(checkpoint?.manifest.step, 10);
  t.deepEqual(
    refused.map(({ name }) => name),
    ['CheckpointCorruptError', 'CheckpointCorruptError'],
  );
  const nowhere = await newestCheckpoint(join(folder, 'nowhere'));
  t.deepEqual(nowhere, { checkpoint: undefined, refused: [] });
});

test('the newest step that the nodes have between them is found', async (t) => {
  const parent = await temporaryFolder(t);
  const folders = ['kestrel', 'merlin', 'never-started'].map((node) => join(parent, node));
  t.is(await newestCompleteStep(folders), undefined);
  await writeShards(parent, run, 5);
  await writeShards(parent, run, 10);
  await writeShard(folders[0]!, createShard(run, 15, 'kestrel'), 9);
  const complete = await newestCompleteStep(folders);
  t.is(complete?.step, 10);
  const target = join(parent, 'checkpoint-10');
  await t.notThrowsAsync(assembleCheckpoint(complete!.shardFolders, target, MODEL_FILES));
});

test('only the newest checkpoints are kept, and an unfinished one does not count', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'checkpoint-7'));
  for (const step of [5, 6, 8, 9]) await writeShard(folder, createShard(run, step, 'merlin'), 3);
  t.deepEqual((await readdir(folder)).sort(), [
    'checkpoint-6',
    'checkpoint-7',
    'checkpoint-8',
    'checkpoint-9',
  ]);
});

test('a checkpoint that stands is left alone, and a broken one is written again', async (t) => {
  const folder = await temporaryFolder(t);
  const shard = createShard(run, 5, 'merlin');
  const path = await writeShard(folder, shard);
  const before = await readFile(join(path, MANIFEST));
  t.is(await writeShard(folder, { ...shard, node: 'somebody else' }), path);
  t.deepEqual(await readFile(join(path, MANIFEST)), before);
  await truncate(join(path, SHARD), 10);
  await writeShard(folder, shard);
  await t.notThrowsAsync(openCheckpoint(path));
  t.deepEqual(await readdir(folder), ['checkpoint-5']);
});

test('values that are not those of their hash are not written', async (t) => {
  const folder = await temporaryFolder(t);
  const shard = createShard(run, 5, 'merlin');
  (shard.buckets[0]!.arrays['published'] as Float32Array)[3]! += 1;
  await t.throwsAsync(writeShard(folder, shard), { name: 'AssertionError', message: /its hash/ });
  t.deepEqual(await readdir(folder), []);
});

test('checkpoints that other nodes may still need stay, however old', async (t) => {
  const folder = await temporaryFolder(t);
  for (const step of [5, 10, 15, 20]) {
    await writeShard(folder, { ...createShard(run, step, 'merlin'), neededFrom: 10 });
  }
  t.deepEqual(await listCheckpoints(folder), [20, 15, 10]);
});
