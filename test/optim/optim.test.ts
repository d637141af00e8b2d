/** Schedules, clipping, states and the steps of a bucket, by closed forms and by bits. */
import test from 'ava';
import { cosine } from '../../node/optim/fixed-functions.ts';
import {
  assertState,
  clipScale,
  createState,
  learningRateAt,
  optimizerSchema,
  type StepInput,
  squaredNorm,
  stateBytes,
  step,
} from '../../node/optim/index.ts';
import { createStream } from '../../protocol/random.ts';

const adamw = optimizerSchema.parse({ name: 'adamw', learningRate: 0.01 });
const plain = optimizerSchema.parse({ name: 'sgd', learningRate: 0.5 });

test('the cosine agrees with the platform to 2 units in the last place of 1', (t) => {
  let worst = 0;
  for (let i = 0; i <= 20_000; i++) {
    const x = (Math.PI * i) / 20_000;
    worst = Math.max(worst, Math.abs(cosine(x) - Math.cos(x)));
  }
  t.true(worst <= 2 ** -52, `${worst}`);
  t.is(cosine(0), 1);
  t.is(cosine(Math.PI), -1);
});

test('the cosine schedule follows the closed form', (t) => {
  const config = { learningRate: 1, schedule: 'cosine', warmupSteps: 10 } as const;
  for (let s = 10; s < 500; s++) {
    const expected = 0.5 * (1 + Math.cos((Math.PI * (s - 10)) / 490));
    t.true(Math.abs(learningRateAt(config, s, 500) - expected) <= 1e-15);
  }
});

test('the warm-up rises in equal parts to the full rate, which follows it', (t) => {
  const config = { learningRate: 2, schedule: 'constant', warmupSteps: 4 } as const;
  const rates = [0, 1, 2, 3, 4, 5].map((s) => learningRateAt(config, s, 6));
  t.deepEqual(rates, [0.5, 1, 1.5, 2, 2, 2]);
  t.is(learningRateAt({ ...config, schedule: 'cosine' }, 4, 6), 2);
  t.is(learningRateAt({ ...config, warmupSteps: 8 }, 5, 6), 1.5);
  t.throws(() => learningRateAt(config, 6, 6), { message: /step 6 of 6/ });
});

test('a step changes nothing that it was given', (t) => {
  const master = Float32Array.of(1, 2, 3);
  const direction = Float32Array.of(1, -1, 0.5);
  const state = createState(adamw, 3);
  const before = structuredClone({ master, direction, state });
  const input: StepInput = { master, state, direction, learningRate: 0.1, scale: 1 };
  const first = step(adamw, input);
  const second = step(adamw, input);
  t.deepEqual({ master, direction, state }, before);
  t.deepEqual(first, second);
  t.notDeepEqual(first.master, master);
});

test('a zero direction moves nothing but by weight decay', (t) => {
  const master = Float32Array.of(1, -2);
  const still = optimizerSchema.parse({ name: 'adamw', learningRate: 0.1, weightDecay: 0 });
  const direction = new Float32Array(2);
  const state = createState(still, 2);
  const next = step(still, { master, state, direction, learningRate: 0.1, scale: 1 });
  t.deepEqual(next.master, master);
  const decayed = step(adamw, { master, state, direction, learningRate: 0.5, scale: 1 });
  t.deepEqual(decayed.master, Float32Array.of(0.995, -1.99));
});

test('the powers of beta are products kept in the state', (t) => {
  let state = createState(adamw, 1);
  let power = 1;
  for (let i = 0; i < 50; i++) {
    const master = Float32Array.of(1);
    const direction = Float32Array.of(1);
    ({ state } = step(adamw, { master, state, direction, learningRate: 0.1, scale: 1 }));
    power *= 0.9;
    t.is(state.scalars[0], power);
  }
});

test('a bucket cut in two steps to the same bits as one', (t) => {
  const random = createStream('optim', 'cut');
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.nextFloat() - 0.5);
  for (const config of [
    adamw,
    plain,
    optimizerSchema.parse({ name: 'sgd', learningRate: 1, momentum: 0.9 }),
  ]) {
    const [master, direction] = [draw(20), draw(20)];
    const go = (from: number, to: number) => {
      const state = createState(config, to - from);
      const part = { master: master.slice(from, to), direction: direction.slice(from, to) };
      const once = step(config, { ...part, state, learningRate: 0.1, scale: 0.3 });
      return step(config, { ...part, ...once, learningRate: 0.1, scale: 0.3 }).master;
    };
    t.deepEqual(Float32Array.of(...go(0, 7), ...go(7, 20)), go(0, 20));
  }
});

test('a direction that is not finite, or an overflow, is told and not thrown', (t) => {
  const at = (value: number, scale = 1) => {
    const master = Float32Array.of(1, 1);
    const direction = Float32Array.of(0, value);
    const input = { master, direction, learningRate: 0.1, scale };
    return [adamw, plain].map(
      (config) => step(config, { ...input, state: createState(config, 2) }).finite,
    );
  };
  t.deepEqual(at(1), [true, true]);
  t.deepEqual(at(Number.NaN), [false, false]);
  t.deepEqual(at(Number.POSITIVE_INFINITY), [false, false]);
  t.deepEqual(at(1, Number.NaN), [false, false]);
  t.deepEqual(at(3e38), [false, true], 'd² is more than an f32 holds');
});

test('clipping shortens what is too long, and leaves the rest to the bit', (t) => {
  t.is(clipScale(25, 1), 0.2);
  t.is(clipScale(1, 1), 1);
  t.is(clipScale(0, 1), 1);
  t.is(clipScale(25, null), 1);
  t.is(clipScale(Number.NaN, null), 1);
  t.is(clipScale(Number.NaN, 1), Number.NaN);
  t.is(clipScale(Number.POSITIVE_INFINITY, 1), Number.NaN);
  t.is(squaredNorm(Float32Array.of(3, 4)), 25);
  t.is(squaredNorm(Float32Array.of(2 ** 80, 1)), 2 ** 160);
});

test('a state has one order of bytes, and the wrong state is refused', (t) => {
  const state = createState(adamw, 2);
  t.deepEqual(
    stateBytes(state).map((part) => part.length),
    [8, 8, 16],
  );
  const turned = {
    arrays: { nu: state.arrays['nu']!, mu: Float32Array.of(1, 0) },
    scalars: state.scalars,
  };
  t.is(stateBytes(turned)[0]![3], 0x3f, 'mu comes first');
  assertState(adamw, 2, turned);
  t.throws(() => assertState(adamw, 3, state), { message: /mu has 2 values, expected 3/ });
  t.throws(() => assertState(plain, 2, state), { message: /sgd keeps/ });
});

test('the configuration is strict and has its defaults', (t) => {
  t.deepEqual(adamw, {
    name: 'adamw',
    learningRate: 0.01,
    schedule: 'constant',
    warmupSteps: 0,
    clipNorm: null,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    weightDecay: 0.01,
  });
  const refuses = (value: object) => t.false(optimizerSchema.safeParse(value).success);
  refuses({ name: 'adamw' });
  refuses({ name: 'lion', learningRate: 1 });
  refuses({ name: 'sgd', learningRate: 1, beta1: 0.5 });
  refuses({ name: 'adamw', learningRate: 1, beta1: 1 });
  refuses({ name: 'adamw', learningRate: 1, eps: 0 });
  refuses({ name: 'sgd', learningRate: 0 });
  refuses({ name: 'sgd', learningRate: 1, clipNorm: 0 });
});
