/**
 * The kernel in WebAssembly SIMD. Rows are copied into its memory a chunk at a time, so that each
 * is read once from where it lies and all its products are made while the chunk is in the cache.
 */
import { defined } from '../../../protocol/assert.ts';
import { instanceOf, moduleOf, type WasmFunctions, type WasmMemory } from '../../wasm/index.ts';
import { cornerName, productFunctions, TILE, tileName } from './products.ts';
import type { Row } from './row.ts';
import { rowFunctions, STEP_BYTES } from './rows.ts';
import { BLOCK, type Kernel } from './types.ts';

const F32_BYTES = 4;
const F64_BYTES = 8;
const PAGE_BYTES = 65536;
/** Elements that a loop may touch beyond the end of a row. */
const STEP = STEP_BYTES / F32_BYTES;
/** Of all rows' chunks together: within a second-level cache of 1 MiB. */
const CHUNK_BYTES_MAX = 512 * 1024;
const BLOCKS_PER_CHUNK_MAX = 4;
/** Between the ends of rows, so that they do not all fall on the same lines of the cache. */
const GAP = 16;

/** Undefined where this machine's WebAssembly has no such instructions. */
export function createWasmKernel(name: 'relaxed' | 'simd'): Kernel | undefined {
  const module = moduleOf([...productFunctions(name === 'relaxed'), ...rowFunctions], 1);
  const instance = instanceOf(module);
  return instance && new WasmKernel(name, instance.memory, instance.functions);
}

/** Where a call's numbers lie in memory: float64s first, then rows. Addresses in bytes. */
interface Plan {
  /** Elements of a chunk, a multiple of BLOCK. */
  readonly chunk: number;
  readonly rows: number;
  /** From row to row. */
  readonly stride: number;
  /** One row more, for what comes in as bf16 and for what goes out. */
  readonly spare: number;
}

class WasmKernel implements Kernel {
  readonly name: 'relaxed' | 'simd';
  readonly #memory: WasmMemory;
  readonly #functions: WasmFunctions;

  constructor(name: 'relaxed' | 'simd', memory: WasmMemory, functions: WasmFunctions) {
    this.name = name;
    this.#memory = memory;
    this.#functions = functions;
  }

  addProducts(sums: Float64Array, rows: readonly Row[], start: number, end: number): void {
    const k = rows.length;
    const plan = this.#plan(k, sums.length);
    const kept = new Float64Array(this.#memory.buffer, 0, sums.length);
    kept.set(sums);
    for (let from = start; from < end; from += plan.chunk) {
      const count = Math.min(plan.chunk, end - from);
      rows.forEach((row, i) => {
        this.#load(row, from, count, plan.rows + i * plan.stride, plan.spare);
      });
      for (let place = 0; place < count; place += BLOCK) {
        const bytes = roundUp(Math.min(BLOCK, count - place) * F32_BYTES, STEP_BYTES);
        this.#addBlock(k, plan.rows + place * F32_BYTES, plan.stride, bytes);
      }
    }
    sums.set(kept);
  }

  /** The products of one block, tile by tile. */
  #addBlock(k: number, rows: number, stride: number, bytes: number): void {
    const toRow = k * F64_BYTES;
    for (let a = 0; a < k; a += TILE) {
      const height = Math.min(TILE, k - a);
      for (let b = a; b < k; b += TILE) {
        const name = a === b ? CORNERS[height]! : TILES[height]![Math.min(TILE, k - b)]!;
        const out = (a * k + b) * F64_BYTES;
        this.#functions[name]!(rows + a * stride, rows + b * stride, stride, bytes, out, toRow);
      }
    }
  }

  combine(out: Float32Array, rows: readonly Row[], weights: readonly number[]): void {
    const k = rows.length;
    if (k === 0) {
      out.fill(0);
      return;
    }
    const plan = this.#plan(k, k);
    new Float64Array(this.#memory.buffer, 0, k).set(weights);
    const sum = new Float32Array(this.#memory.buffer, plan.spare, plan.chunk);
    const combine = this.#functions['combine']!;
    for (let from = 0; from < out.length; from += plan.chunk) {
      const count = Math.min(plan.chunk, out.length - from);
      rows.forEach((row, i) => {
        this.#load(row, from, count, plan.rows + i * plan.stride, plan.spare);
      });
      const end = plan.spare + count * F32_BYTES;
      combine(plan.rows, plan.stride, 0, k * F64_BYTES, plan.spare, end);
      out.set(count === plan.chunk ? sum : sum.subarray(0, count), from);
    }
  }

  /** Makes room. Whoever holds a view of memory must make it after this. */
  #plan(k: number, numbers: number): Plan {
    const blocks = Math.floor(CHUNK_BYTES_MAX / (k * BLOCK * F32_BYTES));
    const chunk = Math.min(Math.max(blocks, 1), BLOCKS_PER_CHUNK_MAX) * BLOCK;
    const stride = (chunk + GAP) * F32_BYTES;
    const rows = roundUp(numbers * F64_BYTES, STEP_BYTES);
    const spare = rows + k * stride;
    const missing = spare + stride - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return { chunk, rows, stride, spare };
  }

  /** Writes a chunk of a row as f32 to `address`, with zeros up to a whole step. */
  #load(row: Row, from: number, count: number, address: number, spare: number): void {
    const { buffer } = this.#memory;
    const { divide, divideWide, widen } = this.#functions;
    const end = address + count * F32_BYTES;
    if (row instanceof Uint16Array) {
      new Uint16Array(buffer, spare, count).set(row.subarray(from, from + count));
      defined(widen, 'widen')(spare, address, end);
    } else {
      const values = 'sum' in row ? row.sum : row;
      new Float32Array(buffer, address, count).set(values.subarray(from, from + count));
    }
    if ('sum' in row) {
      // A quotient of two f32 that is rounded to float64 first is rounded to the same f32.
      const exact = Math.fround(row.divisor) === row.divisor;
      defined(exact ? divide : divideWide, 'divide')(address, end, row.divisor);
    }
    const rest = roundUp(count, STEP) - count;
    if (rest > 0) new Float32Array(buffer, end, rest).fill(0);
  }
}

const SIZES = Array.from({ length: TILE + 1 }, (_, k) => k);
/** Names by rows, then columns. */
const TILES = SIZES.map((rows) => SIZES.map((columns) => tileName(rows, columns)));
const CORNERS = SIZES.map(cornerName);

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
