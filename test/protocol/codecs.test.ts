/** The tensor codecs against a reference that works on bits, and where they must refuse. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { decode, encode, encodedBytes, roundTrip } from '../../protocol/codecs.ts';

const floatOf = (bits: number) => new Float32Array(new Uint32Array([bits]).buffer)[0]!;
const bitsOf = (values: Float32Array) =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/** bf16 bits of an f32 by comparing its two neighbours in exact integer arithmetic. */
function referenceBf16(bits: bigint): bigint {
  const sign = bits >> 31n;
  const magnitude = bits & 0x7fffffffn;
  if (magnitude > 0x7f800000n) return (bits >> 16n) | 0x40n;
  const below = magnitude >> 16n;
  const rest = magnitude & 0xffffn;
  const up = rest > 0x8000n || (rest === 0x8000n && (below & 1n) === 1n);
  return (sign << 15n) | (below + (up ? 1n : 0n));
}

const special = [
  0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x00008000, 0x00008001, 0x00018000, 0x007fffff,
  0x00800000, 0x3f800000, 0x3f808000, 0x3f818000, 0x3f808001, 0x3f807fff, 0x7f7fffff, 0xff7fffff,
  0x7f7f7fff, 0x7f7f8000, 0x7f800000, 0xff800000, 0x7f800001, 0xff800001, 0x7fc00000, 0x7fffffff,
  0xffffffff,
];

function checkBf16(
  t: { is(actual: unknown, expected: unknown, message?: string): unknown },
  bits: number[],
) {
  const values = new Float32Array(new Uint32Array(bits).buffer);
  const halves = new DataView(encode('bf16', values).buffer);
  for (const [i, word] of bits.entries()) {
    const expected = Number(referenceBf16(BigInt(word >>> 0)));
    t.is(halves.getUint16(2 * i, true), expected, `f32 bits 0x${(word >>> 0).toString(16)}`);
  }
}

test('bf16 of zeros, subnormals, ties, infinities and NaN is what the bits say', (t) => {
  checkBf16(t, special);
  t.true(Number.isNaN(decode('bf16', encode('bf16', Float32Array.of(Number.NaN)), 1)[0]));
  t.is(decode('bf16', encode('bf16', Float32Array.of(Number.NEGATIVE_INFINITY)), 1)[0], -Infinity);
  t.is(decode('bf16', encode('bf16', Float32Array.of(floatOf(0x7f7fffff))), 1)[0], Infinity);
});

testProp(
  'bf16 of any bits is what the bit-level reference says',
  [fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 64 })],
  (t, bits) => checkBf16(t, bits),
  { seed: 5 },
);

testProp(
  'a round trip equals decoding what was encoded, and a second one changes nothing',
  [fc.constantFrom('f32' as const, 'bf16' as const), fc.float32Array({ maxLength: 64 })],
  (t, codec, values) => {
    const decoded = decode(codec, encode(codec, values), values.length);
    const copy = values.slice();
    roundTrip(codec, copy);
    t.deepEqual(bitsOf(copy), bitsOf(decoded));
    roundTrip(codec, copy);
    t.deepEqual(bitsOf(copy), bitsOf(decoded));
  },
  { seed: 5 },
);

test('bytes are little-endian and as many as announced', (t) => {
  const values = Float32Array.of(1, -2);
  t.deepEqual([...encode('f32', values)], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  t.deepEqual([...encode('bf16', values)], [0x80, 0x3f, 0, 0xc0]);
  t.is(encodedBytes('f32', 3), 12);
  t.is(encodedBytes('bf16', 3), 6);
});

test('bytes at an odd place in a buffer decode, and a wrong size throws', (t) => {
  const shifted = new Uint8Array(9).subarray(1);
  shifted.set(encode('f32', Float32Array.of(1.5, 2.5)));
  t.deepEqual([...decode('f32', shifted, 2)], [1.5, 2.5]);
  t.deepEqual([...decode('bf16', shifted.subarray(0, 4), 2)].length, 2);
  t.throws(() => decode('f32', shifted, 3), { message: /8 bytes, expected 12/ });
  t.throws(() => decode('bf16', shifted, 3), { message: /8 bytes, expected 6/ });
});
