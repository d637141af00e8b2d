/** Compute in a worker thread of its own, seen from the thread that asks. */
import { Worker } from 'node:worker_threads';
import { assert } from '../../protocol/assert.ts';
import type { CoreFacts } from './core.ts';
import { ComputeClosedError, EngineError, EngineUnavailableError } from './errors.ts';
import { type Answer, ownBuffer, type Reply, type Request } from './messages.ts';
import type {
  BucketValues,
  Compute,
  ComputedSlice,
  ComputeOptions,
  UnitBatch,
  UnitResult,
} from './types.ts';
import { assertBuckets, assertUnit } from './unit.ts';

/** A call that waits for its answer. */
interface Pending {
  readonly what: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly onSlice?: (slice: ComputedSlice) => void;
}

type Call = 'gradient' | 'score' | 'logits' | 'canary';

/** Starts the thread and waits until its engine has loaded and its programs are made. */
export async function openThread(options: ComputeOptions): Promise<Compute> {
  // tsc rewrites imports but not URLs: .ts in the checkout, .js in the package.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const url = new URL(`./worker.${extension}`, import.meta.url);
  const worker = new Worker(url, { name: 'isogloss-compute', workerData: options });
  try {
    return new ThreadCompute(worker, options, await readiness(worker));
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

/** The thread's first reply. Throws EngineUnavailableError or EngineError. */
function readiness(worker: Worker): Promise<CoreFacts> {
  return new Promise((resolve, reject) => {
    worker.once('error', (cause) => reject(new EngineError(undefined, cause)));
    worker.once('message', (reply: Reply) => {
      if (reply.type === 'ready') resolve(reply.facts);
      else if (reply.type === 'unavailable') {
        reject(new EngineUnavailableError(reply.engine, reply.reason));
      } else reject(new EngineError(undefined, reply.type === 'crash' ? reply.cause : reply.type));
    });
  });
}

class ThreadCompute implements Compute {
  readonly engine: CoreFacts['engine'];
  readonly why: string;
  readonly numericsClass: string;
  private readonly worker: Worker;
  private readonly options: ComputeOptions;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  /** Why nothing more can be computed, once that is so. */
  private ended: Error | undefined;
  private readonly exited: Promise<void>;

  constructor(worker: Worker, options: ComputeOptions, facts: CoreFacts) {
    this.worker = worker;
    this.options = options;
    this.engine = facts.engine;
    this.why = facts.why;
    this.numericsClass = facts.numericsClass;
    this.exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.removeAllListeners('error');
    worker.on('message', (reply: Reply) => this.receive(reply));
    worker.on('error', (cause) => this.end(new EngineError(this.engine, cause)));
    worker.on('exit', () => this.end(new EngineError(this.engine, 'its thread ended')));
    // An idle compute keeps no process alive; one at work does.
    worker.unref();
  }

  setBuckets(buckets: readonly BucketValues[]): void {
    assertBuckets(buckets, this.options.layout);
    if (this.ended !== undefined) return;
    const owned = buckets.map(({ bucket, values }) => ({ bucket, values: ownBuffer(values) }));
    this.send(
      { type: 'buckets', buckets: owned },
      owned.map(({ values }) => values.buffer),
    );
  }

  gradient(unit: UnitBatch, onSlice: (slice: ComputedSlice) => void): Promise<UnitResult> {
    assertUnit(unit, this.options);
    const { unitSequences } = this.options;
    assert(unit.sequences === unitSequences, `${unit.sequences} of ${unitSequences} sequences`);
    return this.call('gradient', unit, onSlice) as Promise<UnitResult>;
  }

  score(unit: UnitBatch): Promise<Float32Array> {
    assertUnit(unit, this.options);
    return this.call('score', unit) as Promise<Float32Array>;
  }

  logits(unit: UnitBatch): Promise<Float32Array> {
    assertUnit(unit, this.options);
    return this.call('logits', unit) as Promise<Float32Array>;
  }

  canary(): Promise<string> {
    return this.call('canary') as Promise<string>;
  }

  async close(): Promise<void> {
    if (this.ended === undefined) {
      this.send({ type: 'close' });
      this.worker.ref();
      this.end(undefined);
    }
    await this.exited;
  }

  private call(
    type: Call,
    unit?: UnitBatch,
    onSlice?: (slice: ComputedSlice) => void,
  ): Promise<Answer> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { what: type, resolve, reject, ...(onSlice && { onSlice }) });
      this.worker.ref();
      this.send({ type, id, unit } as Request);
    });
  }

  private send(request: Request, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(request, transfer);
  }

  private receive(reply: Reply): void {
    if (reply.type === 'crash') this.end(new EngineError(this.engine, reply.cause));
    if (!('id' in reply)) return;
    const pending = this.pending.get(reply.id);
    if (pending === undefined) return;
    if (reply.type === 'slice') {
      pending.onSlice?.(reply.slice);
      return;
    }
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.worker.unref();
    if (reply.type === 'answer') pending.resolve(reply.answer);
    else pending.reject(new EngineError(this.engine, reply.cause));
  }

  /** Rejects what waits, with `error` or because compute was closed. */
  private end(error: Error | undefined): void {
    this.ended ??= error ?? new ComputeClosedError('compute');
    for (const { what, reject } of this.pending.values()) {
      reject(error ?? new ComputeClosedError(what));
    }
    this.pending.clear();
  }
}
