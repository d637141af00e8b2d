/**
 * A process and its disk: checkpoints are written operation by operation in virtual time, so that a
 * crash can come between any two; and read back, refused where a hash is wrong.
 */
import type { Effect, EventBody, LoadedStep } from '../../node/actor/index.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { prune, readCheckpoint, type StoredCheckpoint, writeOperations } from '../disk/index.ts';
import type { Process } from './process.ts';

type CheckpointEffect = Extract<Effect, { kind: 'checkpoint' }>;

/** After a write that failed; doubles to the maximum. */
const FIRST_PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 30_000;
/** Operations of one read. */
const READ_OPERATIONS = 3;

export class Storage {
  readonly #process: Process;
  /** The disk does one thing at a time. */
  #freeAtMs = 0;

  constructor(running: Process) {
    this.#process = running;
  }

  /** What is in memory now goes to disk; `checkpointed` once it is durable. */
  write(effect: CheckpointEffect): void {
    const { node, bulk, ports } = this.#process;
    const { step, root, previousRoot, neededFrom } = effect;
    const buckets = new Map(
      effect.buckets.map((bucket) => {
        const arrays = bulk.stored(step, bucket);
        const own = Object.entries(arrays).map(([name, values]) => [name, values.slice()]);
        return [bucket, Object.fromEntries(own)] as const;
      }),
    );
    const operations = writeOperations(node.disk, { step, root, previousRoot, buckets });
    let pauseMs = FIRST_PAUSE_MS;
    const next = (at: number) => {
      if (node.crashInWrite !== null && at >= operations.length >> 1) {
        const { power } = node.crashInWrite;
        node.crashInWrite = null;
        ports.end(this.#process, { kind: 'killed', power });
        return;
      }
      if (!this.#attempt(operations[at]!)) {
        ports.clock.after(pauseMs, () => {
          if (this.#process.isAlive) this.#later(1, () => next(0));
        });
        pauseMs = Math.min(PAUSE_MAX_MS, 2 * pauseMs);
        return;
      }
      if (at + 1 < operations.length) this.#later(1, () => next(at + 1));
      else this.#written(step, neededFrom);
    };
    this.#later(1, () => next(0));
  }

  #written(step: number, neededFrom: number): void {
    const { node, ports } = this.#process;
    const removed = prune(node.disk, neededFrom);
    if (removed.length > 0) ports.witness.pruned(this.#process, removed, neededFrom);
    this.#process.receive({ kind: 'checkpointed', step });
  }

  /** Whether the disk did it; where it did not, the whole is written again after a while. */
  #attempt(operation: () => void): boolean {
    try {
      operation();
      return true;
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      return false;
    }
  }

  /** Reads a checkpoint of this node's own, or the base. */
  load(step: number): void {
    this.#later(READ_OPERATIONS, () => {
      const body = this.#load(step);
      if (body !== null) this.#process.receive(body);
    });
  }

  /** Null where the process is over: it threw. */
  #load(step: number): EventBody | null {
    const { node, bulk, ports } = this.#process;
    const { model, witness } = ports;
    if (step === 0) {
      witness.loaded(this.#process, null);
      return { kind: 'loaded', loaded: { step, previousRoot: null, ...model.loadBase(bulk) } };
    }
    let checkpoint: StoredCheckpoint;
    try {
      checkpoint = readCheckpoint(node.disk, step);
    } catch (error) {
      if (error instanceof IsoglossError) {
        return { kind: 'loadFailed', step, reason: error.message };
      }
      ports.end(this.#process, { kind: 'threw', error });
      return null;
    }
    witness.loaded(this.#process, checkpoint);
    const { root, previousRoot, buckets } = checkpoint;
    const values = model.groupOf.map((_, bucket) => {
      const arrays = buckets.get(bucket);
      return arrays === undefined ? null : (bulk.load(step, bucket, arrays) ?? null);
    });
    const loaded: LoadedStep = { step, root, previousRoot, values };
    return { kind: 'loaded', loaded };
  }

  #later(operations: number, run: () => void): void {
    const { node, ports } = this.#process;
    const { clock, timing } = ports;
    const ms = operations * (timing.diskMs + 0.001) * node.disk.conditions.slowFactor;
    this.#freeAtMs = Math.max(this.#freeAtMs, clock.nowMs) + ms;
    clock.at(this.#freeAtMs, () => {
      if (this.#process.isAlive) this.#process.whenAwake(run);
    });
  }
}
