/**
 * Compute as its users see it: order, absence, transfer, failures, and an event loop that runs on.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { selectEngine } from '../../node/compute/engines/select.ts';
import {
  ComputeClosedError,
  EngineUnavailableError,
  openCompute,
} from '../../node/compute/index.ts';
import { AssertionError } from '../../protocol/assert.ts';
import { gradientOf, hashOf, openTiny, randomUnit, TINY, tinyOptions } from './helpers.ts';

test.serial('slices come once for every bucket, last layer first', async (t) => {
  const options = tinyOptions();
  const compute = await openTiny(t, options);
  const { slices } = await gradientOf(compute, options, randomUnit(options));
  const { buckets } = options.layout;
  t.deepEqual(
    slices.map(({ bucket }) => bucket).sort((a, b) => a - b),
    [...buckets.keys()],
  );
  const layers = slices.map(({ bucket }) => buckets[bucket]!.layer);
  t.deepEqual(
    layers.filter((layer, i) => layer !== layers[i - 1]),
    ['lm_head', 'model.norm', 'model.layers.1', 'model.layers.0', 'model.embed_tokens'],
  );
  for (const slice of slices) {
    if (slice.outcome === 'tensor') t.is(slice.values.length, buckets[slice.bucket]!.length);
  }
});

test.serial('a thread computes the same bits as the caller would', async (t) => {
  const [own, other] = [tinyOptions({ inThread: true }), tinyOptions()];
  const unit = randomUnit(own);
  const [here, there] = [await openTiny(t, own), await openTiny(t, other)];
  const expected = await gradientOf(here, own, unit);
  const actual = await gradientOf(there, other, unit);
  t.is(hashOf(actual.values), hashOf(expected.values));
  t.deepEqual(actual.result, expected.result);
  t.is(await there.canary(), await here.canary());
  t.is(there.numericsClass, here.numericsClass);
});

test.serial('embedding buckets that no token reads are absent, and only those', async (t) => {
  for (const tieWordEmbeddings of [false, true]) {
    const options = tinyOptions({ config: { ...TINY, tieWordEmbeddings } });
    const compute = await openTiny(t, options);
    const unit = randomUnit(options);
    const few = { ...unit, tokens: unit.tokens.map((token) => token % 3) };
    const { slices } = await gradientOf(compute, options, few);
    const absent = slices.filter(({ outcome }) => outcome === 'absent');
    const rows = options.layout.buckets.filter(({ layer }) => layer === 'model.embed_tokens');
    // 19 rows of 12 values, at most 8 rows in a bucket of 400 bytes: rows 0 to 5 are in the first.
    t.is(rows.length, 3);
    t.deepEqual(
      absent.map(({ bucket }) => bucket),
      tieWordEmbeddings ? [] : rows.slice(1).map(({ index }) => index),
    );
  }
});

test.serial('a unit that scores nothing is absent everywhere', async (t) => {
  const options = tinyOptions();
  const compute = await openTiny(t, options);
  const unit = randomUnit(options);
  const { slices, result } = await gradientOf(compute, options, {
    ...unit,
    targets: unit.targets.map(() => -1),
  });
  t.deepEqual(result, { tokens: 0, lossSum: 0 });
  t.is(slices.length, options.layout.buckets.length);
  t.true(slices.every(({ outcome }) => outcome === 'absent'));
});

test.serial(
  'fewer sequences than a unit has are scored as if they were among others',
  async (t) => {
    const options = tinyOptions();
    const compute = await openTiny(t, options);
    const unit = randomUnit(options);
    const all = await compute.score(unit);
    const { sequenceLength } = options;
    const first = await compute.score({
      tokens: unit.tokens.slice(0, sequenceLength),
      targets: unit.targets.slice(0, sequenceLength),
      sequences: 1,
      sequenceLength,
    });
    t.deepEqual(first, all.slice(0, sequenceLength));
  },
);

test.serial(
  'parameters are set between calls, in order, and their buffers are transferred',
  async (t) => {
    const options = tinyOptions();
    const compute = await openTiny(t, options);
    const unit = randomUnit(options);
    const { index, length } = options.layout.buckets.find(({ layer }) => layer === 'lm_head')!;
    const before = compute.score(unit);
    const values = new Float32Array(length).fill(0.5);
    compute.setBuckets([{ bucket: index, values }]);
    t.is(values.length, 0, 'an array that fills its buffer is taken');
    const after = compute.score(unit);
    t.notDeepEqual(await after, await before);
    const view = new Float32Array(length + 1).fill(0.5).subarray(1);
    compute.setBuckets([{ bucket: index, values: view }]);
    t.is(view.length, length, 'a view into a larger buffer is copied');
    t.deepEqual(await compute.score(unit), await after);
  },
);

test.serial('timers fire while one gradient is computed', async (t) => {
  const config = { ...TINY, hiddenSize: 96, intermediateSize: 384, layers: 4 };
  const options = tinyOptions({ config, unitSequences: 8, sequenceLength: 128 });
  const compute = await openTiny(t, options);
  await compute.score(randomUnit(options));
  let [fired, firedBeforeSlices] = [0, 0];
  const timer = setInterval(() => fired++, 1);
  await compute.gradient(randomUnit(options), () => {
    firedBeforeSlices ||= fired;
  });
  clearInterval(timer);
  // In the caller's own thread at most one fires before the engine takes over.
  t.true(firedBeforeSlices >= 3, `${firedBeforeSlices} timers fired`);
});

test.serial('a unit of another shape or with ids out of range is refused', async (t) => {
  const options = tinyOptions();
  const compute = await openTiny(t, options);
  const unit = randomUnit(options);
  const ignore = () => {};
  const bad = [
    { ...unit, sequences: 1 },
    { ...unit, sequenceLength: 69 },
    { ...unit, tokens: unit.tokens.with(5, TINY.vocabularySize) },
    { ...unit, targets: unit.targets.with(5, -2) },
  ];
  for (const one of bad) {
    t.throws(() => compute.gradient(one, ignore), { instanceOf: AssertionError });
  }
});

test.serial(
  'computing before all parameters are set fails and says which are missing',
  async (t) => {
    const options = tinyOptions();
    const compute = await openCompute(options);
    t.teardown(() => compute.close());
    await t.throwsAsync(compute.score(randomUnit(options)), {
      name: 'EngineError',
      message: /buckets 0,1,2,3,4 were never set/,
    });
  },
);

test.serial(
  'what is not finished when compute is closed is rejected, and so is what comes later',
  async (t) => {
    const options = tinyOptions();
    const compute = await openTiny(t, options);
    const unit = randomUnit(options);
    const waiting = compute.score(unit);
    const closing = compute.close();
    await t.throwsAsync(waiting, { instanceOf: ComputeClosedError });
    await closing;
    await t.throwsAsync(compute.score(unit), { instanceOf: ComputeClosedError });
  },
);

test.serial('where onnx does not load, wasm is taken, and says why', async (t) => {
  const lacking = async () => {
    throw new Error('libonnxruntime.so.1: cannot open shared object file\nand more');
  };
  const { openWasm } = await import('../../node/compute/engines/wasm.ts');
  const openers = { onnx: lacking, wasm: openWasm, reference: lacking };
  const { engine, why } = await selectEngine(undefined, { threads: 1 }, openers);
  t.is(engine.name, 'wasm');
  t.is(
    why,
    'wasm: the fastest that loads; onnx does not load: ' +
      'libonnxruntime.so.1: cannot open shared object file',
  );
  await t.throwsAsync(selectEngine('onnx', { threads: 1 }, openers), {
    instanceOf: EngineUnavailableError,
    message: /engine onnx does not load: libonnxruntime\.so\.1/,
  });
  await t.throwsAsync(selectEngine(undefined, { threads: 1 }, { ...openers, wasm: lacking }), {
    instanceOf: EngineUnavailableError,
  });
});

test.serial('an engine left out is onnx here, and the reference prints nothing', async (t) => {
  const { engine: _, ...options } = tinyOptions();
  const compute = await openCompute(options);
  t.teardown(() => compute.close());
  t.is(compute.engine, 'onnx');
  t.is(compute.why, 'onnx: the fastest that loads');
  const script = new URL('./canary-process.ts', import.meta.url).pathname;
  const input = JSON.stringify({ ...options, engine: 'reference' });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, input]);
  t.is(stderr, '');
  t.regex(stdout, /^reference-4\.22\.0-v8_\S+-[0-9a-f]{12} [0-9a-f]{64}\n$/);
});
