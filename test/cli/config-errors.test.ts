/** Everything that can be wrong with a config, by the exact message that the user reads. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { complaint, GOOD } from './complaint.ts';

const HASH = '0'.repeat(64);

const cases: readonly (readonly [title: string, from: string, to: string, message: string])[] = [
  [
    'text can be kept of a seen language only',
    'steps: 10',
    `steps: 10\ndata: {at: {zul_Latn: {nodes: [merlin], sha256: '${HASH}'}}}`,
    'ConfigValueError my.yaml:3:13: data.at names "zul_Latn", which is no seen language. ' +
      'Seen: swh_Latn.',
  ],
  [
    'a node keeps a text once',
    'steps: 10',
    `steps: 10\ndata: {at: {swh_Latn: {nodes: [merlin, merlin], sha256: '${HASH}'}}}`,
    'ConfigValueError my.yaml:3:40: data.at.swh_Latn.nodes[1] is "merlin" once more. Name it once.',
  ],
  [
    'text that is elsewhere needs its hash',
    'steps: 10',
    'steps: 10\ndata: {at: {swh_Latn: {nodes: [merlin]}}}',
    'ConfigKeyError my.yaml:3:13: key "sha256" is missing in data.at.swh_Latn. Add it.',
  ],
  [
    'refined groups follow from all text',
    'steps: 10',
    `steps: 10\ngroups: refined\ndata: {at: {swh_Latn: {nodes: [merlin], sha256: '${HASH}'}}}`,
    'ConfigValueError my.yaml:3:9: groups is "refined", which needs the text of all languages on ' +
      'every node, and data.at keeps some of it elsewhere. Use bucket, layer or model.',
  ],
  [
    'a misspelt key is told with its line, column and likely meaning',
    'learningRate',
    'learningrate',
    'ConfigKeyError my.yaml:12:3: unknown key "learningrate" in optimizer. ' +
      'Did you mean "learningRate"?',
  ],
  [
    'a misspelt key at the top needs no container',
    'steps: 10',
    'stepps: 10',
    'ConfigKeyError my.yaml:2:1: unknown key "stepps". Did you mean "steps"?',
  ],
  [
    'a key like no other is answered with those that are known',
    'sequenceLength: 32',
    'sequenceLength: 32, zoom: 3',
    'ConfigKeyError my.yaml:3:41: unknown key "zoom" in model. Known: path, sequenceLength.',
  ],
  [
    'a missing key is named with the map that lacks it',
    '    eval: swh.dev.txt\n',
    '',
    'ConfigKeyError my.yaml:5:5: key "eval" is missing in languages[0]. Add it.',
  ],
  [
    'an unseen language has no training text',
    'role: unseen, ',
    'role: unseen, train: zul.txt, ',
    'ConfigKeyError my.yaml:9:34: key "train" is unused in languages[1], which is "unseen". ' +
      'Remove it.',
  ],
  [
    'a key of another optimizer is unused',
    'name: adamw',
    'name: adamw\n  momentum: 0.9',
    'ConfigKeyError my.yaml:12:3: key "momentum" is unused in optimizer, which is "adamw". ' +
      'Remove it.',
  ],
  [
    'a misspelt value is told with the choices and the likely one',
    'role: seen',
    'role: sen',
    'ConfigValueError my.yaml:6:11: languages[0].role is "sen", expected seen or unseen. ' +
      'Did you mean "seen"?',
  ],
  [
    'a number below its bound is told with the bound',
    'steps: 10',
    'steps: 0',
    'ConfigValueError my.yaml:2:8: steps is 0, expected more than 0.',
  ],
  [
    'of checkpoints two are kept at least',
    'steps: 10',
    'steps: 10\noutput: {checkpointsKept: 1}',
    'ConfigValueError my.yaml:3:27: output.checkpointsKept is 1, expected at least 2.',
  ],
  [
    'a fraction where a whole number belongs',
    'sequenceLength: 32',
    'sequenceLength: 1.5',
    'ConfigValueError my.yaml:3:37: model.sequenceLength is 1.5, expected a whole number.',
  ],
  [
    'a text where a number belongs',
    '1.0e-4',
    'fast',
    'ConfigValueError my.yaml:12:17: optimizer.learningRate is "fast", expected a number.',
  ],
  [
    'nothing where a map belongs',
    'seed: 1',
    'seed: 1\noutput:',
    'ConfigValueError my.yaml:2:8: output is null, expected a map.',
  ],
  [
    'an empty list of files',
    'train: swh.txt',
    'train: []',
    'ConfigValueError my.yaml:7:12: languages[0].train is an empty list, ' +
      'expected at least 1 entry.',
  ],
  [
    'a language id that is no tag',
    'swh_Latn',
    'swh latn',
    'ConfigValueError my.yaml:5:9: languages[0].id is "swh latn", ' +
      'expected a FLORES or BCP-47 tag such as swh_Latn or tr.',
  ],
  [
    'two languages of one id',
    'zul_Latn',
    'swh_Latn',
    'ConfigValueError my.yaml:9:10: languages[1].id is "swh_Latn", as languages[0].id is. ' +
      'Rename or join them.',
  ],
  [
    'a run that would train on nothing',
    '    role: seen\n    train: swh.txt\n',
    '    role: unseen\n',
    'ConfigValueError my.yaml:4:1: no language is seen, so there is nothing to train on. ' +
      'Give one role: seen and train: FILE.',
  ],
  [
    'a warm-up that outlasts the run',
    'name: adamw',
    'name: adamw\n  warmupSteps: 11',
    'ConfigValueError my.yaml:12:16: optimizer.warmupSteps is 11, more than all 10 steps. ' +
      'Lower it.',
  ],
  [
    'a model folder that is not there',
    'path: base',
    'path: bose',
    'ConfigValueError my.yaml:3:15: model.path is "bose": there is no such folder. ' +
      'Correct the path.',
  ],
  [
    'a file where the model folder belongs',
    'path: base',
    'path: base/config.json',
    'ConfigValueError my.yaml:3:15: model.path is "base/config.json": is a file, ' +
      'expected a folder. Correct the path.',
  ],
  [
    'a name of the Hub is for later',
    'path: base',
    'path: Qwen/Qwen3-0.6B',
    'NotYetError my.yaml:3:15: model.path: there is no folder Qwen/Qwen3-0.6B, ' +
      'and Hub ids are not yet fetched. Download it, and name the folder.',
  ],
  [
    'a GGUF file is for later',
    'path: base',
    'path: base.gguf',
    'NotYetError my.yaml:3:15: model.path is a GGUF file, which is not yet read. ' +
      'Name a Hugging Face folder.',
  ],
  [
    'LoRA is for later',
    'steps: 10',
    'steps: 10\nlora: {rank: 16}',
    'NotYetError my.yaml:3:1: lora is not yet built. Leave it out: all parameters are trained.',
  ],
  [
    'packing is for later',
    'steps: 10',
    'steps: 10\ndata: {unitSequences: 2, packing: true}',
    'NotYetError my.yaml:3:26: data.packing is not yet built. ' +
      'Leave it out: documents follow each other in one stream.',
  ],
  [
    'a kind of groups that there is not',
    'steps: 10',
    'steps: 10\ngroups: layers',
    'ConfigValueError my.yaml:3:9: groups is "layers", expected bucket or layer or model or ' +
      'refined. Did you mean "layer"?',
  ],
  [
    'a key written twice',
    'steps: 10',
    'steps: 10\nsteps: 11',
    'ConfigSyntaxError my.yaml:3:1: Map keys must be unique. Correct the YAML.',
  ],
];

for (const [title, from, to, message] of cases) {
  test(title, async (t) => {
    t.true(GOOD.includes(from));
    t.is(await complaint(t, GOOD.replace(from, to)), message);
  });
}

test('what a flag said wrong is told by the flag', async (t) => {
  t.is(
    await complaint(t, GOOD, ['optimizer.learningrate=3']),
    'ConfigKeyError --set optimizer.learningrate: unknown key "learningrate" in optimizer. ' +
      'Did you mean "learningRate"?',
  );
  t.is(
    await complaint(t, GOOD, ['languages.7.role=seen']),
    'ConfigValueError --set languages.7.role: languages has entries 0 to 1, and no 7.',
  );
  t.is(
    await complaint(t, GOOD, ['steps']),
    'ConfigValueError --set steps: expected KEY=VALUE such as optimizer.eps=1e-8.',
  );
});

test('a list in place of the config', async (t) => {
  t.is(
    await complaint(t, '- 1\n'),
    'ConfigValueError my.yaml:1:1: the config is a list, expected a map.',
  );
});

test('an empty config lacks its first required key', async (t) => {
  t.is(await complaint(t, ''), 'ConfigKeyError my.yaml:1:1: key "steps" is missing. Add it.');
});

test('a config that is not there, or not text', async (t) => {
  const folder = await temporaryFolder(t);
  const missing = await t.throwsAsync(loadConfig(join(folder, 'no.yaml')));
  t.is(missing.message, `${folder}/no.yaml: no such file. Name a YAML file.`);
  await writeFile(join(folder, 'bytes.yaml'), Uint8Array.of(0x73, 0xff, 0xfe));
  const bytes = await t.throwsAsync(loadConfig(join(folder, 'bytes.yaml')));
  t.is(bytes.message, `${folder}/bytes.yaml: not valid UTF-8. Save it as UTF-8.`);
  t.is(bytes.name, 'ConfigFileError');
});
