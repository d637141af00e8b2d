/** What a bulk takes in as a holder, and whether it is still what it was. */
import test from 'ava';
import { Bulk } from '../../node/bulk/index.ts';
import { optimizerSchema } from '../../node/optim/index.ts';
import { aggregatorSchema } from '../../node/resolve/index.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';

const bulkWith = (aggregator: object) =>
  new Bulk({
    ...{ runId: 'a run', steps: 3, languages: 2, groups: 'bucket', codec: 'f32' },
    layout: layoutBuckets([{ name: 'w', shape: [4], layer: 'w' }], 16),
    aggregator: aggregatorSchema.parse(aggregator),
    optimizer: optimizerSchema.parse({ name: 'adamw', learningRate: 0.1 }),
  });

test('a value with the state of another method, or of more languages, is not taken in', (t) => {
  const bulk = bulkWith({ name: 'gradvac' });
  const hashes = bulk.loadBase(0, Float32Array.of(1, 2, 3, 4));
  const arrays = bulk.stored(0, 0);
  t.is(arrays.aggregatorState?.length, 4);
  t.deepEqual(bulkWith({ name: 'gradvac' }).load(0, 0, arrays), hashes);
  for (const length of [0, 3, 9]) {
    const aggregatorState = new Float64Array(length);
    t.is(bulk.load(1, 0, { ...arrays, aggregatorState }), undefined, `${length}`);
  }
  t.is(bulkWith({ name: 'mgda' }).load(0, 0, arrays), undefined);
});

test("hashed again, an aggregator's state that has rotted shows itself", (t) => {
  const bulk = bulkWith({ name: 'gradvac' });
  const base = bulk.loadBase(0, Float32Array.of(1, 2, 3, 4));
  const arrays = { ...bulk.stored(0, 0), aggregatorState: Float64Array.of(1, 2, 3, 4) };
  const hashes = bulk.load(1, 0, arrays);
  if (hashes === undefined) throw new Error('the value is whole');
  const again = (step: number, value: typeof hashes) =>
    bulk.perform({ kind: 'rehash', step, values: [value] });
  t.deepEqual(again(1, hashes), { kind: 'rehashed', step: 1, wrong: [] });
  t.deepEqual(again(0, base), { kind: 'rehashed', step: 0, wrong: [] });
  arrays.aggregatorState[2] = 5;
  t.deepEqual(again(1, hashes), { kind: 'rehashed', step: 1, wrong: [0] });
});
