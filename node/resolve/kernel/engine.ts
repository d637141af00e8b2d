/** What the kernel needs of the global WebAssembly, which TypeScript only knows with the DOM. */

export interface WasmMemory {
  /** Another one after each `grow`, which detaches the one before. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export interface WasmInstance {
  readonly exports: { readonly memory: WasmMemory };
}

export interface WasmEngine {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => WasmInstance;
}

/** Undefined where there is none, as under `node --jitless`. */
export function wasmEngine(): WasmEngine | undefined {
  return (globalThis as { WebAssembly?: WasmEngine }).WebAssembly;
}
