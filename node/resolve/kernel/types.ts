/**
 * What a kernel is: the two passes over rows that take a step's time outside of the model. There is
 * one in WebAssembly and one in plain JavaScript, and both give the same bits.
 */
import type { Row } from './row.ts';

/**
 * Elements of a block: a sum of products goes over a block at a time, and rounding grows with
 * BLOCK / 2 + n / BLOCK.
 */
export const BLOCK = 1024;

export interface Kernel {
  readonly name: KernelName;
  /**
   * Adds the inner products of k rows over `start` to `end` to the upper triangle of `sums`, k·k.
   * Blocks count from `start`. In a block, products at even places are added up from 0 in order,
   * those at odd places too, then the two sums are added; blocks are added to `sums` in order.
   */
  addProducts(sums: Float64Array, rows: readonly Row[], start: number, end: number): void;
  /**
   * out = Σ wᵢgᵢ over whole rows: an element begins at 0 and gets one row after the other in
   * float64, each product rounded before it is added, and is rounded to f32 once.
   */
  combine(out: Float32Array, rows: readonly Row[], weights: readonly number[]): void;
}

/** `relaxed`: WebAssembly that fuses products and sums; `simd`: that doesn't; `plain`: neither. */
export type KernelName = 'relaxed' | 'simd' | 'plain';
