/**
 * A program of somebody who has installed the package: type-checked and run in an empty project by
 * check-package.ts. It takes something of use from each entry and says what came of it.
 */
import { ok, strictEqual } from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import {
  BYTE_BOS_ID,
  BYTE_EOS_ID,
  BYTE_VOCABULARY_SIZE,
  byteTokenizerFiles,
  decoderParameters,
  evaluate,
  IsoglossError,
  initialValues,
  type LlamaConfig,
  layoutBuckets,
  loadModelFolder,
  modelFolderFiles,
  openCompute,
  readText,
  writeModelFolder,
} from 'isogloss';
import manifest from 'isogloss/package.json' with { type: 'json' };
import { encode } from 'isogloss/protocol';
import { type Aggregator, combine, gramOfRows, resolve } from 'isogloss/resolve';
import { TINY_PARAMETERS, tinyValues } from 'isogloss/sim';

strictEqual(manifest.name, 'isogloss');
strictEqual(encode('f32', Float32Array.of(1, 2)).length, 8);
const tinySizes = TINY_PARAMETERS.map(({ shape }) => shape.reduce((a, b) => a * b));
strictEqual(
  tinyValues(1).length,
  tinySizes.reduce((a, b) => a + b),
);

// The example of isogloss/resolve.
const rows = [Float32Array.of(-4, 1, 1), Float32Array.of(6, 1, 1)];
const aggregator: Aggregator['name'] = 'mgda';
const { weights } = resolve(gramOfRows(rows), { aggregator, normalize: 'none' });
const direction = new Float32Array(3);
combine(rows, weights, direction);
[0, 1, 1].forEach((expected, i) => {
  ok(Math.abs(direction[i]! - expected) < 1e-12);
});

// A model that knows nothing yet: written, opened again, and scored on text that is shipped.
const config: LlamaConfig = {
  vocabularySize: BYTE_VOCABULARY_SIZE,
  hiddenSize: 8,
  intermediateSize: 16,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headDim: 4,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: true,
};
const parameters = decoderParameters(config);
const special = { bosId: BYTE_BOS_ID, eosId: BYTE_EOS_ID };
const files = modelFolderFiles({ config, ...special, tokenizerFiles: byteTokenizerFiles() });
await writeModelFolder('model', { files, parameters, values: initialValues(parameters, 1) });
const { tokenizer, values } = await loadModelFolder('model');
const layout = layoutBuckets(parameters, 4096);
const [sequences, sequenceLength] = [4, 32];
const shape = { unitSequences: sequences, sequenceLength };
const compute = await openCompute({ threads: 1, config, layout, ...shape });
compute.setBuckets(
  layout.buckets.map(({ index, start, length }) => ({
    bucket: index,
    values: values.slice(start, start + length),
  })),
);
const examples = new URL('examples/udhr/', import.meta.resolve('isogloss/package.json'));
const { documents } = await readText('swh_Latn.dev.txt', fileURLToPath(examples));
const score = compute.score.bind(compute);
const { bitsPerByte } = await evaluate(score, documents, tokenizer, { sequences, sequenceLength });
await compute.close();
ok(bitsPerByte > 7.9 && bitsPerByte < 8.2, `${bitsPerByte} bits per byte without knowing anything`);

// Errors are of one family, with a stable name.
const gone = await readText('nowhere.txt', '.').catch((error: unknown) => error);
ok(gone instanceof IsoglossError);
strictEqual(gone.name, 'DataFileError');

console.log(`${bitsPerByte.toFixed(3)} bits per byte on ${compute.engine}`);
