/** Methods that remember: what they keep, and what becomes of it when languages come and go. */
import test from 'ava';
import { gramOfRows, type ResolveOptions, resolve } from '../../node/resolve/index.ts';
import { allclose } from '../helpers/allclose.ts';
import { directionOf, drawRows } from './families.ts';

const tight = { rtol: 1e-13, atol: 1e-14 };

/** The answers of one method to Gram matrices in a row. */
function steps(options: ResolveOptions, grams: readonly ArrayLike<number>[], masks?: number[][]) {
  let state: Float64Array | undefined;
  return grams.map((gram, step) => {
    const mask = masks?.[step];
    const answer = resolve(gram, {
      ...options,
      seed: step,
      ...(state && { state }),
      ...(mask && { mask }),
    });
    state = answer.state;
    return answer;
  });
}

const grams = Array.from({ length: 6 }, (_, s) => drawRows('independent', 3, 4, s).gram);

test('cr-mogm mixes a share of what was', (t) => {
  const of = { name: 'mgda' };
  const options = { aggregator: 'cr-mogm', of, momentum: 0.75, normalize: 'none' } as const;
  const found = steps(options, grams);
  const own = grams.map((gram) => resolve(gram, { aggregator: 'mgda', normalize: 'none' }).weights);
  let expected = [...own[0]!];
  found.forEach(({ weights }, step) => {
    if (step > 0) expected = expected.map((w, i) => 0.75 * w + 0.25 * own[step]![i]!);
    allclose(weights, expected, tight);
  });
  t.is(found[0]!.certificate.problem, 'none', 'a mixture solves nothing');
});

test('cr-mogm keeps the weight of a language that is away, and takes a new one as it is', (t) => {
  const options = { aggregator: 'cr-mogm', of: 'mean', momentum: 0.5, normalize: 'none' } as const;
  const masks = [
    [1, 1, 0],
    [1, 0, 1],
    [1, 1, 1],
  ];
  const found = steps(options, grams.slice(0, 3), masks).map(({ weights }) => [...weights]);
  t.deepEqual(found[0], [0.5, 0.5, 0]);
  t.deepEqual(found[1], [0.5, 0, 0.5]);
  const third = 0.25 + 1 / 6;
  allclose(found[2]!, [third, third, third], tight);
});

test('psmgd keeps weights for so many steps, unless other languages are present', (t) => {
  const options = { aggregator: 'psmgd', of: { name: 'upgrad' }, every: 3 } as const;
  const found = steps(options, grams);
  const own = grams.map((gram) => resolve(gram, { aggregator: 'upgrad', normalize: 'l2' }));
  t.deepEqual(
    found.map(({ certificate }) => certificate.problem),
    ['dual-cone', 'none', 'none', 'dual-cone', 'none', 'none'],
  );
  t.deepEqual(found[3]!.weights, own[3]!.weights);
  const mixed = steps(options, grams, [
    [1, 1, 1],
    [1, 1, 0],
    [1, 1, 0],
    [1, 1, 0],
    [1, 1, 0],
    [1, 1, 1],
  ]);
  t.deepEqual(
    mixed.map(({ certificate }) => certificate.problem),
    ['dual-cone', 'dual-cone', 'none', 'none', 'dual-cone', 'dual-cone'],
  );
});

test('a wrapped method keeps its own memory', (t) => {
  const options = { order: 'index' } as const;
  const alone = steps({ aggregator: 'gradvac', ...options }, grams);
  const of = { name: 'gradvac', ...options };
  const wrapped = steps({ aggregator: 'psmgd', of, every: 1, normalize: 'none' }, grams);
  const smooth = steps({ aggregator: 'cr-mogm', of, momentum: 0, normalize: 'none' }, grams);
  alone.forEach(({ weights }, step) => {
    t.deepEqual(wrapped[step]!.weights, weights);
    t.deepEqual(smooth[step]!.weights, weights);
  });
  t.notDeepEqual(
    alone.at(-1)!.weights,
    resolve(grams.at(-1)!, { aggregator: 'gradvac', ...options }).weights,
  );
});

test('gradvac turns a gradient until its cosine is the target', (t) => {
  // One pair, β = 1: the target is the cosine of the step before, 3/5, and now it is 0.
  const before = [1, 0.6, 0.6, 1];
  const options = { aggregator: 'gradvac', beta: 1, order: 'index' } as const;
  const { state } = resolve(before, options);
  t.deepEqual([...state], [0, 0.6, 0.6, 0]);
  const rows = [Float32Array.of(2, 0), Float32Array.of(0, 3)];
  const { weights } = resolve(gramOfRows(rows), { ...options, state });
  // g₁ + x·g₂ has cosine 0.6 with g₂ for x‖g₂‖ = ¾‖g₁‖, and the other way round.
  allclose(weights, [1 + (0.75 * 3) / 2, 1 + (0.75 * 2) / 3], tight);
  t.is(directionOf(rows, weights).length, 2);
});

test('gradvac of equal rows stays finite, whatever the target', (t) => {
  const options = { aggregator: 'gradvac', beta: 1 } as const;
  const { state } = resolve([1, 1, 1, 1], options);
  const { weights } = resolve([1, -1, -1, 1], { ...options, state });
  t.true(weights.every(Number.isFinite));
});

test('a language that comes back finds its targets as they were', (t) => {
  const options = { aggregator: 'gradvac', order: 'index' } as const;
  const masks = [
    [1, 1, 1],
    [1, 1, 0],
  ];
  const [first, second] = steps(options, grams.slice(0, 2), masks);
  t.is(second!.state[2], first!.state[2]);
  t.not(second!.state[1], first!.state[1]);
});

test('modo and sdmgrad go on from their last weights, and mend them when languages change', (t) => {
  for (const aggregator of ['modo', 'sdmgrad']) {
    const found = steps({ aggregator }, grams, [
      [1, 1, 1],
      [1, 1, 0],
      [1, 0, 1],
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    for (const { weights } of found) {
      allclose([weights.reduce((a, b) => a + b)], [1], tight);
      t.true(weights.every((weight) => weight >= 0));
    }
  }
});
