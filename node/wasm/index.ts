/**
 * WebAssembly from our own source: functions are assembled where they are first needed, so that
 * there is no binary to build, to ship or to trust. What they compute is the business of whoever
 * writes them: the Gram kernel in node/resolve, the optimizer in node/optim.
 *
 * ```ts
 * import { get, I32, i32, instanceOf, moduleOf, v128 } from '../wasm/index.ts';
 *
 * // Copies 16 bytes from address a to address b.
 * const body = v128.store(get(1), 0, v128.load(get(0), 0));
 * const copy = { name: 'copy', parameters: [I32, I32], locals: [], body };
 * const instance = instanceOf(moduleOf([copy], 1));
 * instance?.functions['copy']!(0, 16);
 * ```
 */
export {
  type Code,
  F32,
  F64,
  f32x4,
  f64,
  f64x2,
  get,
  I32,
  i32,
  i32x4,
  loop,
  moduleOf,
  set,
  V128,
  v128,
  type WasmFunction,
} from './assembler.ts';
export { instanceOf, type WasmFunctions, type WasmMemory } from './engine.ts';
