/**
 * The functions of a module that adds inner products of rows to their Gram matrix: one for each
 * shape of tile, up to three rows by three, whose nine pairs of sums fit the registers.
 */
import {
  type Code,
  f64,
  f64x2,
  get,
  I32,
  i32,
  loop,
  set,
  V128,
  v128,
  type WasmFunction,
} from '../../wasm/index.ts';

/** Rows a tile has at most, either way. */
export const TILE = 3;

/** Bytes of two f32. */
const PAIR_BYTES = 8;
const F64_BYTES = 8;
/** Pairs of elements in one turn of the loop. */
const UNROLL = 2;

export const tileName = (rows: number, columns: number) => `tile${rows}by${columns}`;
export const cornerName = (rows: number) => `corner${rows}`;

/** All shapes. `relaxed`: with instructions that fuse product and sum where the machine can. */
export function productFunctions(relaxed: boolean): WasmFunction[] {
  const sizes = Array.from({ length: TILE }, (_, k) => k + 1);
  return sizes.flatMap((rows) => [
    productFunction(rows, rows, { name: cornerName(rows), onDiagonal: true, relaxed }),
    ...sizes.map((columns) =>
      productFunction(rows, columns, { name: tileName(rows, columns), onDiagonal: false, relaxed }),
    ),
  ]);
}

/** Parameters: addresses of first rows, bytes from row to row, bytes of a row; then of G. */
const [FIRST, SECOND, STRIDE, LENGTH, OUT, OUT_STRIDE] = [0, 1, 2, 3, 4, 5] as const;
const PARAMETERS = [I32, I32, I32, I32, I32, I32];

interface Shape {
  readonly name: string;
  /** The rows are their own columns: only the upper triangle is computed. */
  readonly onDiagonal: boolean;
  readonly relaxed: boolean;
}

/**
 * Adds to G the products of `rows` rows with `columns` others over one block, whose length is a
 * multiple of UNROLL pairs. Each sum has a lane for places that are even and one for odd ones.
 */
function productFunction(rows: number, columns: number, shape: Shape): WasmFunction {
  const { name, onDiagonal, relaxed } = shape;
  const locals: number[] = [];
  const local = (type: number) => PARAMETERS.length + locals.push(type) - 1;
  const localsOf = (count: number, type: number) =>
    Array.from({ length: count }, () => local(type));
  const offset = local(I32);
  const out = local(I32);
  const left = localsOf(rows, I32);
  const right = onDiagonal ? left : localsOf(columns, I32);
  const a = localsOf(rows, V128);
  const b = onDiagonal ? a : localsOf(1, V128);
  const wanted = pairsOf(rows, columns, onDiagonal);
  const sums = new Map(wanted.map(([i, j]) => [`${i},${j}`, local(V128)]));
  const sumOf = (i: number, j: number) => sums.get(`${i},${j}`)!;

  const load = (row: number, place: number) =>
    f64x2.promote(v128.load64(i32.add(get(row), get(offset)), place));
  const turn = (place: number): Code => [
    ...a.flatMap((value, i) => set(value, load(left[i]!, place))),
    ...right.flatMap((row, j) => {
      const factor = onDiagonal ? b[j]! : b[0]!;
      const above = wanted.filter(([, column]) => column === j);
      return [
        ...(onDiagonal ? [] : set(factor, load(row, place))),
        ...above.flatMap(([i]) =>
          set(sumOf(i, j), multiplyAdd(relaxed, get(a[i]!), get(factor), get(sumOf(i, j)))),
        ),
      ];
    }),
  ];
  const body: Code = [
    ...addresses(left, FIRST, STRIDE),
    ...(onDiagonal ? [] : addresses(right, SECOND, STRIDE)),
    ...[...sums.values()].flatMap((sum) => set(sum, v128.zero)),
    ...set(offset, i32.const(0)),
    ...loop(
      [
        ...Array.from({ length: UNROLL }, (_, k) => turn(k * PAIR_BYTES)).flat(),
        ...set(offset, i32.add(get(offset), i32.const(UNROLL * PAIR_BYTES))),
      ],
      i32.less(get(offset), get(LENGTH)),
    ),
    ...left.flatMap((_, i) => [
      ...set(out, i === 0 ? get(OUT) : i32.add(get(out), get(OUT_STRIDE))),
      ...wanted
        .filter(([row]) => row === i)
        .flatMap(([, j]) => addToEntry(get(out), j * F64_BYTES, sumOf(i, j))),
    ]),
  ];
  return { name, parameters: PARAMETERS, locals, body };
}

function pairsOf(rows: number, columns: number, onDiagonal: boolean): [number, number][] {
  const all = Array.from({ length: rows * columns }, (_, k): [number, number] => {
    return [Math.floor(k / columns), k % columns];
  });
  return onDiagonal ? all.filter(([i, j]) => i <= j) : all;
}

/** Sets the locals to the addresses of rows that follow each other. */
function addresses(rows: readonly number[], first: number, stride: number): Code {
  return rows.flatMap((row, i) =>
    set(row, i === 0 ? get(first) : i32.add(get(rows[i - 1]!), get(stride))),
  );
}

/**
 * a·b + sum. A product of two f32 is exact in float64, so that a fused instruction, which does
 * not round it, gives the same bits as two instructions: only here may the machine choose.
 */
function multiplyAdd(relaxed: boolean, a: Code, b: Code, sum: Code): Code {
  return relaxed ? f64x2.relaxedMultiplyAdd(a, b, sum) : f64x2.add(sum, f64x2.multiply(a, b));
}

/** G += the even places' sum + the odd ones'. */
function addToEntry(address: Code, offset: number, sum: number): Code {
  const block = f64.add(f64x2.lane(get(sum), 0), f64x2.lane(get(sum), 1));
  return f64.store(address, offset, f64.add(f64.load(address, offset), block));
}
