/**
 * One stream between two nodes: frames go out through a queue that respects the stream's
 * backpressure, and come in through a pipeline that cuts them out of the bytes.
 */
import type { Stream } from '@libp2p/interface';
import { pipe } from 'it-pipe';
import { Uint8ArrayList } from 'uint8arraylist';
import { IsoglossError } from '../../protocol/errors.ts';
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

export class Channel {
  readonly #stream: Stream;
  readonly #ports: ChannelPorts;
  readonly #queue: Uint8Array[] = [];
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

  /** Queues chunks; what is queued in one turn leaves in as few writes as possible. */
  send(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
    }
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
      const chunk = this.#queue[used]!;
      const room = WRITE_BYTES - write.byteLength;
      if (chunk.length > room) {
        write.append(chunk.subarray(0, room));
        this.#queue[used] = chunk.subarray(room);
        break;
      }
      if (chunk.length > 0) write.append(chunk);
      used++;
    }
    this.#queue.splice(0, used);
    this.#queuedBytes -= write.byteLength;
    return write;
  }
}
