/** What the whole design rests on: one numerics class, one set of bits, whatever else happens. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import type { ComputeOptions } from '../../node/compute/index.ts';
import { decoderParameters } from '../../node/model/parameters.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { gradientOf, hashOf, openTiny, randomUnit, TINY, tinyOptions } from './helpers.ts';

/** Large enough that ONNX Runtime divides its work among threads. */
const config = {
  ...TINY,
  vocabularySize: 260,
  hiddenSize: 96,
  intermediateSize: 256,
  heads: 6,
  headDim: 16,
};

function options(overrides: Partial<ComputeOptions> = {}): ComputeOptions {
  const layout = layoutBuckets(decoderParameters(config), 32768);
  return {
    ...tinyOptions({ config, unitSequences: 4, sequenceLength: 128 }),
    layout,
    ...overrides,
  };
}

async function bitsOf(t: ExecutionContext, own: ComputeOptions): Promise<string> {
  const compute = await openTiny(t, own);
  const unit = randomUnit(own);
  const { values } = await gradientOf(compute, own, unit);
  return hashOf(values, await compute.score(unit));
}

test.serial('onnx gives the same bits for 1, 2 and 3 threads, and again', async (t) => {
  const one = await bitsOf(t, options({ threads: 1 }));
  t.is(await bitsOf(t, options({ threads: 2 })), one);
  t.is(await bitsOf(t, options({ threads: 3 })), one);
  t.is(await bitsOf(t, options({ threads: 1 })), one);
});

test.serial('onnx gives the same bits while other threads keep every core busy', async (t) => {
  const calm = await bitsOf(t, options({ threads: 2 }));
  const busy = Array.from({ length: 3 }, () => new Worker('for (;;);', { eval: true }));
  try {
    t.is(await bitsOf(t, options({ threads: 2 })), calm);
  } finally {
    await Promise.all(busy.map((worker) => worker.terminate()));
  }
});

test.serial('wasm gives the same bits twice', async (t) => {
  const first = await bitsOf(t, options({ engine: 'wasm' }));
  t.is(await bitsOf(t, options({ engine: 'wasm' })), first);
});

for (const engine of ['onnx', 'wasm'] as const) {
  test.serial(`${engine}'s canary and class are the same in another process`, async (t) => {
    const own = options({ engine, threads: 2 });
    const compute = await openTiny(t, own);
    const unit = randomUnit(own);
    const before = hashOf(await compute.score(unit));
    const here = `${compute.numericsClass} ${await compute.canary()}`;
    t.is(hashOf(await compute.score(unit)), before, 'the canary leaves the parameters alone');
    const script = new URL('./canary-process.ts', import.meta.url).pathname;
    const input = JSON.stringify({ ...own, threads: 1 });
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, input]);
    t.is(stdout.trim(), here);
    t.is(stderr, '');
  });
}

test('the class names engine, version, device and the hash of the programs', async (t) => {
  const own = tinyOptions();
  const compute = await openTiny(t, own);
  t.regex(compute.numericsClass, /^onnx-1\.30\.\d+-cpu-[a-z0-9-]+-[0-9a-f]{12}$/);
  const longer = await openTiny(t, tinyOptions({ sequenceLength: 71 }));
  t.not(longer.numericsClass, compute.numericsClass);
});
