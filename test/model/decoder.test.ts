/**
 * The decoder by itself, on tfjs's cpu backend: its table of parameters, its functions, its
 * gradients.
 */
import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { createDecoder, type LlamaConfig } from '../../node/model/decoder/index.ts';
import { rotationTable } from '../../node/model/decoder/rotation.ts';
import { decoderLayers, decoderParameters } from '../../node/model/parameters.ts';
import { createStream } from '../../protocol/random.ts';
import { allclose } from '../helpers/allclose.ts';

// Else tfjs greets us on stderr.
tf.env().set('PROD', true);
await tf.setBackend('cpu');

const config: LlamaConfig = {
  vocabularySize: 11,
  hiddenSize: 8,
  intermediateSize: 12,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 4,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: false,
};

function randomTensors({ tieWordEmbeddings }: { tieWordEmbeddings: boolean }): tf.Tensor[] {
  const next = createStream('test/model', 1).nextFloat;
  return decoderParameters({ ...config, tieWordEmbeddings }).map(({ shape }) => {
    const middle = shape.length === 1 ? 1 : 0;
    const length = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length }, () => middle + next() - 0.5);
    return tf.tensor(values, [...shape]);
  });
}

const tokens = tf.tensor2d([1, 4, 2, 2, 9, 0, 10, 3, 3, 5], [2, 5], 'int32');
const targets = tf.tensor2d([4, 2, -1, 9, 7, 10, 3, -1, 5, 6], [2, 5], 'int32');

test('parameters have Hugging Face names, sorted by code unit, a tied head only once', (t) => {
  const names = decoderParameters({ ...config, layers: 11 }).map(({ name }) => name);
  t.deepEqual(names, [...names].sort());
  t.is(names[0], 'lm_head.weight');
  t.true(
    names.indexOf('model.layers.10.mlp.up_proj.weight') <
      names.indexOf('model.layers.2.mlp.up_proj.weight'),
  );
  const tied = decoderParameters({ ...config, tieWordEmbeddings: true });
  t.is(tied.length, decoderParameters(config).length - 1);
  t.false(tied.some(({ name }) => name === 'lm_head.weight'));
});

test('every parameter lies in a layer that the model goes through', (t) => {
  for (const tieWordEmbeddings of [true, false]) {
    const own = { ...config, tieWordEmbeddings };
    const layers = new Set(decoderParameters(own).map(({ layer }) => layer));
    t.deepEqual([...layers].sort(), [...decoderLayers(own)].sort());
  }
});

test('rotation tables agree with the library functions to f32', (t) => {
  const { cosine, sine } = rotationTable(300, 6, 10_000);
  for (const position of [0, 1, 17, 299]) {
    for (let j = 0; j < 3; j++) {
      const angle = position * 10_000 ** (-j / 3);
      const at = position * 3 + j;
      allclose([cosine[at]!, sine[at]!], [Math.cos(angle), Math.sin(angle)], {
        rtol: 0,
        atol: 1e-7,
      });
    }
  }
  t.pass();
});

test('a token changes no prediction before it', (t) => {
  const decoder = createDecoder(config);
  const values = randomTensors(config);
  const changed = tf.tensor2d([1, 4, 2, 8, 9, 0, 10, 3, 3, 5], [2, 5], 'int32');
  const [before, after] = [tokens, changed].map((ids) => decoder.logits(values, ids).dataSync());
  const until = 3 * config.vocabularySize;
  t.deepEqual(before!.slice(0, until), after!.slice(0, until));
  t.notDeepEqual(before!.slice(until, 2 * until), after!.slice(until, 2 * until));
});

test('token losses are −ln of the softmax of the logits, and 0 where nothing is scored', (t) => {
  const decoder = createDecoder(config);
  const values = randomTensors(config);
  const logits = decoder.logits(values, tokens).arraySync() as number[][];
  const expected = logits.map((row, i) => {
    const target = targets.dataSync()[i]!;
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    return target < 0 ? 0 : Math.log(sum) - row[target]!;
  });
  const losses = decoder.tokenLosses(values, tokens, targets);
  t.deepEqual(losses.shape, [10]);
  allclose(losses.dataSync(), expected, { rtol: 1e-5, atol: 1e-6 });
});

for (const tieWordEmbeddings of [false, true]) {
  const head = tieWordEmbeddings ? 'tied' : 'untied';
  test(`gradients agree with finite differences, ${head} head`, (t) => {
    const decoder = createDecoder({ ...config, tieWordEmbeddings });
    const values = randomTensors({ tieWordEmbeddings });
    const losses = (...own: tf.Tensor[]) => decoder.tokenLosses(own, tokens, targets);
    const gradients = tf.grads(losses)(values);
    const next = createStream('test/model/directions', 2).nextFloat;
    const eps = 4e-3;
    decoder.parameters.forEach(({ name, shape }, place) => {
      const direction = tf.tensor(
        Float32Array.from({ length: values[place]!.size }, () => next() - 0.5),
        [...shape],
      );
      const [ahead, behind] = [eps, -eps].map((step) => {
        const moved = values.with(place, tf.add(values[place]!, tf.mul(direction, step)));
        const perToken = losses(...moved).dataSync() as Float32Array;
        return perToken.reduce((sum, loss) => sum + loss, 0);
      });
      const expected = (ahead! - behind!) / (2 * eps);
      const actual = tf.sum(tf.mul(gradients[place]!, direction)).dataSync()[0]!;
      t.notThrows(() => allclose([actual], [expected], { rtol: 2e-3, atol: 2e-3 }), name);
    });
  });
}
