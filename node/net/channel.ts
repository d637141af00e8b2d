/**
 * One stream between two nodes: frames go out through a queue that respects the stream's
 * backpressure, and come in through a pipeline that cuts them out of the bytes.
 */
import type { Stream } from '@libp2p/interface';
import { pipe } from 'it-pipe';
import { Uint8ArrayList } from 'uint8arraylist';
import { IsoglossError } from '../../protocol/errors.ts';
import type { Version } from '../../protocol/versions.ts';
import { type Frame, FrameDecoder, type FrameLimits } from '../../protocol/wire.ts';

/** One write: what yamux's header of 12 bytes leaves of one noise message (65535 less its tag). */
export const WRITE_BYTES = 65535 - 16 - 12;
/**
 * Bytes handed to a stream that waits for its drain event, so that the next burst is at hand when
 * it comes; more would only make a control frame of the same connection wait longer.
 */
const HANDED_OVER_BYTES_MAX = 4 * WRITE_BYTES;

export interface ChannelPorts {
  readonly limits: FrameLimits;
  /** Called for each frame, in order. An IsoglossError that it throws ends the channel. */
  readonly onFrame: (frame: Frame) => void;
  /** An IsoglossError: what was read is no good. Another error, or null: the stream ended. */
  readonly onEnd: (error: Error | null) => void;
  readonly onBytes: (direction: 'sent' | 'received', bytes: number) => void;
}

/** A frame that waits, or what is left of the one that is leaving. */
interface Waiting {
  chunks: readonly Uint8Array[];
  version: Version | null;
}

export class Channel {
  readonly #stream: Stream;
  readonly #ports: ChannelPorts;
  readonly #queue: Waiting[] = [];
  /** Frames of which nothing has left yet and that a newer version may take the place of. */
  readonly #stale = new Map<string, Waiting>();
  #queuedBytes = 0;
  #isPumpDue = false;
  #decoder: FrameDecoder;

  constructor(stream: Stream, ports: ChannelPorts) {
    this.#stream = stream;
    this.#ports = ports;
    this.#decoder = new FrameDecoder(ports.limits);
    stream.addEventListener('drain', () => this.#pump());
  }

  /** Bytes that were not handed to the stream yet, and those that it has not passed on. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#stream.writeBufferLength;
  }

  /** How many of the queued bytes a newer version would take the place of. */
  replaceable({ of, number }: Version): number {
    const older = this.#stale.get(of);
    return older?.version && older.version.number < number ? bytesOf(older.chunks) : 0;
  }

  /**
   * Queues the chunks of a frame, in the place of an older version of the same where one waits;
   * what is queued in one turn leaves in as few writes as possible.
   */
  send(chunks: readonly Uint8Array[], version: Version | null = null): void {
    const bytes = bytesOf(chunks);
    const replaced = version === null ? 0 : this.replaceable(version);
    this.#queuedBytes += bytes - replaced;
    if (version !== null && replaced > 0) {
      const older = this.#stale.get(version.of)!;
      older.chunks = chunks;
      older.version = version;
      return;
    }
    const waiting = { chunks, version };
    this.#queue.push(waiting);
    if (version !== null && !this.#stale.has(version.of)) this.#stale.set(version.of, waiting);
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Starts to read, until the stream ends or something throws. */
  read(): void {
    pipe(
      this.#stream,
      (source) => this.#frames(source),
      async (frames) => {
        for await (const frame of frames) this.#deliver(frame);
      },
    ).then(
      () => this.#ports.onEnd(null),
      (error: Error) => this.#ports.onEnd(error),
    );
  }

  /** From the next frame on, other limits hold. Call it between frames, from onFrame. */
  setLimits(limits: FrameLimits): void {
    this.#decoder.limits = limits;
  }

  async *#frames(source: AsyncIterable<Uint8Array | Uint8ArrayList>): AsyncGenerator<Frame> {
    for await (const data of source) {
      this.#ports.onBytes('received', data.byteLength);
      const chunks = data instanceof Uint8Array ? [data] : data;
      for (const chunk of chunks) yield* this.#decoder.push(chunk);
    }
  }

  #deliver(frame: Frame): void {
    try {
      this.#ports.onFrame(frame);
    } catch (error) {
      if (error instanceof IsoglossError) throw error;
      // A mistake of ours, not the peer's: it must not look like a broken connection.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #pump(): void {
    const stream = this.#stream;
    while (this.#queuedBytes > 0 && stream.writeStatus === 'writable') {
      if (stream.writableNeedsDrain && stream.writeBufferLength >= HANDED_OVER_BYTES_MAX) return;
      const write = this.#takeWrite();
      this.#ports.onBytes('sent', write.byteLength);
      try {
        stream.send(write);
      } catch (error) {
        // The stream broke; its reading end reports it too, whichever is first counts.
        this.#ports.onEnd(error as Error);
        return;
      }
    }
  }

  /** Up to WRITE_BYTES from the front of the queue. */
  #takeWrite(): Uint8ArrayList {
    const write = new Uint8ArrayList();
    let used = 0;
    while (used < this.#queue.length && write.byteLength < WRITE_BYTES) {
      const waiting = this.#queue[used]!;
      const { version } = waiting;
      if (version !== null && this.#stale.get(version.of) === waiting) {
        this.#stale.delete(version.of);
      }
      waiting.chunks = takeInto(write, waiting.chunks);
      if (waiting.chunks.length === 0) used++;
    }
    this.#queue.splice(0, used);
    this.#queuedBytes -= write.byteLength;
    return write;
  }
}

function bytesOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** Adds chunks to a write until it is full; gives those that are left. */
function takeInto(write: Uint8ArrayList, chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  for (const [i, chunk] of chunks.entries()) {
    const room = WRITE_BYTES - write.byteLength;
    if (chunk.length > room) {
      if (room > 0) write.append(chunk.subarray(0, room));
      return [chunk.subarray(room), ...chunks.slice(i + 1)];
    }
    if (chunk.length > 0) write.append(chunk);
  }
  return [];
}
