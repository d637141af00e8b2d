/**
 * A frame on the virtual wire: real bytes, made once and shared by all its receivers, and opened by
 * the real codec once for all of them that get it undamaged.
 */
import { type Opened, openHeader, type Seal, seal } from '../../protocol/claims.ts';
import type { Message } from '../../protocol/messages.ts';
import { type Version, versionOf } from '../../protocol/versions.ts';
import { encodeFrame, FrameDecoder, type FrameLimits } from '../../protocol/wire.ts';

/** Ample for the models that are simulated. */
export const FRAME_LIMITS: FrameLimits = { maxHeaderBytes: 2 ** 20, maxPayloadBytes: 2 ** 24 };

export interface OpenedFrame extends Opened {
  readonly payload: Uint8Array<ArrayBuffer> | undefined;
}

/** Who signs what it claims, and in which run. */
export interface Sender {
  readonly runId: string;
  readonly own: Seal;
  readonly nominalBytes?: number | undefined;
}

export class WireFrame {
  readonly chunks: readonly Uint8Array[];
  /** What it would take on a real wire. */
  readonly bytes: number;
  readonly hasPayload: boolean;
  readonly kind: Message['kind'];
  readonly version: Version | null;
  #opened: OpenedFrame | null = null;

  /** `payload` is copied; `nominalBytes` counts for it where it stands for more than it holds. */
  constructor(message: Message, payload: Uint8Array | null, { runId, own, nominalBytes }: Sender) {
    const header = seal(runId, message, own);
    this.chunks = encodeFrame(header, payload === null ? undefined : payload.slice());
    this.kind = message.kind;
    this.version = versionOf(message);
    this.hasPayload = payload !== null;
    const length = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.bytes = length + (nominalBytes ?? payload?.length ?? 0) - (payload?.length ?? 0);
  }

  /** What the receivers read. Not to be written to. */
  open(): OpenedFrame {
    if (this.#opened === null) {
      const decoder = new FrameDecoder(FRAME_LIMITS);
      const frames = this.chunks.flatMap((chunk) => [...decoder.push(chunk)]);
      const { header, payload } = frames[0]!;
      this.#opened = { ...openHeader(header), payload };
    }
    return this.#opened;
  }

  /** All bytes in one piece, in memory that the caller may change. */
  joined(): Uint8Array {
    const length = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
