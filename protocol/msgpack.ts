/**
 * Packing of small values as MessagePack, restricted to what JSON knows plus bytes and all floats.
 * Bytes of a peer are walked once before anything is built from them, so that a lying length, an
 * extension type or a deep nesting costs nothing; msgpackr alone would believe them.
 */
import { Packr, Unpackr } from 'msgpackr';
import { assert } from './assert.ts';

/** Nesting beyond this is nothing that we say; keeps recursion shallow. */
const DEPTH_MAX = 16;

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** Packs a value. What the other side would refuse (undefined, Date, BigInt …) is an assertion. */
export function packValue(value: unknown): Uint8Array {
  const packed = packr.pack(value);
  const fault = findFault(packed);
  assert(fault === null, `a value to be sent does not fit the wire: ${fault}`);
  return packed;
}

/** The value, or what is wrong with the bytes. Views of byte strings point into `bytes`. */
export function unpackValue(bytes: Uint8Array): { value: unknown } | { fault: string } {
  const fault = findFault(bytes);
  if (fault !== null) return { fault };
  try {
    return { value: unpackr.unpack(bytes) };
  } catch (cause) {
    return { fault: `not unpacked: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

/** What keeps `bytes` from being exactly one allowed value; null if nothing does. */
function findFault(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values still expected, innermost container last; `keys`: names alternate with values. */
  const open: { left: number; keys: boolean }[] = [{ left: 1, keys: false }];
  let at = 0;
  while (open.length > 0) {
    const container = open[open.length - 1]!;
    if (container.left === 0) {
      open.pop();
      continue;
    }
    if (at >= bytes.length) return 'it ends too early';
    const isKey = container.keys && container.left % 2 === 0;
    container.left--;
    const element = readElement(view, at);
    if (element === null) return `type 0x${bytes[at]!.toString(16)} at byte ${at} is not allowed`;
    if (isKey && element.kind !== 'string') return `the key at byte ${at} is no string`;
    at += element.bytes;
    if (at > bytes.length) return 'it ends too early';
    if (element.items === 0) continue;
    // Every item takes a byte at least, so a count that lies is seen before memory is taken for it.
    if (element.items > bytes.length - at) return 'a container is longer than the bytes';
    if (open.length >= DEPTH_MAX) return `nested deeper than ${DEPTH_MAX}`;
    open.push({ left: element.items, keys: element.kind === 'map' });
  }
  return at === bytes.length ? null : `${bytes.length - at} bytes follow it`;
}

interface Element {
  kind: 'scalar' | 'string' | 'array' | 'map';
  /** Bytes of the element itself, without the items of a container. */
  bytes: number;
  items: number;
}

/** Reads the head at `at`; null for a type that we never send. May claim bytes beyond the view. */
function readElement(view: DataView, at: number): Element | null {
  const type = view.getUint8(at);
  if (type <= 0x7f || type >= 0xe0) return { kind: 'scalar', bytes: 1, items: 0 };
  if (type <= 0x8f) return { kind: 'map', bytes: 1, items: 2 * (type & 0x0f) };
  if (type <= 0x9f) return { kind: 'array', bytes: 1, items: type & 0x0f };
  if (type <= 0xbf) return { kind: 'string', bytes: 1 + (type & 0x1f), items: 0 };
  const size = SCALAR_BYTES[type];
  if (size !== undefined) return { kind: 'scalar', bytes: 1 + size, items: 0 };
  const sized = SIZED[type];
  if (sized === undefined) return null;
  const { kind, sizeBytes } = sized;
  if (at + 1 + sizeBytes > view.byteLength) return { kind, bytes: 1 + sizeBytes, items: 0 };
  const length =
    sizeBytes === 1
      ? view.getUint8(at + 1)
      : sizeBytes === 2
        ? view.getUint16(at + 1)
        : view.getUint32(at + 1);
  const head = 1 + sizeBytes;
  if (kind === 'map') return { kind, bytes: head, items: 2 * length };
  if (kind === 'array') return { kind, bytes: head, items: length };
  return { kind, bytes: head + length, items: 0 };
}

/** Nil, false, true, floats and integers of at most 32 bits; larger integers travel as floats. */
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  208: 1,
  209: 2,
  210: 4,
};

/** Types whose length follows: byte strings, strings, arrays and maps. */
const SIZED: Readonly<Record<number, { kind: Element['kind']; sizeBytes: 1 | 2 | 4 }>> = {
  196: { kind: 'scalar', sizeBytes: 1 },
  197: { kind: 'scalar', sizeBytes: 2 },
  198: { kind: 'scalar', sizeBytes: 4 },
  217: { kind: 'string', sizeBytes: 1 },
  218: { kind: 'string', sizeBytes: 2 },
  219: { kind: 'string', sizeBytes: 4 },
  220: { kind: 'array', sizeBytes: 2 },
  221: { kind: 'array', sizeBytes: 4 },
  222: { kind: 'map', sizeBytes: 2 },
  223: { kind: 'map', sizeBytes: 4 },
};
