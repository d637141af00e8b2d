/**
 * Runs a program as a session of ONNX Runtime, native or WebAssembly: both packages have one
 * interface.
 */
import { createHash } from 'node:crypto';
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-web';
import { assert, defined } from '../../../protocol/assert.ts';
import { inputName, lowerProgram, outputName } from '../onnx/lower.ts';
import { type Numbers, type Program, sizeOf, valueAt } from '../program.ts';
import type { Runner } from './engine.ts';

/** What we use of onnxruntime-node and onnxruntime-web. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

/** Only errors: warnings would go to stderr past our log. */
const LOG_ERRORS_ONLY = 3;

/** Everything that could change bits or the order of work is pinned, not left to a default. */
const PINNED: InferenceSession.SessionOptions = {
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: LOG_ERRORS_ONLY,
};

/** Lowers the program and makes a session of it. */
export async function openSession(
  runtime: OnnxRuntime,
  program: Program,
  options: InferenceSession.SessionOptions,
): Promise<Runner> {
  const model = lowerProgram(program);
  const fingerprint = createHash('sha256').update(model).digest('hex');
  const session = await runtime.InferenceSession.create(model, { ...PINNED, ...options });
  return {
    fingerprint,
    async run(inputs) {
      const results = await session.run(feedsOf(runtime.Tensor, program, inputs));
      return program.outputs.map((_, index) =>
        numbersOf(defined(results[outputName(index)], `output ${index} of ${program.name}`)),
      );
    },
    release: () => session.release(),
  };
}

function feedsOf(
  Tensor: TensorConstructor,
  program: Program,
  inputs: readonly Numbers[],
): Record<string, Tensor> {
  assert(inputs.length === program.inputs.length, `${program.name}: ${inputs.length} inputs`);
  const feeds: Record<string, Tensor> = {};
  program.inputs.forEach((id, index) => {
    const { shape, type } = valueAt(program, id);
    const numbers = inputs[index]!;
    assert(
      numbers.length === sizeOf(shape),
      `${program.name}: input ${index} has ${numbers.length} values, expected [${shape}]`,
    );
    feeds[inputName(index)] = new Tensor(type, numbers, shape);
  });
  return feeds;
}

function numbersOf({ data }: { data: unknown }): Numbers {
  assert(
    data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array,
    'an output of another type than our programs have',
  );
  return data;
}
