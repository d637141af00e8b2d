/**
 * The kernel that this machine runs best. Whichever it is, the bits are the same; so nobody has to
 * choose, and nothing about a run depends on it but its time.
 *
 * ```ts
 * import { kernel } from './kernel/index.ts';
 *
 * const rows = [Float32Array.of(3, 4), Float32Array.of(1, 0)];
 * const sums = new Float64Array(4);
 * kernel().addProducts(sums, rows, 0, 2); // 25, 3, 0, 1
 * ```
 */
import { plainKernel } from './plain-kernel.ts';
import type { Kernel, KernelName } from './types.ts';
import { createWasmKernel } from './wasm-kernel.ts';

export { commonLength, lengthOf, type Quotient, type Row, readRow, valuesOf } from './row.ts';
export { BLOCK, type Kernel, type KernelName } from './types.ts';

let chosen: Kernel | undefined;

/** Made when it is first needed, once a thread. */
export function kernel(): Kernel {
  chosen ??= createWasmKernel('relaxed') ?? createWasmKernel('simd') ?? plainKernel;
  return chosen;
}

/** The kernel of that name, to be compared with another; undefined where it can't run. */
export function kernelNamed(name: KernelName): Kernel | undefined {
  return name === 'plain' ? plainKernel : createWasmKernel(name);
}
