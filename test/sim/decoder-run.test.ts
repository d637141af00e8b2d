/** The oracle on the real decoder, the native engine and real text: all floors below the actor. */
import test from 'ava';
import { evaluate, readText } from '../../node/data/index.ts';
import { runOracle } from '../../sim/index.ts';
import { decoderRun, load, openDecoder, SHAPE, TOKENIZER } from '../helpers/decoder-run.ts';

async function train(threads: number) {
  const compute = await openDecoder(threads);
  const run = await decoderRun(compute, 12, [1, 1]);
  const { steps, parameters } = await runOracle(run);
  const held = await readText('examples/udhr/swh_Latn.dev.txt');
  const score = async (values: Float32Array) => {
    load(compute, values);
    const shape = { sequences: SHAPE.unitSequences, sequenceLength: SHAPE.sequenceLength };
    const result = await evaluate((unit) => compute.score(unit), held.documents, TOKENIZER, shape);
    return result.bitsPerByte;
  };
  const before = await score(run.base);
  const after = await score(parameters);
  await compute.close();
  return { roots: steps.map(({ root }) => root), before, after };
}

test('a decoder learns real text, and its roots are the same for one thread and two', async (t) => {
  const one = await train(1);
  const two = await train(2);
  t.deepEqual(one, two);
  t.true(Math.abs(one.before - 8) < 0.3, `an untrained model needs ${one.before} bits per byte`);
  t.true(one.after < one.before - 2, `${one.before} bits per byte became ${one.after}`);
  t.log(`bits per byte ${one.before.toFixed(3)} → ${one.after.toFixed(3)} in 12 steps`);
});
