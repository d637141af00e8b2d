/** The two loops of AdamW: what runs is the one in WebAssembly, what is meant the plain one. */
import test from 'ava';
import { plainAdamw, stepAdamw } from '../../node/optim/adamw.ts';
import { createAdamwSimd } from '../../node/optim/adamw-simd.ts';
import { optimizerSchema } from '../../node/optim/index.ts';
import { createStream } from '../../protocol/random.ts';

const config = optimizerSchema.parse({ name: 'adamw', learningRate: 0.01, weightDecay: 0.1 });

function inputOf(length: number, seed: number) {
  const random = createStream('adamw-test', length, seed);
  const draw = (lowest: number) =>
    Float32Array.from({ length }, () => {
      const size = 10 ** (random.nextBelow(30) - 20);
      return Math.max(lowest, (random.nextFloat() - 0.5) * size);
    });
  const any = Number.NEGATIVE_INFINITY;
  const state = {
    arrays: { mu: draw(any), nu: draw(0) },
    scalars: Float64Array.of(0.9 ** seed, 0.999 ** seed),
  };
  const scale = seed % 2 === 0 ? 1 : 0.37;
  return { master: draw(any), state, direction: draw(any), learningRate: 0.003, scale };
}

test('both loops give the same bits, whatever the length', (t) => {
  const simd = createAdamwSimd()!;
  for (const [seed, length] of [0, 1, 2, 3, 1023, 1024, 1025, 5001].entries()) {
    const input = inputOf(length, seed + 1);
    if (config.name !== 'adamw') return t.fail();
    const plain = stepAdamw(config, input, plainAdamw);
    t.deepEqual(stepAdamw(config, input, simd), plain, `${length} elements`);
    t.true(plain.finite);
  }
  t.pass();
});

test('both see a number that is not finite, wherever it is', (t) => {
  const simd = createAdamwSimd()!;
  if (config.name !== 'adamw') return t.fail();
  for (const at of [0, 1, 1023, 1024, 2048]) {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 3e38]) {
      const input = inputOf(2049, 1);
      input.direction[at] = wrong;
      t.is(stepAdamw(config, input, plainAdamw).finite, false);
      t.is(stepAdamw(config, input, simd).finite, false, `${wrong} at ${at}`);
    }
  }
  // What the loop has seen it forgets.
  t.true(stepAdamw(config, inputOf(2049, 1), simd).finite);
});
