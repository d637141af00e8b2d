/** Safetensors: what is written is read, and every way in which a file can lie is told by name. */
import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  type NamedTensor,
  openSafetensors,
  openSafetensorsFolder,
  SafetensorsError,
  writeSafetensors,
} from '../../node/files/index.ts';
import { roundTrip } from '../../protocol/codecs.ts';
import { createStream } from '../../protocol/random.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const stream = createStream('test', 'safetensors');
const numbers = (length: number) =>
  Float32Array.from({ length }, () => (stream.nextFloat() - 0.5) * 8);

const TENSORS: NamedTensor[] = [
  { name: 'b.weight', shape: [3, 5], values: numbers(15) },
  { name: 'a.half', shape: [7], values: numbers(7), dtype: 'BF16' },
  { name: '10', shape: [2, 2], values: Float64Array.of(1 / 3, -0, Infinity, 5e-324) },
  { name: '2', shape: [], values: Float32Array.of(Number.NaN) },
  { name: 'empty', shape: [0, 4], values: new Float32Array(0) },
  // More than one piece of reading and of writing, in both widths.
  { name: 'c.long', shape: [600, 1000], values: numbers(600_000) },
  { name: 'c.longHalf', shape: [600, 1000], values: numbers(600_000), dtype: 'BF16' },
];

test('every tensor comes back to the bit, bf16 rounded to nearest even', async (t) => {
  const path = join(await temporaryFolder(t), 'x.safetensors');
  const written = await writeSafetensors(path, TENSORS, { format: 'pt', other: 'word "quoted"' });
  const content = await readFile(path);
  t.is(written.bytes, content.length);
  t.is(written.sha256, createHash('sha256').update(content).digest('hex'));
  const file = await openSafetensors(path);
  t.teardown(() => file.close());
  t.is(
    written.dataSha256,
    createHash('sha256').update(content.subarray(file.dataStart)).digest('hex'),
  );
  t.deepEqual(file.metadata, { format: 'pt', other: 'word "quoted"' });
  t.deepEqual([...file.tensors.keys()], TENSORS.map(({ name }) => name).sort());
  t.is(file.dataStart % 8, 0);
  for (const { name, shape, values, dtype } of TENSORS) {
    const expected = values.slice();
    if (dtype === 'BF16') roundTrip('bf16', expected as Float32Array);
    t.deepEqual(file.tensors.get(name)?.shape, shape);
    const actual = await file.read(name);
    t.true(Buffer.from(actual.buffer).equals(Buffer.from(expected.buffer)), name);
  }
});

test('the same tensors in another order give the same bytes', async (t) => {
  const folder = await temporaryFolder(t);
  const one = await writeSafetensors(join(folder, 'one'), TENSORS);
  const other = await writeSafetensors(join(folder, 'other'), TENSORS.toReversed());
  t.deepEqual(one, other);
});

test('a tensor is read into memory that is given', async (t) => {
  const path = join(await temporaryFolder(t), 'x.safetensors');
  await writeSafetensors(path, [{ name: 'w', shape: [2], values: Float32Array.of(5, 6) }]);
  const file = await openSafetensors(path);
  t.teardown(() => file.close());
  const whole = new Float32Array(4);
  await file.read('w', whole.subarray(1, 3));
  t.deepEqual(whole, Float32Array.of(0, 5, 6, 0));
});

/** A file of this header and so many bytes of data. */
async function writeRaw(t: ExecutionContext, header: string, dataBytes: number): Promise<string> {
  const path = join(await temporaryFolder(t), 'x.safetensors');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  await writeFile(path, Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]));
  return path;
}

const entry = (start: number, end: number, shape = [(end - start) / 4], dtype = 'F32') =>
  JSON.stringify({ dtype, shape, data_offsets: [start, end] });

const LIES: [
  what: string,
  header: string,
  dataBytes: number,
  tensor: string | undefined,
  RegExp,
][] = [
  ['no JSON', '{"a": ', 0, undefined, /not JSON/],
  ['a list', '[]', 0, undefined, /not a JSON object/],
  ['a doubled name', `{"a":${entry(0, 8)},"a":${entry(0, 8)}}`, 8, 'a', /named twice/],
  ['an escaped doubled name', `{"a":${entry(0, 8)},"\\u0061":${entry(0, 8)}}`, 8, 'a', /twice/],
  ['overlapping tensors', `{"a":${entry(0, 8)},"b":${entry(4, 12)}}`, 12, 'b', /overlaps/],
  ['a gap', `{"a":${entry(0, 8)},"b":${entry(12, 16)}}`, 16, 'b', /leaves a gap/],
  ['data after the last tensor', `{"a":${entry(0, 8)}}`, 12, undefined, /12 bytes of data/],
  ['data that ends early', `{"a":${entry(0, 8)}}`, 4, 'a', /holds only 4 .* truncated/],
  ['offsets that run backwards', `{"a":${entry(8, 0)}}`, 8, 'a', /shape/],
  ['a wrong number of bytes', `{"a":${entry(0, 8, [3])}}`, 8, 'a', /8 bytes .* expected 12/],
  ['an unknown dtype', `{"a":${entry(0, 8, [2], 'F33')}}`, 8, 'a', /F33 is not one/],
  ['a shape that is not whole', `{"a":${entry(0, 8, [2.5])}}`, 8, 'a', /shape/],
  ['a shape beyond all numbers', `{"a":${entry(0, 8, [2 ** 52, 2 ** 52])}}`, 8, 'a', /expected/],
  ['an entry that is a number', '{"a":1}', 0, 'a', /its entry/],
  ['metadata that is no map', '{"__metadata__":{"a":1}}', 0, undefined, /__metadata__/],
];

for (const [what, header, dataBytes, tensor, message] of LIES) {
  test(`a header with ${what} is refused`, async (t) => {
    const path = await writeRaw(t, header, dataBytes);
    const error = await t.throwsAsync(openSafetensors(path), { instanceOf: SafetensorsError });
    t.is(error.path, path);
    t.is(error.tensor, tensor);
    t.true(error.message.startsWith(path), error.message);
    t.regex(error.message, message);
  });
}

test('a file cut anywhere is refused', async (t) => {
  const path = join(await temporaryFolder(t), 'x.safetensors');
  const { bytes } = await writeSafetensors(path, TENSORS.slice(0, 2));
  const content = await readFile(path);
  for (const length of [0, 7, 8, 9, 40, bytes - 1]) {
    await writeFile(path, content);
    await truncate(path, length);
    await t.throwsAsync(openSafetensors(path), { name: 'SafetensorsError' }, `${length} bytes`);
  }
});

test('a header length of 2⁶³ is refused before memory is taken for it', async (t) => {
  const path = join(await temporaryFolder(t), 'x.safetensors');
  await writeFile(path, Buffer.from([0, 0, 0, 0, 0, 0, 0, 128, 123, 125]));
  await t.throwsAsync(openSafetensors(path), { message: /claims 9223372036854775808 bytes/ });
});

test('a tensor of a type that is not read is refused by its name when it is wanted', async (t) => {
  const path = await writeRaw(t, `{"ids":${entry(0, 8, [1], 'I64')},"w":${entry(8, 12)}}`, 12);
  const file = await openSafetensors(path);
  t.teardown(() => file.close());
  await t.throwsAsync(file.read('ids'), { message: /tensor ids: I64 is not read/ });
  await t.throwsAsync(file.read('other'), { message: /tensor other: is not in the file/ });
  t.deepEqual(await file.read('w'), Float32Array.of(0));
});

async function writeShards(t: ExecutionContext, weightMap: Record<string, string>) {
  const folder = await temporaryFolder(t);
  const [one, two] = [TENSORS[0]!, TENSORS[1]!];
  await writeSafetensors(join(folder, 'model-1.safetensors'), [one]);
  await writeSafetensors(join(folder, 'model-2.safetensors'), [two]);
  const index = JSON.stringify({ metadata: {}, weight_map: weightMap });
  await writeFile(join(folder, 'model.safetensors.index.json'), index);
  return folder;
}

test('a sharded folder reads as one file', async (t) => {
  const shards = { 'b.weight': 'model-1.safetensors', 'a.half': 'model-2.safetensors' };
  const folder = await openSafetensorsFolder(await writeShards(t, shards));
  t.teardown(() => folder.close());
  t.deepEqual([...folder.tensors.keys()].sort(), ['a.half', 'b.weight']);
  t.deepEqual(await folder.read('b.weight'), TENSORS[0]!.values);
});

const WRONG_INDICES: [what: string, weightMap: Record<string, string>, message: RegExp][] = [
  ['a missing file', { 'b.weight': 'model-3.safetensors' }, /model-3.* cannot be read \(ENOENT\)/],
  ['a path out of the folder', { 'b.weight': '../model-1.safetensors' }, /expected a plain name/],
  ['nothing', {}, /names 0 files/],
  [
    'a tensor in the wrong file',
    { 'b.weight': 'model-2.safetensors', 'a.half': 'model-1.safetensors' },
    /tensor b.weight: should be in model-2/,
  ],
  [
    'one tensor too few',
    { 'b.weight': 'model-1.safetensors', other: 'model-2.safetensors' },
    /tensor other: should be in model-2/,
  ],
];

for (const [what, weightMap, message] of WRONG_INDICES) {
  test(`an index with ${what} is refused`, async (t) => {
    const folder = await writeShards(t, weightMap);
    const opened = openSafetensorsFolder(folder);
    await t.throwsAsync(opened, { instanceOf: SafetensorsError, message });
  });
}

test('an index that is no index is refused', async (t) => {
  const folder = await writeShards(t, {});
  await writeFile(join(folder, 'model.safetensors.index.json'), '{"weight_map": 3}');
  await t.throwsAsync(openSafetensorsFolder(folder), { message: /is no index/ });
});

test('a folder without any safetensors file is refused', async (t) => {
  const opened = openSafetensorsFolder(await temporaryFolder(t));
  await t.throwsAsync(opened, {
    name: 'SafetensorsError',
    message: /model.safetensors: cannot be/,
  });
});
