/**
 * The functions of a module that make rows of f32 from how they lie in memory, and the one that
 * adds them up with weights. Lengths are bytes of f32, rounded up to a whole step of the loop.
 */
import {
  type Code,
  F32,
  F64,
  f32x4,
  f64x2,
  get,
  I32,
  i32,
  i32x4,
  loop,
  set,
  V128,
  v128,
  type WasmFunction,
} from '../../wasm/index.ts';

/** Every function here may touch as many bytes as this multiple holds. */
export const STEP_BYTES = 32;

const VECTOR_BYTES = 16;
const PAIR_BYTES = 8;
const BF16_BITS = i32.const(16);

/** Row / divisor in f32, in place; address, its end, divisor. */
const divide: WasmFunction = {
  name: 'divide',
  parameters: [I32, I32, F32],
  locals: [V128],
  body: [
    ...set(3, f32x4.splat(get(2))),
    ...loop(
      [
        ...v128.store(get(0), 0, f32x4.divide(v128.load(get(0), 0), get(3))),
        ...set(0, i32.add(get(0), i32.const(VECTOR_BYTES))),
      ],
      i32.less(get(0), get(1)),
    ),
  ],
};

/** The same for a divisor that is no f32: divided in float64, rounded to f32. */
const divideWide: WasmFunction = {
  name: 'divideWide',
  parameters: [I32, I32, F64],
  locals: [V128],
  body: [
    ...set(3, f64x2.splat(get(2))),
    ...loop(
      [
        ...v128.store64(
          get(0),
          0,
          f32x4.demote(f64x2.divide(f64x2.promote(v128.load64(get(0), 0)), get(3))),
        ),
        ...set(0, i32.add(get(0), i32.const(PAIR_BYTES))),
      ],
      i32.less(get(0), get(1)),
    ),
  ],
};

/** bf16 to f32: the bits move up; address of the bf16, of the f32, and that one's end. */
const widen: WasmFunction = {
  name: 'widen',
  parameters: [I32, I32, I32],
  locals: [],
  body: loop(
    [
      ...v128.store(get(1), 0, i32x4.shiftLeft(v128.load16x4(get(0), 0), BF16_BITS)),
      ...set(0, i32.add(get(0), i32.const(VECTOR_BYTES / 2))),
      ...set(1, i32.add(get(1), i32.const(VECTOR_BYTES))),
    ],
    i32.less(get(1), get(2)),
  ),
};

/** Parameters of `combine`: addresses of rows, weights and sum, and the last two's ends. */
const [ROWS, STRIDE, WEIGHTS, WEIGHTS_END, OUT, OUT_END] = [0, 1, 2, 3, 4, 5] as const;
/** Its locals: a row's address, its weight's; the weight, twice; sums of eight elements. */
const [ROW, WEIGHT, FACTOR, SUMS] = [6, 7, 8, [9, 10, 11, 12]] as const;

/**
 * Σ wᵢgᵢ for eight elements at a time: each begins at 0 and gets one row after the other, product
 * and sum rounded apart, since a weight is a float64 and the product is not exact.
 */
const combine: WasmFunction = {
  name: 'combine',
  parameters: [I32, I32, I32, I32, I32, I32],
  locals: [I32, I32, V128, V128, V128, V128, V128],
  body: loop(
    [
      ...SUMS.flatMap((sum) => set(sum, v128.zero)),
      ...set(ROW, get(ROWS)),
      ...set(WEIGHT, get(WEIGHTS)),
      ...loop(
        [
          ...set(FACTOR, v128.load64Splat(get(WEIGHT), 0)),
          ...SUMS.flatMap((sum, k) => set(sum, f64x2.add(get(sum), scaledPair(k)))),
          ...set(ROW, i32.add(get(ROW), get(STRIDE))),
          ...set(WEIGHT, i32.add(get(WEIGHT), i32.const(PAIR_BYTES))),
        ],
        i32.less(get(WEIGHT), get(WEIGHTS_END)),
      ),
      ...SUMS.flatMap((sum, k) => v128.store64(get(OUT), k * PAIR_BYTES, f32x4.demote(get(sum)))),
      ...set(ROWS, i32.add(get(ROWS), i32.const(STEP_BYTES))),
      ...set(OUT, i32.add(get(OUT), i32.const(STEP_BYTES))),
    ],
    i32.less(get(OUT), get(OUT_END)),
  ),
};

function scaledPair(k: number): Code {
  const pair = f64x2.promote(v128.load64(get(ROW), k * PAIR_BYTES));
  return f64x2.multiply(get(FACTOR), pair);
}

export const rowFunctions: readonly WasmFunction[] = [divide, divideWide, widen, combine];
