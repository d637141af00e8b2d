/** Whole programs of a small model, training step included: onnx and wasm against the reference. */
import test from 'ava';
import { allclose } from '../helpers/allclose.ts';
import {
  gradientOf,
  hashOf,
  openTiny,
  randomUnit,
  seededNumbers,
  setParameters,
  TINY,
  tinyOptions,
} from './helpers.ts';

const models = {
  'untied head, grouped queries': TINY,
  'tied head, one key head for all': { ...TINY, tieWordEmbeddings: true, keyValueHeads: 1 },
  'nothing grouped, heads wider than the model': { ...TINY, keyValueHeads: 4, headDim: 8 },
};

for (const [name, config] of Object.entries(models)) {
  test.serial(`losses, gradients and logits of a whole step agree: ${name}`, async (t) => {
    const of = async (engine: 'onnx' | 'wasm' | 'reference') => {
      const options = tinyOptions({ config, engine, inThread: true });
      const compute = await openTiny(t, options);
      const unit = randomUnit(options);
      const { values, result } = await gradientOf(compute, options, unit);
      const [scores, logits] = [await compute.score(unit), await compute.logits(unit)];
      return { values, result, scores, logits };
    };
    const expected = await of('reference');
    for (const engine of ['onnx', 'wasm'] as const) {
      const actual = await of(engine);
      allclose(actual.scores, expected.scores, { rtol: 1e-5, atol: 1e-5 });
      allclose(actual.logits, expected.logits, { rtol: 1e-4, atol: 1e-5 });
      allclose(actual.values, expected.values, { rtol: 1e-4, atol: 1e-4 });
      t.is(actual.result.tokens, expected.result.tokens);
      allclose([actual.result.lossSum], [expected.result.lossSum], { rtol: 1e-6, atol: 0 });
    }
  });
}

test('the loss sum is the float64 sum of the scores, and counts scored tokens only', async (t) => {
  const options = tinyOptions({ inThread: true });
  const compute = await openTiny(t, options);
  const unit = randomUnit(options);
  const { result } = await gradientOf(compute, options, unit);
  const scores = await compute.score(unit);
  t.is(
    result.lossSum,
    scores.reduce((sum, loss) => sum + loss, 0),
  );
  t.is(result.tokens, unit.targets.filter((target) => target >= 0).length);
  unit.targets.forEach((target, i) => {
    t.true(target < 0 ? scores[i] === 0 : scores[i]! > 0);
  });
});

test('a step down the gradient lowers the loss', async (t) => {
  const options = tinyOptions({ inThread: true });
  const compute = await openTiny(t, options);
  const unit = randomUnit(options);
  const next = seededNumbers(7);
  const start = Float32Array.from({ length: options.layout.totalLength }, () => next() - 0.5);
  setParameters(compute, options, start);
  const before = await gradientOf(compute, options, unit);
  setParameters(
    compute,
    options,
    start.map((value, i) => value - 1e-4 * before.values[i]!),
  );
  const after = await gradientOf(compute, options, unit);
  t.true(after.result.lossSum < before.result.lossSum);
  t.not(hashOf(after.values), hashOf(before.values));
});
