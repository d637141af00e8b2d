/** One direction of a connection through a proxy: gives bytes on as the wire has it. */
import type { Socket } from 'node:net';
import type { Wire } from './wire.ts';

/** Bytes that wait here before the sender has to. */
const QUEUE_BYTES_MAX = 1 << 20;

export class Pipe {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #wire: Wire;
  readonly #queue: { bytes: Uint8Array; comesMs: number }[] = [];
  #queuedBytes = 0;
  /** Nothing leaves earlier: bytes keep their order, and narrow wires their pace. */
  #freeMs = 0;
  #busy = false;
  #hasEnded = false;

  constructor(source: Socket, target: Socket, wire: Wire) {
    this.#source = source;
    this.#target = target;
    this.#wire = wire;
    source.on('data', (bytes: Buffer) => {
      this.#queue.push({ bytes, comesMs: performance.now() });
      this.#queuedBytes += bytes.length;
      if (this.#queuedBytes > QUEUE_BYTES_MAX) source.pause();
      this.#pump();
    });
    source.on('end', () => this.#end());
    source.on('close', () => this.#end());
    source.on('error', () => this.#end());
    target.on('drain', () => this.#pump());
  }

  #end(): void {
    this.#hasEnded = true;
    this.#pump();
  }

  #pump(): void {
    if (this.#busy || this.#target.destroyed) return;
    while (this.#queue.length > 0 || this.#hasEnded) {
      if (this.#wire.isBlocked) {
        this.#busy = true;
        this.#wire.whenOpen(() => this.#resume());
        return;
      }
      const first = this.#queue.shift();
      if (first === undefined) {
        this.#target.end();
        return;
      }
      const { piece, rest } = this.#cut(first.bytes);
      if (rest !== null) this.#queue.unshift({ ...first, bytes: rest });
      this.#queuedBytes -= piece.length;
      if (!this.#give(piece, first.comesMs)) return;
    }
  }

  #cut(bytes: Uint8Array): { piece: Uint8Array; rest: Uint8Array | null } {
    const most = this.#wire.pieceBytesMax;
    if (most === null || bytes.length <= most) return { piece: bytes, rest: null };
    return { piece: bytes.subarray(0, most), rest: bytes.subarray(most) };
  }

  /** Whether the next one may follow at once. */
  #give(piece: Uint8Array, comesMs: number): boolean {
    const { delayMs, isLast, bytes } = this.#wire.pass(piece);
    const { bytesPerS } = this.#wire;
    const takesMs = bytesPerS === null ? 0 : (1000 * bytes.length) / bytesPerS;
    const nowMs = performance.now();
    this.#freeMs = Math.max(this.#freeMs, comesMs + delayMs) + takesMs;
    if (this.#freeMs <= nowMs) return this.#write(bytes, isLast);
    this.#busy = true;
    setTimeout(() => {
      if (this.#write(bytes, isLast)) this.#resume();
      else this.#busy = false;
    }, this.#freeMs - nowMs);
    return false;
  }

  /** Whether the next one may follow at once; if not, 'drain' goes on. */
  #write(bytes: Uint8Array, isLast: boolean): boolean {
    if (this.#target.destroyed) return false;
    const hasRoom = this.#target.write(bytes);
    if (isLast) {
      this.#target.destroySoon();
      this.#source.destroy();
      return false;
    }
    if (this.#queuedBytes <= QUEUE_BYTES_MAX && this.#source.isPaused()) this.#source.resume();
    return hasRoom;
  }

  #resume(): void {
    this.#busy = false;
    this.#pump();
  }
}
