/** Scores of all languages of a config, against the same windows scored one document at a time. */
import test from 'ava';
import { loadConfig } from '../../node/cli/config/index.ts';
import { evaluateLanguages, readEvaluations } from '../../node/cli/evaluation.ts';
import { openCompute } from '../../node/compute/index.ts';
import { loadModelFolder } from '../../node/model/index.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { allclose } from '../helpers/allclose.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';

test('a random model of bytes needs eight bits a byte in every language', async (t) => {
  const { configPath, modelFolder } = await writeTinyRun(await temporaryFolder(t));
  const loaded = await loadConfig(configPath);
  const languages = await readEvaluations(loaded);
  const { config, parameters, values, tokenizer } = await loadModelFolder(modelFolder);
  const layout = layoutBuckets(parameters, loaded.config.bucketBytesMax);
  const shape = { unitSequences: 2, sequenceLength: loaded.config.model.sequenceLength };
  const compute = await openCompute({ engine: 'onnx', threads: 1, config, layout, ...shape });
  t.teardown(() => compute.close());
  compute.setBuckets(
    layout.buckets.map(({ index, start, length }) => ({
      bucket: index,
      values: values.slice(start, start + length),
    })),
  );
  const scores = await evaluateLanguages({ compute, tokenizer, languages, ...shape });
  t.deepEqual(
    scores.map(({ language, role, tokens }) => [language, role, tokens]),
    [
      ['swh_Latn', 'seen', bytesOf(languages[0]!.documents)],
      ['rus_Cyrl', 'seen', bytesOf(languages[1]!.documents)],
      ['zul_Latn', 'unseen', bytesOf(languages[2]!.documents)],
    ],
  );
  for (const { language, loss, bitsPerByte } of scores) {
    // A token is a byte.
    allclose([bitsPerByte], [loss / Math.LN2], { rtol: 1e-12, atol: 0 });
    t.true(Math.abs(bitsPerByte - 8) < 0.1, `${language} needs ${bitsPerByte} bits a byte`);
  }
});

const bytesOf = (documents: readonly string[]) => Buffer.byteLength(documents.join(''));

test('the scores are those of the sums over documents, whatever stands before them', async (t) => {
  const tokenizer = { encode: (text: string) => [...Buffer.from(text)], bosId: 1, eosId: 2 };
  /** −ln p is the token's number, at every place of its own. */
  const score = async ({ targets }: { targets: Int32Array }) => Float32Array.from(targets);
  const one = { language: 'a', role: 'seen', documents: ['ab', 'abc'] } as const;
  const other = { language: 'b', role: 'unseen', documents: ['cccc'] } as const;
  const shape = { unitSequences: 3, sequenceLength: 2 };
  const options = { compute: { score }, tokenizer, ...shape };
  const both = await evaluateLanguages({ ...options, languages: [other, one] });
  t.deepEqual(both.slice(1), await evaluateLanguages({ ...options, languages: [one] }));
  t.deepEqual(both[1], {
    language: 'a',
    role: 'seen',
    loss: (97 + 98 + 97 + 98 + 99) / 5,
    bitsPerByte: (97 + 98 + 97 + 98 + 99) / 5 / Math.LN2,
    tokens: 5,
  });
});
