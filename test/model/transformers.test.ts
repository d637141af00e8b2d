/** The decoder on tfjs's cpu backend against what Transformers and autograd compute. */
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { createDecoder } from '../../node/model/decoder/index.ts';
import type { LoadedModel } from '../../node/model/index.ts';
import { valueCount } from '../../protocol/buckets.ts';
import { allclose } from '../helpers/allclose.ts';
import { REFERENCE_MODELS, readReference } from '../helpers/reference-model.ts';

// Else tfjs greets us on stderr.
tf.env().set('PROD', true);
await tf.setBackend('cpu');

/** One tensor per parameter, in their order. */
function tensorsOf({ parameters, values }: LoadedModel): tf.Tensor[] {
  let start = 0;
  return parameters.map(({ shape }) => {
    const length = valueCount(shape);
    const tensor = tf.tensor(values.slice(start, start + length), [...shape]);
    start += length;
    return tensor;
  });
}

for (const name of REFERENCE_MODELS) {
  test(`${name}: logits and losses are Transformers'`, async (t) => {
    const { model, shape, tokens, targets, logits, losses } = await readReference(name);
    const decoder = createDecoder(model.config);
    const parameters = tensorsOf(model);
    const tokenTensor = tf.tensor2d(tokens, [...shape], 'int32');
    const actual = decoder.logits(parameters, tokenTensor);
    t.deepEqual(actual.shape, [tokens.length, model.config.vocabularySize]);
    t.notThrows(() => allclose(actual.dataSync(), logits, { rtol: 1e-5, atol: 1e-5 }));
    const targetTensor = tf.tensor2d(targets, [...shape], 'int32');
    const actualLosses = decoder.tokenLosses(parameters, tokenTensor, targetTensor);
    t.notThrows(() => allclose(actualLosses.dataSync(), losses, { rtol: 1e-5, atol: 1e-5 }));
  });
}

test("gradients of the summed loss are autograd's, the tied head included", async (t) => {
  const { model, shape, tokens, targets, gradients } = await readReference('tied');
  const decoder = createDecoder(model.config);
  const tokenTensor = tf.tensor2d(tokens, [...shape], 'int32');
  const targetTensor = tf.tensor2d(targets, [...shape], 'int32');
  const loss = (...parameters: tf.Tensor[]) =>
    tf.sum(decoder.tokenLosses(parameters, tokenTensor, targetTensor));
  const actual = tf.grads(loss)(tensorsOf(model));
  t.is(gradients.size, model.parameters.length);
  for (const [place, { name }] of model.parameters.entries()) {
    const expected = gradients.get(name)!;
    t.notThrows(
      () => allclose(actual[place]!.dataSync(), expected, { rtol: 1e-4, atol: 1e-4 }),
      name,
    );
  }
});
