/** What we need of the global WebAssembly, which TypeScript only knows with the DOM. */

export interface WasmMemory {
  /** Another one after each `grow`, which detaches the one before. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** By name; parameters are numbers of the types declared. */
export type WasmFunctions = Readonly<Record<string, (...parameters: number[]) => void>>;

interface WasmEngine {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { readonly memory: WasmMemory } };
}

/**
 * A module that `moduleOf` made, ready to be called. Undefined where this machine does not know its
 * instructions, and where there is no WebAssembly, as under `node --jitless`.
 */
export function instanceOf(
  module: Uint8Array,
): { memory: WasmMemory; functions: WasmFunctions } | undefined {
  const engine = (globalThis as { WebAssembly?: WasmEngine }).WebAssembly;
  if (!engine?.validate(module)) return undefined;
  const { memory, ...functions } = new engine.Instance(new engine.Module(module)).exports;
  return { memory, functions: functions as unknown as WasmFunctions };
}
