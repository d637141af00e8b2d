/**
 * What a user may get wrong in files, from the outside: one line that says what, where and what to
 * do, exit code 2, and nothing written.
 */
import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type NamedTensor, openSafetensors, writeSafetensors } from '../../node/files/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand, toldIn } from './command.ts';

interface Case {
  readonly what: string;
  /** Makes it wrong in a folder in which all was right. */
  readonly damage: (folder: string) => Promise<void>;
  /** All of standard error, the line end apart; paths as seen from the run's folder. */
  readonly says: string;
}

const CASES: readonly Case[] = [
  {
    what: 'a misspelt key of the config',
    damage: (folder) =>
      edit(join(folder, 'my.yaml'), (text) => text.replace('learningRate', 'learningrate')),
    says:
      'ConfigKeyError my.yaml:25:3: unknown key "learningrate" in optimizer. ' +
      'Did you mean "learningRate"?',
  },
  {
    what: 'a missing language file',
    damage: (folder) => rm(join(folder, 'rus.dev.txt')),
    says: 'DataFileError rus.dev.txt: no such file or folder in .. Correct the path.',
  },
  {
    what: 'an empty language file',
    damage: (folder) => writeFile(join(folder, 'zul.dev.txt'), ''),
    says: 'DataFileError zul.dev.txt: empty: not one document. Fill the file, or name another one.',
  },
  {
    what: 'a language file that is not UTF-8',
    damage: (folder) =>
      appendFile(join(folder, 'swh.dev.txt'), Buffer.from('m\xfcnchen\n', 'latin1')),
    says:
      'DataRecordError swh.dev.txt:3: not valid UTF-8. ' +
      'Convert the file to UTF-8, for example with iconv.',
  },
  {
    what: 'a model folder with a missing tensor',
    damage: (folder) => editTensors(folder, (tensors) => tensors.slice(0, -1)),
    says:
      'ModelFileError base: tensor model.norm.weight: is missing, expected [16] by config.json. ' +
      'Fetch the folder again, or correct config.json.',
  },
  {
    what: 'a model folder with a tensor of the wrong shape',
    damage: (folder) =>
      editTensors(folder, (tensors) =>
        tensors.map((one) => (one.name === 'lm_head.weight' ? { ...one, shape: [16, 260] } : one)),
      ),
    says:
      'ModelFileError base/model.safetensors: tensor lm_head.weight: has shape [16, 260], ' +
      'expected [260, 16] by config.json. Fetch the folder again, or correct config.json.',
  },
  {
    what: 'a truncated safetensors file',
    damage: (folder) => truncate(join(folder, 'base', 'model.safetensors'), 20_000),
    says:
      'SafetensorsError base/model.safetensors: tensor model.embed_tokens.weight: ' +
      'its data ends at byte 33280, but the file holds only 18808 of data. ' +
      'It is truncated: fetch it again.',
  },
  {
    what: 'an unknown architecture',
    damage: (folder) =>
      edit(join(folder, 'base', 'config.json'), (text) =>
        text.replace('LlamaForCausalLM', 'MambaForCausalLM'),
      ),
    says:
      'ModelConfigError base/config.json: architectures is ["MambaForCausalLM"], ' +
      'expected ["LlamaForCausalLM"]. Use another model.',
  },
];

for (const { what, damage, says } of CASES) {
  test(`${what} is named by local and by eval, and nothing is written`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeTinyRun(folder);
    await damage(folder);
    const before = await readdir(folder);
    const local = await runCommand(t, folder, 'local', 'my.yaml', '--nodes', '2');
    const expected = { exitCode: 2, stdout: '', stderr: `${says}\n` };
    t.deepEqual({ ...local, stderr: toldIn(folder, local.stderr) }, expected);
    const scored = await callCommand(folder, 'eval', './base', '--config', './my.yaml');
    t.deepEqual(scored, expected);
    t.deepEqual(await readdir(folder), before);
  });
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

/** Writes the model's tensors anew, changed. */
async function editTensors(
  folder: string,
  change: (tensors: NamedTensor[]) => NamedTensor[],
): Promise<void> {
  const path = join(folder, 'base', 'model.safetensors');
  const file = await openSafetensors(path);
  const tensors: NamedTensor[] = [];
  for (const { name, shape } of file.tensors.values()) {
    tensors.push({ name, shape, values: await file.read(name) });
  }
  await file.close();
  await rm(path);
  await writeSafetensors(path, change(tensors));
}
