/** Native ONNX Runtime on the CPU: the default. Loads onnxruntime-node only when opened. */
import type { Engine, EngineOptions } from './engine.ts';
import { instructionSet } from './instruction-set.ts';
import { openSession } from './session.ts';

/** Throws what Node throws where the package or its library isn't there. */
export async function openOnnx({ threads }: EngineOptions): Promise<Engine> {
  const runtime = await import('onnxruntime-node');
  return {
    name: 'onnx',
    version: runtime.env.versions.node ?? runtime.env.versions.common,
    device: `cpu-${instructionSet()}`,
    load: (program) =>
      openSession(runtime, program, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        // Threads that wait by spinning are a few percent faster alone on a machine, and elsewhere
        // take the core from the next node or from our own main thread.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      }),
  };
}
