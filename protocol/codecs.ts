/**
 * Tensor codecs: how f32 values are written on the wire, in hashes and in checkpoints. A lossy
 * codec is part of the function that a run computes, so it is applied also where nothing is sent.
 */
import { assert } from './assert.ts';

export type CodecName = 'f32' | 'bf16';

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
assert(
  LITTLE_ENDIAN,
  'this machine is big-endian; the codecs write little-endian bytes by viewing them',
);

/** Bytes that `length` values take. */
export function encodedBytes(codec: CodecName, length: number): number {
  return length * (codec === 'f32' ? 4 : 2);
}

/** Little-endian bytes. For f32 a view of `values`, not a copy; for bf16 new memory. */
export function encode(codec: CodecName, values: Float32Array): Uint8Array {
  if (codec === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = roundToBf16(bits[i]!) >>> 16;
  return new Uint8Array(halves.buffer);
}

/** The values that `bytes` stand for, in new memory. `bytes` must be exactly as long as needed. */
export function decode(codec: CodecName, bytes: Uint8Array, length: number): Float32Array {
  const expected = encodedBytes(codec, length);
  assert(
    bytes.length === expected,
    `${bytes.length} bytes, expected ${expected} for ${length} values`,
  );
  const values = new Float32Array(length);
  if (codec === 'f32') {
    new Uint8Array(values.buffer).set(bytes);
    return values;
  }
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < length; i++)
    bits[i] = ((bytes[2 * i]! | (bytes[2 * i + 1]! << 8)) << 16) >>> 0;
  return values;
}

/** As `decode`, of bytes that are the caller's to give: in their memory, where that can be. */
export function decodeOwn(codec: CodecName, bytes: Uint8Array, length: number): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = codec === 'f32' && byteOffset === 0 && buffer.byteLength === byteLength;
  if (!isWhole || byteLength !== encodedBytes(codec, length)) return decode(codec, bytes, length);
  return new Float32Array(buffer);
}

/** Replaces values by what decoding their encoded form gives, in place. */
export function roundTrip(codec: CodecName, values: Float32Array): void {
  if (codec === 'f32') return;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = roundToBf16(bits[i]!);
}

/** Nearest bf16 of an f32, both as bits; ties to even. A NaN stays one and keeps its sign. */
function roundToBf16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits | 0x00400000) & 0xffff0000) >>> 0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0;
}
