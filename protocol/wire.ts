/**
 * Frames: how values and their numbers in bulk are cut out of a stream of bytes. A frame is a fixed
 * head of 16 bytes, a packed header (MessagePack), and a payload of raw bytes that is copied once.
 *
 *     0  magic "ISOG"      4  version   5  kind   6  flags   7  zero
 *     8  header bytes (u32, little-endian)       12  payload bytes (u32, little-endian)
 */
import { assert } from './assert.ts';
import { IsoglossError } from './errors.ts';
import { packBehind, unpackValue } from './msgpack.ts';

/** What every node of a run must speak; part of each frame and of the stream protocols' names. */
export const PROTOCOL_VERSION = 5;
/** Bytes of a frame before its header. */
export const FRAME_HEAD_BYTES = 16;

const MAGIC = [0x49, 0x53, 0x4f, 0x47];
const HAS_PAYLOAD = 1;

/** `message`: for the actor; `link`: between two network layers (hello, addresses …). */
export type FrameKind = 'message' | 'link';
const KINDS: readonly FrameKind[] = ['message', 'link'];

export interface Frame {
  readonly kind: FrameKind;
  readonly header: unknown;
  /** In an ArrayBuffer of its own, so that it can be transferred. Undefined: the frame has none. */
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes that the frame took on the wire, head included. */
  readonly bytes: number;
}

export interface FrameLimits {
  readonly maxHeaderBytes: number;
  readonly maxPayloadBytes: number;
}

/** A frame announces more bytes than the limit; nothing was allocated for it. */
export class FrameTooLongError extends IsoglossError {
  override readonly name = 'FrameTooLongError';
  readonly part: 'header' | 'payload';
  readonly actual: number;
  readonly limit: number;

  constructor(part: 'header' | 'payload', actual: number, limit: number) {
    super(`a frame's ${part} is ${actual} bytes long, the limit is ${limit}`);
    this.part = part;
    this.actual = actual;
    this.limit = limit;
  }
}

/** A frame of another protocol version. */
export class FrameVersionError extends IsoglossError {
  override readonly name = 'FrameVersionError';
  readonly actual: number;
  readonly expected = PROTOCOL_VERSION;

  constructor(actual: number) {
    super(
      `a frame is of protocol version ${actual}, this node speaks ${PROTOCOL_VERSION}; ` +
        'run the same isogloss version on all nodes',
    );
    this.actual = actual;
  }
}

/** Bytes that are no frame. */
export class FrameMalformedError extends IsoglossError {
  override readonly name = 'FrameMalformedError';
}

/**
 * The bytes of a frame as chunks to be sent one after another; the last is `payload` itself, not a
 * copy, so it must not change until it is sent.
 */
export function encodeFrame(
  header: unknown,
  payload?: Uint8Array,
  kind: FrameKind = 'message',
): Uint8Array[] {
  const head = packBehind(FRAME_HEAD_BYTES, header);
  head.set(MAGIC);
  head[4] = PROTOCOL_VERSION;
  head[5] = KINDS.indexOf(kind);
  head[6] = payload === undefined ? 0 : HAS_PAYLOAD;
  const view = new DataView(head.buffer);
  view.setUint32(8, head.length - FRAME_HEAD_BYTES, true);
  view.setUint32(12, payload?.length ?? 0, true);
  assert((payload?.length ?? 0) < 2 ** 32, 'a payload is below 4 GiB');
  return payload === undefined || payload.length === 0 ? [head] : [head, payload];
}

interface Head {
  kind: FrameKind;
  hasPayload: boolean;
  headerBytes: number;
  payloadBytes: number;
}

/**
 * Cuts frames out of chunks of any size. Limits are checked before memory is taken; a payload's
 * memory is taken once, at its size. After an error the decoder is of no more use: push throws it
 * again.
 */
export class FrameDecoder {
  /** Hold from the next frame on. */
  limits: FrameLimits;
  readonly #headBytes = new Uint8Array(FRAME_HEAD_BYTES);
  #head: Head | null = null;
  #part: Uint8Array<ArrayBuffer> = this.#headBytes;
  #filled = 0;
  #header: { value: unknown } | null = null;
  #failure: IsoglossError | null = null;

  constructor(limits: FrameLimits) {
    this.limits = limits;
  }

  /** Whether the bytes so far end in the middle of a frame. */
  get isMidFrame(): boolean {
    return this.#head !== null || this.#filled > 0;
  }

  /**
   * Yields the frames that `chunk` completes; must be run to its end. Throws FrameTooLongError,
   * FrameVersionError or FrameMalformedError, after the frames that came before.
   */
  *push(chunk: Uint8Array): Generator<Frame, void> {
    if (this.#failure !== null) throw this.#failure;
    let at = 0;
    while (at < chunk.length) {
      const taken = Math.min(this.#part.length - this.#filled, chunk.length - at);
      this.#part.set(taken === chunk.length ? chunk : chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#part.length) continue;
      const frame = this.#completePart();
      if (frame !== null) yield frame;
    }
  }

  /** Moves on from a part that is full; gives the frame when it was the last. */
  #completePart(): Frame | null {
    this.#filled = 0;
    if (this.#head === null) {
      this.#head = this.#readHead();
      this.#part = new Uint8Array(this.#head.headerBytes);
      return null;
    }
    if (this.#header === null) {
      const unpacked = unpackValue(this.#part);
      if ('fault' in unpacked)
        throw this.#fail(new FrameMalformedError(`header: ${unpacked.fault}`));
      this.#header = unpacked;
      this.#part = new Uint8Array(this.#head.payloadBytes);
      if (this.#part.length > 0) return null;
    }
    const { kind, hasPayload, headerBytes, payloadBytes } = this.#head;
    const payload = hasPayload ? this.#part : undefined;
    const bytes = FRAME_HEAD_BYTES + headerBytes + payloadBytes;
    const frame: Frame = { kind, header: this.#header.value, payload, bytes };
    this.#head = null;
    this.#header = null;
    this.#part = this.#headBytes;
    return frame;
  }

  #readHead(): Head {
    const bytes = this.#headBytes;
    if (MAGIC.some((byte, i) => bytes[i] !== byte))
      throw this.#fail(new FrameMalformedError('the bytes are no frame: it begins otherwise'));
    const version = bytes[4]!;
    if (version !== PROTOCOL_VERSION) throw this.#fail(new FrameVersionError(version));
    const kind = KINDS[bytes[5]!];
    const flags = bytes[6]!;
    if (kind === undefined || flags > HAS_PAYLOAD || bytes[7] !== 0)
      throw this.#fail(new FrameMalformedError(`unknown kind ${bytes[5]} or flags ${flags}`));
    const view = new DataView(bytes.buffer);
    const headerBytes = view.getUint32(8, true);
    const payloadBytes = view.getUint32(12, true);
    const { maxHeaderBytes, maxPayloadBytes } = this.limits;
    if (headerBytes > maxHeaderBytes)
      throw this.#fail(new FrameTooLongError('header', headerBytes, maxHeaderBytes));
    if (payloadBytes > maxPayloadBytes)
      throw this.#fail(new FrameTooLongError('payload', payloadBytes, maxPayloadBytes));
    const hasPayload = flags === HAS_PAYLOAD;
    if (headerBytes === 0) throw this.#fail(new FrameMalformedError('a frame without a header'));
    if (!hasPayload && payloadBytes > 0)
      throw this.#fail(new FrameMalformedError('a payload that the flags deny'));
    return { kind, hasPayload, headerBytes, payloadBytes };
  }

  #fail(error: IsoglossError): IsoglossError {
    this.#failure = error;
    return error;
  }
}
