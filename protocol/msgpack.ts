/**
 * Packing of small values as MessagePack, restricted to what JSON knows plus bytes and all floats.
 * Bytes of a peer are walked once before anything is built from them, so that a lying length, an
 * extension type or a deep nesting costs nothing; msgpackr alone would believe them.
 */
import { Packr, RESET_BUFFER_MODE, Unpackr } from 'msgpackr';
import { assert } from './assert.ts';

/** Nesting beyond this is nothing that we say; keeps recursion shallow. */
const DEPTH_MAX = 16;

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** Packs a value. What the other side would refuse (undefined, Date, BigInt …) is an assertion. */
export function packValue(value: unknown): Uint8Array {
  const packed = packr.pack(value);
  refuseFault(packed);
  return packed;
}

/** The same behind so many bytes that are left free, in memory of its own: for what is small. */
export function packBehind(freeBytes: number, value: unknown): Uint8Array {
  // The packer writes into the same memory again and again.
  const packed = packr.pack(value, RESET_BUFFER_MODE);
  refuseFault(packed);
  const own = new Uint8Array(freeBytes + packed.length);
  own.set(packed, freeBytes);
  return own;
}

function refuseFault(packed: Uint8Array): void {
  const fault = findFault(packed);
  assert(fault === null, `a value to be sent does not fit the wire: ${fault}`);
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
  /** Of the containers around a value, innermost last: values still expected. */
  const left = [1];
  /** And whether names alternate with them. */
  const isMap = [false];
  const element: Element = { kind: 'scalar', bytes: 0, items: 0 };
  let at = 0;
  while (left.length > 0) {
    const inner = left.length - 1;
    if (left[inner] === 0) {
      left.pop();
      isMap.pop();
      continue;
    }
    if (at >= bytes.length) return 'it ends too early';
    const isKey = isMap[inner] && left[inner]! % 2 === 0;
    left[inner]!--;
    if (!readElement(bytes, at, element))
      return `type 0x${bytes[at]!.toString(16)} at byte ${at} is not allowed`;
    if (isKey && element.kind !== 'string') return `the key at byte ${at} is no string`;
    at += element.bytes;
    if (at > bytes.length) return 'it ends too early';
    if (element.items === 0) continue;
    // Every item takes a byte at least, so a count that lies is seen before memory is taken for it.
    if (element.items > bytes.length - at) return 'a container is longer than the bytes';
    if (left.length >= DEPTH_MAX) return `nested deeper than ${DEPTH_MAX}`;
    left.push(element.items);
    isMap.push(element.kind === 'map');
  }
  return at === bytes.length ? null : `${bytes.length - at} bytes follow it`;
}

interface Element {
  kind: 'scalar' | 'string' | 'array' | 'map';
  /** Bytes of the element itself, without the items of a container. */
  bytes: number;
  items: number;
}

/**
 * Reads the head at `at` into `element`, one for all of a value's; false for a type that we never
 * send. May claim bytes beyond those that are here.
 */
function readElement(bytes: Uint8Array, at: number, element: Element): boolean {
  const type = bytes[at]!;
  if (type <= 0x7f || type >= 0xe0) return set(element, 'scalar', 1, 0);
  if (type <= 0x8f) return set(element, 'map', 1, 2 * (type & 0x0f));
  if (type <= 0x9f) return set(element, 'array', 1, type & 0x0f);
  if (type <= 0xbf) return set(element, 'string', 1 + (type & 0x1f), 0);
  const size = SCALAR_BYTES[type];
  if (size !== undefined) return set(element, 'scalar', 1 + size, 0);
  const sized = SIZED[type];
  if (sized === undefined) return false;
  const { kind, sizeBytes } = sized;
  const head = 1 + sizeBytes;
  if (at + head > bytes.length) return set(element, kind, head, 0);
  let length = 0;
  for (let i = 1; i <= sizeBytes; i++) length = length * 256 + bytes[at + i]!;
  if (kind === 'map') return set(element, kind, head, 2 * length);
  if (kind === 'array') return set(element, kind, head, length);
  return set(element, kind, head + length, 0);
}

function set(element: Element, kind: Element['kind'], bytes: number, items: number): true {
  element.kind = kind;
  element.bytes = bytes;
  element.items = items;
  return true;
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
