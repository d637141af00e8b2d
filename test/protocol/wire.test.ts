/** Frames survive any cut of the stream; anything else is refused by name and takes no memory. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IsoglossError } from '../../protocol/errors.ts';
import {
  encodeFrame,
  FRAME_HEAD_BYTES,
  type Frame,
  FrameDecoder,
  type FrameKind,
  PROTOCOL_VERSION,
} from '../../protocol/wire.ts';

const LIMITS = { maxHeaderBytes: 4096, maxPayloadBytes: 4096 };

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

/** Cuts bytes at the given places (taken modulo the length). */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...sorted, bytes.length].map((end, i) => bytes.subarray(sorted[i - 1] ?? 0, end));
}

function decodeAll(chunks: readonly Uint8Array[], limits = LIMITS): Frame[] {
  const decoder = new FrameDecoder(limits);
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
}

const value = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
  ),
  key: fc.string({ maxLength: 8 }).filter((key) => key !== '__proto__'),
  any: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(tie('key') as fc.Arbitrary<string>, tie('any'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).any;

const frame = fc.record({
  header: value,
  payload: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
  kind: fc.constantFrom<FrameKind>('message', 'link'),
});

/** Byte strings come back as views; compare them as plain arrays. */
function plain(item: unknown): unknown {
  if (item instanceof Uint8Array) return { bytes: [...item] };
  if (Array.isArray(item)) return item.map(plain);
  if (typeof item === 'object' && item !== null)
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, plain(inner)]));
  return Object.is(item, -0) ? 0 : item;
}

testProp(
  'any cut of the stream gives the same frames',
  [fc.array(frame, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 })],
  (t, frames, places) => {
    const chunks = frames.flatMap(({ header, payload, kind }) =>
      encodeFrame(header, payload, kind),
    );
    const bytes = concatenate(chunks);
    const decoded = decodeAll(cut(bytes, places));
    t.deepEqual(
      decoded.map(({ kind, header, payload }) => plain({ kind, header, payload: payload ?? null })),
      frames.map(({ kind, header, payload }) => plain({ kind, header, payload: payload ?? null })),
    );
    t.is(
      decoded.reduce((sum, { bytes: each }) => sum + each, 0),
      bytes.length,
    );
  },
  { seed: 7 },
);

/** Runs `action` and gives the sizes of the byte arrays that it made. */
function allocationsOf(action: () => void): number[] {
  const sizes: number[] = [];
  const Original = globalThis.Uint8Array;
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args: [never], newTarget) {
      if (typeof args[0] === 'number') sizes.push(args[0]);
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    action();
  } finally {
    globalThis.Uint8Array = Original;
  }
  return sizes;
}

const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  // A right beginning, so that what follows is looked at.
  fc
    .tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.uint8Array({ minLength: 8, maxLength: 300 }))
    .map(([kind, flags, rest]) =>
      concatenate([Uint8Array.of(0x49, 0x53, 0x4f, 0x47, PROTOCOL_VERSION, kind, flags, 0), rest]),
    ),
  fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((header) => concatenate([headOf(header.length, 0), header])),
);

function headOf(headerBytes: number, payloadBytes: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD_BYTES);
  head.set([0x49, 0x53, 0x4f, 0x47, PROTOCOL_VERSION, 0, payloadBytes > 0 ? 1 : 0, 0]);
  new DataView(head.buffer).setUint32(8, headerBytes, true);
  new DataView(head.buffer).setUint32(12, payloadBytes, true);
  return head;
}

testProp.serial(
  'whatever bytes arrive, only typed errors are thrown and no memory beyond the limits is taken',
  [hostile, fc.array(fc.nat(), { maxLength: 4 })],
  (t, bytes, places) => {
    const sizes = allocationsOf(() => {
      try {
        decodeAll(cut(bytes, places));
      } catch (error) {
        t.true(error instanceof IsoglossError, String(error));
      }
    });
    t.true(sizes.every((size) => size <= LIMITS.maxHeaderBytes));
  },
  { seed: 7, numRuns: 1000 },
);

testProp(
  'a damaged frame never gives anything but frames or a typed error',
  [frame, fc.nat(), fc.integer({ min: 1, max: 255 })],
  (t, { header, payload, kind }, place, flip) => {
    const bytes = concatenate(encodeFrame(header, payload, kind));
    bytes[place % bytes.length]! ^= flip;
    try {
      decodeAll([bytes]);
      t.pass();
    } catch (error) {
      t.true(error instanceof IsoglossError, String(error));
    }
  },
  { seed: 7, numRuns: 500 },
);

test('a frame that is too long is refused before memory is taken for it', (t) => {
  const sizes = allocationsOf(() => {
    const error = t.throws(() => decodeAll([headOf(10, 2 ** 32 - 1)]), {
      name: 'FrameTooLongError',
    });
    t.regex(error?.message ?? '', /payload is 4294967295 bytes long, the limit is 4096/);
    t.throws(() => decodeAll([headOf(4097, 0)]), { name: 'FrameTooLongError', message: /header/ });
  });
  t.true(sizes.every((size) => size <= FRAME_HEAD_BYTES));
});

test('a frame of another version says both versions', (t) => {
  const bytes = concatenate(encodeFrame({ kind: 'x' }));
  bytes[4] = 9;
  t.throws(() => decodeAll([bytes]), { name: 'FrameVersionError', message: /version 9.*speaks 5/ });
});

test('frames before a malformed one arrive, and the decoder stays shut after it', (t) => {
  const decoder = new FrameDecoder(LIMITS);
  const good = encodeFrame({ kind: 'x' });
  const seen: Frame[] = [];
  const run = () => {
    for (const each of decoder.push(concatenate([...good, new Uint8Array(16), ...good])))
      seen.push(each);
  };
  t.throws(run, { name: 'FrameMalformedError' });
  t.is(seen.length, 1);
  t.throws(() => [...decoder.push(concatenate(good))], { name: 'FrameMalformedError' });
});

test('types that JSON does not know are refused on arrival and cannot be sent', (t) => {
  const refused: [string, number[]][] = [
    ['undefined, an extension', [0xd4, 0x00, 0x00]],
    ['a record definition of msgpackr', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01]],
    ['a timestamp', [0xd6, 0xff, 0, 0, 0, 0]],
    ['a 64-bit integer', [0xcf, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['an array that lies about its length', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a key that is a number', [0x81, 0x01, 0x01]],
    ['deep nesting', [...Array<number>(40).fill(0x91), 0x01]],
    ['trailing bytes', [0x01, 0x01]],
  ];
  for (const [what, bytes] of refused) {
    const chunks = [headOf(bytes.length, 0), Uint8Array.from(bytes)];
    t.throws(() => decodeAll(chunks), { name: 'FrameMalformedError' }, what);
  }
  for (const header of [undefined, { a: undefined }, new Date(0), 1n])
    t.throws(() => encodeFrame(header), { name: 'AssertionError' });
});

test('a payload is sent without a copy and received in a buffer of its own', (t) => {
  const payload = Uint8Array.from({ length: 1000 }, (_, i) => i);
  const chunks = encodeFrame({ kind: 'x' }, payload);
  t.is(chunks.at(-1), payload);
  const [received] = decodeAll(cut(concatenate(chunks), [3, 20, 500]));
  t.deepEqual(received?.payload, payload);
  t.is(received?.payload?.buffer.byteLength, payload.length);
  const [empty] = decodeAll([concatenate(encodeFrame({ kind: 'x' }, new Uint8Array(0)))]);
  t.is(empty?.payload?.length, 0);
});
