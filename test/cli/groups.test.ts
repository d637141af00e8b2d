/** The groups that a config names, as the run has them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { groupsOf } from '../../node/cli/job/groups.ts';
import type { Corpus } from '../../node/data/index.ts';
import { decoderParameters, type LoadedModel } from '../../node/model/index.ts';
import { layoutBuckets } from '../../protocol/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { TINY_MODEL } from '../helpers/tiny-run.ts';

const UNTIED = { ...TINY_MODEL, tieWordEmbeddings: false };

async function loaded(t: ExecutionContext, groups: string) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'base'));
  const text = `steps: 1
model: {path: base, sequenceLength: 8}
languages: [{id: swh_Latn, role: seen, train: a.txt, eval: a.txt}]
optimizer: {name: sgd, learningRate: 0.1}
groups: ${groups}
`;
  await writeFile(join(folder, 'my.yaml'), text);
  return loadConfig(join(folder, 'my.yaml'));
}

/** The parts of a model and of texts that groups depend on. */
function known(config: typeof TINY_MODEL, bucketBytesMax: number, vocabularies: number[][]) {
  const layout = layoutBuckets(decoderParameters(config), bucketBytesMax);
  const model = { config } as Partial<LoadedModel> as LoadedModel;
  const corpora = vocabularies.map((tokens) => {
    return { vocabulary: Int32Array.from(tokens) } as Partial<Corpus> as Corpus;
  });
  return { model, layout, corpora };
}

test('kinds stay kinds', async (t) => {
  for (const kind of ['bucket', 'layer', 'model']) {
    t.is(groupsOf(await loaded(t, kind), known(UNTIED, 4096, [[1]])), kind as 'bucket');
  }
});

test('lists take layers and buckets, and buckets that nobody names stay alone', async (t) => {
  const all = known(UNTIED, 4096, [[1]]);
  const { buckets } = all.layout;
  const groups = groupsOf(await loaded(t, '[[model.layers.0, lm_head]]'), all) as number[][];
  const of = (layer: string) => buckets.flatMap((b) => (b.layer === layer ? [b.index] : []));
  t.deepEqual(
    groups.flat().toSorted((a, b) => a - b),
    [...buckets.keys()],
  );
  t.deepEqual(
    groups.find((group) => group.includes(of('lm_head')[0]!))!.toSorted((a, b) => a - b),
    [...of('model.layers.0'), ...of('lm_head')].toSorted((a, b) => a - b),
  );
  t.true(groups.every((group) => group.length === 1 || group.includes(of('lm_head')[0]!)));
});

test('what there is not, and what is named twice, is told with its place', async (t) => {
  const all = known(UNTIED, 4096, [[1]]);
  const missing = await loaded(t, '[[model.layers.9]]');
  t.throws(() => groupsOf(missing, all), {
    name: 'ConfigValueError',
    message:
      /my\.yaml:5:11: groups\[0\]\[0\]: there is no model\.layers\.9\. Layers: .*; buckets: 0 to/,
  });
  const twice = await loaded(t, '[[0, 1], [1]]');
  t.throws(() => groupsOf(twice, all), {
    name: 'ConfigValueError',
    message: /groups\[1\]\[0\]: bucket 1 is in groups\[0\] already/,
  });
});

test('refined: shared buckets are one group, rows that one language reads are apart', async (t) => {
  const refined = await loaded(t, 'refined');
  const all = known(UNTIED, 4096, [
    [0, 1, 2],
    [1, 2, 3, UNTIED.vocabularySize - 1],
  ]);
  const groups = groupsOf(refined, all) as number[][];
  const { buckets } = all.layout;
  const embedding = buckets.filter(({ layer }) => layer === 'model.embed_tokens');
  t.true(embedding.length > 2, 'the embedding is cut into several buckets');
  const largest = groups.toSorted((a, b) => b.length - a.length)[0]!;
  t.is(largest.length, buckets.length - embedding.length + 1, 'and the rows of common tokens');
  t.true(largest.includes(embedding[0]!.index));
  t.false(largest.includes(embedding.at(-1)!.index), 'those of one language are not');
  const tied = known({ ...UNTIED, tieWordEmbeddings: true }, 4096, [[0], [1]]);
  t.is((groupsOf(refined, tied) as number[][]).length, 1, 'a tied embedding is read by all');
  const alone = known(UNTIED, 4096, [[0]]);
  t.is((groupsOf(refined, alone) as number[][]).length, alone.layout.buckets.length);
});
