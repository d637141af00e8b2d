/**
 * ONNX Runtime on WebAssembly, in one thread: runs everywhere, and gives the same bits everywhere.
 * Loads onnxruntime-web only when opened.
 */
import type { Engine } from './engine.ts';
import { openSession } from './session.ts';

/** Throws what Node throws where the package isn't there. */
export async function openWasm(): Promise<Engine> {
  const runtime = await import('onnxruntime-web');
  runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = 'error';
  return {
    name: 'wasm',
    version: runtime.env.versions.web ?? runtime.env.versions.common,
    device: 'simd128',
    load: (program) => openSession(runtime, program, { executionProviders: ['wasm'] }),
  };
}
