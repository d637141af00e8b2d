/** Puts nodes' checkpoints of a step together as soon as they have every bucket between them. */
import { join } from 'node:path';
import { assembleCheckpoint, checkpointName } from '../../store/index.ts';
import { clearTarget, modelFilesOf, pruneAssembled } from './find-checkpoint.ts';
import type { Job } from './open-job.ts';

export interface AssemblyOptions {
  readonly job: Job;
  /** The run's folder. */
  readonly folder: string;
  readonly checkpoint:
    | { readonly path: string; readonly manifest: { readonly step: number } }
    | undefined;
  note(text: string): void;
}

interface Shard {
  readonly path: string;
  readonly buckets: readonly number[];
}

export class Assembly {
  readonly #options: AssemblyOptions;
  readonly #shards = new Map<number, Shard[]>();
  readonly #made = new Map<number, Promise<string>>();
  /** The newest step that is durable in all buckets. */
  #newest = -1;
  /** One after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: AssemblyOptions) {
    this.#options = options;
    const { checkpoint } = options;
    if (checkpoint !== undefined) {
      this.#made.set(checkpoint.manifest.step, Promise.resolve(checkpoint.path));
    }
  }

  /** A node's checkpoint of `step`, with these buckets, is at `path`. */
  add(step: number, path: string, buckets: readonly number[]): void {
    if (this.#made.has(step)) return;
    const shards = [...(this.#shards.get(step) ?? []), { path, buckets }];
    this.#shards.set(step, shards);
    const here = new Set(shards.flatMap((shard) => shard.buckets));
    if (here.size < this.#options.job.layout.buckets.length) return;
    this.#shards.delete(step);
    this.#newest = Math.max(step, this.#newest);
    const paths = shards.map((shard) => shard.path);
    const made = this.#last.then(() => this.#assemble(step, paths));
    this.#made.set(step, made);
    // Whoever asks for this step is told. Training does not end over a checkpoint in between, and
    // one that a newer has overtaken may be gone already.
    this.#last = made.catch((error: Error) => {
      if (step === this.#newest) this.#options.note(`checkpoint ${step}: ${error.message}`);
    });
  }

  /** The folder of the checkpoint of `step`, which the nodes have said to be durable. */
  async of(step: number): Promise<string> {
    const made = this.#made.get(step);
    if (made === undefined) throw new Error(`nobody wrote a checkpoint of step ${step}`);
    return await made;
  }

  async idle(): Promise<void> {
    await this.#last;
  }

  async #assemble(step: number, shards: readonly string[]): Promise<string> {
    const { folder, job, note } = this.#options;
    const target = join(folder, checkpointName(step));
    if (step < this.#newest) return target;
    await clearTarget(target, note);
    await assembleCheckpoint(shards, target, modelFilesOf(job));
    await pruneAssembled(job, folder, step);
    return target;
  }
}
