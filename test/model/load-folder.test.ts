/** Model folders: what is in them arrives, and what is wrong with them is told by name. */
import { cp, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type NamedTensor, openSafetensors, writeSafetensors } from '../../node/files/index.ts';
import {
  initialValues,
  loadModelFolder,
  modelFolderFiles,
  paramsHashOf,
} from '../../node/model/index.ts';
import { valueCount } from '../../protocol/buckets.ts';
import { fixtureFolder, REFERENCE_MODELS } from '../helpers/reference-model.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

for (const name of REFERENCE_MODELS) {
  test(`${name} loads, and its hash is that of one sorted f32 file`, async (t) => {
    const model = await loadModelFolder(fixtureFolder(name));
    const names = model.parameters.map((parameter) => parameter.name);
    t.deepEqual(names, names.toSorted());
    let start = 0;
    const tensors: NamedTensor[] = model.parameters.map(({ name, shape }) => {
      const values = model.values.subarray(start, start + valueCount(shape));
      start += values.length;
      return { name, shape, values };
    });
    const path = join(await temporaryFolder(t), 'model.safetensors');
    const { dataSha256 } = await writeSafetensors(path, tensors);
    t.is(paramsHashOf([model.values]), dataSha256);
    const [one, two] = [model.values.subarray(0, 100), model.values.subarray(100)];
    t.is(paramsHashOf([one, two]), dataSha256);
  });
}

/** A copy of a fixture, to be damaged. */
async function copyOf(t: ExecutionContext, name: string): Promise<string> {
  const folder = join(await temporaryFolder(t), 'model');
  await cp(fixtureFolder(name), folder, { recursive: true });
  return folder;
}

/** Writes the folder's tensors again, changed. */
async function changeTensors(
  folder: string,
  change: (tensors: Map<string, NamedTensor>) => void,
): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const file = await openSafetensors(path);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape } of file.tensors.values()) {
    tensors.set(name, { name, shape, values: await file.read(name) });
  }
  await file.close();
  change(tensors);
  await rm(path);
  await writeSafetensors(path, [...tensors.values()]);
}

const REMEDY = 'Fetch the folder again, or correct config.json.';

test('a missing tensor is named', async (t) => {
  const folder = await copyOf(t, 'tied');
  await changeTensors(folder, (tensors) => tensors.delete('model.norm.weight'));
  const error = await t.throwsAsync(loadModelFolder(folder), { name: 'ModelFileError' });
  t.is(
    error.message,
    `${folder}: tensor model.norm.weight: is missing, expected [16] by config.json. ${REMEDY}`,
  );
});

test('an extra tensor is named, and a head beside a tied embedding too', async (t) => {
  for (const [name, message] of [
    ['model.layers.0.self_attn.q_proj.bias', /the decoder has no such part/],
    ['model.layers.2.mlp.up_proj.weight', /the decoder has no such part/],
    ['lm_head.weight', /tie_word_embeddings is true/],
  ] as const) {
    const folder = await copyOf(t, 'tied');
    await changeTensors(folder, (tensors) => {
      tensors.set(name, { name, shape: [2], values: new Float32Array(2) });
    });
    const error = await t.throwsAsync(loadModelFolder(folder), { name: 'ModelFileError', message });
    t.true(error.message.includes(`tensor ${name}: is one too many`), error.message);
  }
});

test('tables of rotations that old files keep are passed over', async (t) => {
  const folder = await copyOf(t, 'tied');
  const name = 'model.layers.0.self_attn.rotary_emb.inv_freq';
  await changeTensors(folder, (tensors) => {
    tensors.set(name, { name, shape: [2], values: new Float32Array(2) });
  });
  await t.notThrowsAsync(loadModelFolder(folder));
});

test('a wrong shape is told with both shapes', async (t) => {
  const folder = await copyOf(t, 'tied');
  const name = 'model.layers.1.self_attn.k_proj.weight';
  await changeTensors(folder, (tensors) => {
    tensors.set(name, { name, shape: [16, 8], values: tensors.get(name)!.values });
  });
  const error = await t.throwsAsync(loadModelFolder(folder), { name: 'ModelFileError' });
  const path = join(folder, 'model.safetensors');
  const expected = `tensor ${name}: has shape [16, 8], expected [8, 16] by config.json. ${REMEDY}`;
  t.is(error.message, `${path}: ${expected}`);
});

test('a type that is not read is named', async (t) => {
  const folder = await copyOf(t, 'tied');
  await changeTensors(folder, (tensors) => {
    const name = 'model.norm.weight';
    tensors.set(name, { name, shape: [16], values: new Float64Array(16) });
  });
  const message = /tensor model.norm.weight: is F64, which is not read/;
  await t.throwsAsync(loadModelFolder(folder), { name: 'ModelFileError', message });
});

test('a truncated file is told', async (t) => {
  const folder = await copyOf(t, 'untied-bf16');
  await truncate(join(folder, 'model.safetensors'), 20_000);
  await t.throwsAsync(loadModelFolder(folder), { name: 'SafetensorsError', message: /truncated/ });
});

test('a missing folder, config, shard and tokenizer are told', async (t) => {
  const missing = join(await temporaryFolder(t), 'nowhere');
  await t.throwsAsync(loadModelFolder(missing), {
    name: 'ModelConfigError',
    message: `${missing}: no such folder. Correct model.path.`,
  });
  for (const [file, name, message] of [
    ['config.json', 'ModelConfigError', /config.json: is missing/],
    ['model-00002-of-00004.safetensors', 'SafetensorsError', /model-00002.*cannot be read/],
    ['tokenizer.json', 'ModelFileError', /tokenizer.json: is missing/],
  ] as const) {
    const folder = await copyOf(t, 'sharded');
    await rm(join(folder, file));
    await t.throwsAsync(loadModelFolder(folder), { name, message });
  }
});

test('a config or tokenizer that is damaged is told', async (t) => {
  for (const [file, content, message] of [
    ['config.json', '{"model_type": "ll', /config.json: is not JSON/],
    ['tokenizer.json', '{', /tokenizer.json: is not JSON/],
    ['tokenizer.json', '{}', /tokenizer.json: is not a tokenizer/],
  ] as const) {
    const folder = await copyOf(t, 'tied');
    await writeFile(join(folder, file), content);
    await t.throwsAsync(loadModelFolder(folder), { name: 'ModelFileError', message });
  }
});

test('a tokenizer with more tokens than the model is refused', async (t) => {
  const folder = await copyOf(t, 'tied');
  const tokenizer = (await import(join(folder, 'tokenizer.json'), { with: { type: 'json' } }))
    .default;
  tokenizer.added_tokens[3].id = 260;
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  const message = /makes ids up to 260; the model knows those below 260/;
  await t.throwsAsync(loadModelFolder(folder), { name: 'ModelFileError', message });
});

test('what is saved is loaded as the same model', async (t) => {
  const { config, configJson, tokenizer, tokenizerFiles, values, parameters, hashes } =
    await loadModelFolder(fixtureFolder('sharded'));
  const { bosId, eosId } = tokenizer;
  const folder = await temporaryFolder(t);
  const files = modelFolderFiles({ config, configJson, bosId, eosId, tokenizerFiles });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  let start = 0;
  const tensors = parameters.map(({ name, shape }) => {
    start += valueCount(shape);
    return { name, shape, values: values.subarray(start - valueCount(shape), start) };
  });
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  const again = await loadModelFolder(folder);
  t.deepEqual(again.config, config);
  t.deepEqual(again.hashes, hashes);
  t.deepEqual(again.values, values);
  t.is(again.configJson['torch_dtype'], 'float32');
  t.is(again.configJson['dtype'], 'float32');
});

test('initial values depend on seed and name alone, and are normal enough', async (t) => {
  const { parameters } = await loadModelFolder(fixtureFolder('sharded'));
  const values = initialValues(parameters, 1);
  t.deepEqual(initialValues(parameters, 1), values);
  t.notDeepEqual(initialValues(parameters, 2), values);
  const [embedding] = parameters.filter(({ name }) => name === 'model.embed_tokens.weight');
  const alone = initialValues([embedding!], 1);
  const mean = alone.reduce((sum, value) => sum + value, 0) / alone.length;
  const variance = alone.reduce((sum, value) => sum + (value - mean) ** 2, 0) / alone.length;
  t.true(Math.abs(mean) < 0.001, `mean ${mean}`);
  t.true(Math.abs(Math.sqrt(variance) - 0.02) < 0.001, `deviation ${Math.sqrt(variance)}`);
  const last = parameters.at(-1)!;
  t.is(last.name, 'model.norm.weight');
  t.deepEqual(values.subarray(-16), new Float32Array(16).fill(1));
  t.deepEqual(values.subarray(alone.length, 2 * alone.length), alone);
});
