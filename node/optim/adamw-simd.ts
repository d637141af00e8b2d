/**
 * AdamW's arithmetic in WebAssembly SIMD, two elements at a time: the loop of adamw.ts instruction
 * by instruction, and so the same bits. Division and root take the time, and there are two for one.
 */
import {
  type Code,
  f32x4,
  f64x2,
  get,
  I32,
  i32,
  instanceOf,
  loop,
  moduleOf,
  set,
  V128,
  v128,
  type WasmFunction,
} from '../wasm/index.ts';
import type { AdamwFactors, AdamwLoop } from './adamw.ts';

const F32_BYTES = 4;
const F64_BYTES = 8;
const PAIR_BYTES = 2 * F32_BYTES;

/** Elements at a time: four arrays of it fit a first-level cache of 48 KiB, even when doubled. */
const CHUNK = 1024;
const CHUNK_BYTES = CHUNK * F32_BYTES;

/** In this order they lie at the beginning of memory, the arrays' chunks after them. */
const FACTORS = [
  'beta1',
  'rest1',
  'beta2',
  'rest2',
  'keep',
  'stepSize',
  'correction',
  'eps',
  'scale',
] as const satisfies readonly (keyof AdamwFactors)[];
/** Where a chunk's numbers that are not finite show: 16 bytes that are zeros otherwise. */
const TAINT = 128;
const CHUNKS = 256;

/** Parameters: addresses of a chunk of master, mu, nu and d, and the end of the last. */
const [MASTER, MU, NU, D, END] = [0, 1, 2, 3, 4] as const;
const PARAMETERS = [I32, I32, I32, I32, I32];
const FIRST_FACTOR = PARAMETERS.length;
/** Locals after the factors. */
const [DIRECTION, FIRST, SECOND, STORED, TAINTED] = [0, 1, 2, 3, 4].map(
  (k) => FIRST_FACTOR + FACTORS.length + k,
) as [number, number, number, number, number];

const factor = (name: (typeof FACTORS)[number]): Code => get(FIRST_FACTOR + FACTORS.indexOf(name));
const pair = (address: number): Code => f64x2.promote(v128.load64(get(address), 0));
const times = f64x2.multiply;

/** Rounds, stores, and leaves NaN in TAINTED where the number isn't finite. */
const store = (address: number, value: Code): Code => [
  ...set(STORED, f32x4.demote(value)),
  ...v128.store64(get(address), 0, get(STORED)),
  ...set(TAINTED, f32x4.add(get(TAINTED), f32x4.multiply(get(STORED), v128.zero))),
];

const adamw: WasmFunction = {
  name: 'adamw',
  parameters: PARAMETERS,
  locals: Array<number>(FACTORS.length + 5).fill(V128),
  body: [
    ...FACTORS.flatMap((_, k) =>
      set(FIRST_FACTOR + k, v128.load64Splat(i32.const(0), k * F64_BYTES)),
    ),
    ...set(TAINTED, v128.zero),
    ...loop(
      [
        ...set(DIRECTION, times(pair(D), factor('scale'))),
        ...set(
          FIRST,
          f64x2.add(times(factor('beta1'), pair(MU)), times(factor('rest1'), get(DIRECTION))),
        ),
        ...set(
          SECOND,
          f64x2.add(
            times(factor('beta2'), pair(NU)),
            times(factor('rest2'), times(get(DIRECTION), get(DIRECTION))),
          ),
        ),
        ...store(MASTER, f64x2.subtract(times(pair(MASTER), factor('keep')), moved())),
        ...store(MU, get(FIRST)),
        ...store(NU, get(SECOND)),
        ...[MASTER, MU, NU, D].flatMap((k) => set(k, i32.add(get(k), i32.const(PAIR_BYTES)))),
      ],
      i32.less(get(D), get(END)),
    ),
    ...v128.store(i32.const(TAINT), 0, get(TAINTED)),
  ],
};

/** stepSize · (m / (√v / correction + eps)). */
function moved(): Code {
  const root = f64x2.divide(f64x2.squareRoot(get(SECOND)), factor('correction'));
  return times(factor('stepSize'), f64x2.divide(get(FIRST), f64x2.add(root, factor('eps'))));
}

/** Undefined where this machine has no such instructions. */
export function createAdamwSimd(): AdamwLoop | undefined {
  const instance = instanceOf(moduleOf([adamw], 1));
  if (instance === undefined) return undefined;
  const { buffer } = instance.memory;
  const run = instance.functions['adamw']!;
  const factors = new Float64Array(buffer, 0, FACTORS.length);
  const taint = new Float32Array(buffer, TAINT, 4);
  const chunks = [0, 1, 2, 3].map(
    (k) => new Float32Array(buffer, CHUNKS + k * CHUNK_BYTES, CHUNK),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const addresses = chunks.map(({ byteOffset }) => byteOffset);
  return (given, input, output) => {
    factors.set(FACTORS.map((name) => given[name]));
    const { length } = input.master;
    let finite = true;
    for (let from = 0; from < length; from += CHUNK) {
      const count = Math.min(CHUNK, length - from);
      const sources = [input.master, input.mu, input.nu, input.direction];
      sources.forEach((source, k) => {
        const chunk = chunks[k]!;
        chunk.set(source.subarray(from, from + count));
        // The other one of the last pair.
        if (count < CHUNK) chunk[count] = 0;
      });
      run(...addresses, addresses[3]! + count * F32_BYTES);
      if (taint.some((value) => value !== 0)) finite = false;
      [output.master, output.mu, output.nu].forEach((target, k) => {
        target.set(count === CHUNK ? chunks[k]! : chunks[k]!.subarray(0, count), from);
      });
    }
    return finite;
  };
}
