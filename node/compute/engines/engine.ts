/** What an engine is: something that loads programs and runs them on flat arrays. */
import type { Numbers, Program } from '../program.ts';

export type EngineName = 'onnx' | 'wasm' | 'reference';

/** A program made ready. One run at a time. */
export interface Runner {
  /** Hex SHA-256 of exactly what was loaded, constants included. */
  readonly fingerprint: string;
  /**
   * Runs the program on inputs in its order; they are only read. The outputs are in its order, in
   * memory that the runner leaves to the caller. Throws what the engine throws.
   */
  run(inputs: readonly Numbers[]): Promise<Numbers[]>;
  /** Frees what the program holds; nothing may be run afterwards. */
  release(): Promise<void>;
}

/** A way to run programs, with what decides its bits besides the program. */
export interface Engine {
  readonly name: EngineName;
  /** Of the library that computes. */
  readonly version: string;
  /** What it computes on, as far as bits depend on it: for native code the instruction set. */
  readonly device: string;
  load(program: Program): Promise<Runner>;
}

/** What an engine may use of the machine. */
export interface EngineOptions {
  /** Threads that compute; engines that can't use several take one. */
  readonly threads: number;
}
