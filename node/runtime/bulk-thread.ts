/** The main thread's side of the bulk thread: requests in order, events back as they come. */
import { Worker } from 'node:worker_threads';
import { defined } from '../../protocol/assert.ts';
import type { ValueHashes } from '../../protocol/hashes.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { BulkEffect, BulkEvent, SliceEvent } from '../actor/index.ts';
import type { BulkOptions, StoredArrays } from '../bulk/index.ts';
import type { BucketArrays } from '../store/index.ts';
import type { BulkReply, BulkRequest } from './bulk-messages.ts';
import { fromThread } from './errors.ts';
import { type Bag, Mailbag } from './mailbag.ts';

/** `.ts` in the checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

export class BulkThread {
  readonly #worker: Worker;
  readonly #requests: Mailbag<BulkRequest>;
  readonly #asked = new Map<number, (answer: unknown) => void>();
  #nextId = 0;

  /** `onEvent` is told what the actor waits for; `onError` that the thread is lost. */
  constructor(
    options: BulkOptions,
    onEvent: (event: BulkEvent) => void,
    onError: (error: Error) => void,
  ) {
    const entry = new URL(`./bulk-worker${EXTENSION}`, import.meta.url);
    this.#worker = new Worker(entry, { workerData: options });
    this.#requests = new Mailbag(this.#worker);
    this.#worker.on('error', (error) => onError(fromThread(error)));
    this.#worker.on('message', (replies: Bag<BulkReply>) => {
      for (const reply of replies) {
        if (reply.kind === 'event') onEvent(reply.event);
        else this.#answer(reply.id, reply.answer);
      }
    });
  }

  /** Takes in the base; the hashes of value(0, b) by bucket. */
  async loadBase(base: Float32Array): Promise<ValueHashes[]> {
    return (await this.#ask((id) => ({ kind: 'loadBase', id, base }))) as ValueHashes[];
  }

  /** Takes in a bucket of a checkpoint; undefined where the arrays are not those of one. */
  async load(step: number, bucket: number, arrays: StoredArrays): Promise<ValueHashes | undefined> {
    const load = (id: number) => ({ kind: 'load', id, step, bucket, arrays }) as const;
    return (await this.#ask(load)) as ValueHashes | undefined;
  }

  /** What a checkpoint keeps of these buckets; to be asked for as soon as the step is reached. */
  async stored(step: number, buckets: readonly number[]): Promise<BucketArrays[]> {
    return (await this.#ask((id) => ({ kind: 'stored', id, step, buckets }))) as BucketArrays[];
  }

  /** A value's encoded form, in memory of its own. */
  async encoded(key: ValueKey): Promise<Uint8Array> {
    return (await this.#ask((id) => ({ kind: 'encoded', id, key }))) as Uint8Array;
  }

  /** The published parameters of a step by bucket, in memory of their own. */
  async published(step: number): Promise<Float32Array[]> {
    return (await this.#ask((id) => ({ kind: 'published', id, step }))) as Float32Array[];
  }

  slice(slice: SliceEvent, values: Float32Array | null): void {
    const whole = values !== null && values.byteLength === values.buffer.byteLength;
    this.#post({ kind: 'slice', slice, values }, whole ? [values.buffer as ArrayBuffer] : []);
  }

  perform(effect: Exclude<BulkEffect, { kind: 'compute' }>, payload: Uint8Array | null): void {
    this.#post(
      { kind: 'perform', effect, payload },
      payload ? [payload.buffer as ArrayBuffer] : [],
    );
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: (id: number) => BulkRequest): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#post(request(id), []);
    });
  }

  #answer(id: number, answer: unknown): void {
    const resolve = defined(this.#asked.get(id), `request ${id}`);
    this.#asked.delete(id);
    resolve(answer);
  }

  /** What is asked in one turn of the event loop leaves together. */
  #post(request: BulkRequest, transfer: ArrayBuffer[]): void {
    if (this.#requests.put(request, transfer)) setImmediate(() => this.#requests.post());
  }
}
