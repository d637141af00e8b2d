/** Tokens per second of the native engine over WebAssembly: gradients in turn, medians. */
import { availableParallelism } from 'node:os';
import { type Job, openRunCompute } from '../../node/cli/job/index.ts';
import { median, openExample } from './example.ts';

const ROUNDS = 7;

export interface EngineBench {
  readonly onnxOverWasm: number;
  readonly figures: Readonly<Record<string, string>>;
}

export async function benchEngines(sets: readonly string[]): Promise<EngineBench> {
  const job = await openExample(sets);
  const onnx = await openTimed(job, 'onnx');
  const wasm = await openTimed(job, 'wasm');
  const rates = { onnx: [] as number[], wasm: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    const [native, portable] = [await onnx.time(), await wasm.time()];
    // The round before the first warms both up.
    if (round < 0) continue;
    rates.onnx.push(native);
    rates.wasm.push(portable);
  }
  await onnx.close();
  await wasm.close();
  return {
    onnxOverWasm: median(rates.onnx) / median(rates.wasm),
    figures: {
      onnx: `${median(rates.onnx).toFixed(0)} tokens/s`,
      wasm: `${median(rates.wasm).toFixed(0)} tokens/s`,
    },
  };
}

async function openTimed(job: Job, engine: 'onnx' | 'wasm') {
  const compute = await openRunCompute(job, engine, availableParallelism());
  const { layout, model, corpora } = job;
  compute.setBuckets(
    layout.buckets.map(({ index, start, length }) => {
      return { bucket: index, values: model.values.slice(start, start + length) };
    }),
  );
  const unit = corpora[0]!.unit(0, 0);
  return {
    async time(): Promise<number> {
      const startedMs = performance.now();
      const { tokens } = await compute.gradient(unit, () => {});
      return (1000 * tokens) / (performance.now() - startedMs);
    },
    close: () => compute.close(),
  };
}
