/**
 * A small assembler of WebAssembly modules: as much of the binary format as the kernels need, one
 * function an instruction. Code is bytes; an instruction takes the code of its operands, so that
 * it reads as an expression. Nothing is checked here: WebAssembly.Module validates what comes out.
 *
 * Opcodes: WebAssembly Core Specification 3.0, section 5.4.
 */

export type Code = readonly number[];

/** Value types by their byte. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

export interface WasmFunction {
  readonly name: string;
  /** Value types; parameters are the first locals. Nothing is returned. */
  readonly parameters: readonly number[];
  readonly locals: readonly number[];
  readonly body: Code;
}

/** The bytes of a module that exports its functions by name, and its memory as `memory`. */
export function moduleOf(functions: readonly WasmFunction[], pages: number): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, ...sized(parameters), 0]);
  const exports = functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]);
  const codes = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0, ...unsigned(pages)]])),
    ...section(7, vector([[...text('memory'), 2, 0], ...exports])),
    ...section(10, vector(codes)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function text(name: string): Code {
  return sized([...new TextEncoder().encode(name)]);
}

/** LEB128. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const low = value & 0x7f;
  const rest = value >> 7;
  const ends = rest === (low & 0x40 ? -1 : 0);
  return ends ? [low] : [low | 0x80, ...signed(rest)];
}

/** The values of a local. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** Runs `body` once and again while `condition` is not 0. */
export const loop = (body: Code, condition: Code): Code => {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
};

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  /** a < b, unsigned. */
  less: (a: Code, b: Code): Code => [...a, ...b, 0x49],
};

export const f64 = {
  load: (address: Code, offset: number): Code => [...address, 0x2b, 0, ...unsigned(offset)],
  store: (address: Code, offset: number, value: Code): Code => {
    return [...address, ...value, 0x39, 0, ...unsigned(offset)];
  },
  add: (a: Code, b: Code): Code => [...a, ...b, 0xa0],
};

const simd = (opcode: number, ...operands: readonly Code[]): Code => {
  return [...operands.flat(), 0xfd, ...unsigned(opcode)];
};
const at = (opcode: number, offset: number, ...operands: readonly Code[]): Code => {
  return [...simd(opcode, ...operands), 0, ...unsigned(offset)];
};

export const v128 = {
  zero: [...simd(0x0c), ...Array<number>(16).fill(0)] as Code,
  load: (address: Code, offset: number): Code => at(0x00, offset, address),
  /** Eight bytes, the other eight 0. */
  load64: (address: Code, offset: number): Code => at(0x5d, offset, address),
  /** Eight bytes, twice. */
  load64Splat: (address: Code, offset: number): Code => at(0x0a, offset, address),
  /** Four numbers of 16 bits as four of 32. */
  load16x4: (address: Code, offset: number): Code => at(0x04, offset, address),
  store: (address: Code, offset: number, value: Code): Code => at(0x0b, offset, address, value),
  /** The first eight bytes. */
  store64: (address: Code, offset: number, value: Code): Code => {
    return [...at(0x5b, offset, address, value), 0];
  },
};

export const i32x4 = {
  shiftLeft: (a: Code, bits: Code): Code => simd(0xab, a, bits),
};

export const f32x4 = {
  splat: (a: Code): Code => simd(0x13, a),
  add: (a: Code, b: Code): Code => simd(0xe4, a, b),
  multiply: (a: Code, b: Code): Code => simd(0xe6, a, b),
  divide: (a: Code, b: Code): Code => simd(0xe7, a, b),
  /** Two float64 rounded to f32, then two zeros. */
  demote: (a: Code): Code => simd(0x5e, a),
};

export const f64x2 = {
  splat: (a: Code): Code => simd(0x14, a),
  lane: (a: Code, lane: 0 | 1): Code => [...simd(0x21, a), lane],
  /** The first two f32 as float64. */
  promote: (a: Code): Code => simd(0x5f, a),
  squareRoot: (a: Code): Code => simd(0xef, a),
  add: (a: Code, b: Code): Code => simd(0xf0, a, b),
  subtract: (a: Code, b: Code): Code => simd(0xf1, a, b),
  multiply: (a: Code, b: Code): Code => simd(0xf2, a, b),
  divide: (a: Code, b: Code): Code => simd(0xf3, a, b),
  /** a·b + c, rounded once or twice, as the machine likes (relaxed SIMD). */
  relaxedMultiplyAdd: (a: Code, b: Code, c: Code): Code => simd(0x107, a, b, c),
};
