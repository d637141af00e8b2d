/**
 * The keeper part: checkpoints of what this node holds, which of them may go, and the end of the
 * run: after its last step a node serves until all others stand there and have theirs on disk.
 */
import { hasBucket, packBuckets } from '../../protocol/bucket-set.ts';
import type { Hash } from '../../protocol/hashes.ts';
import { DURABLE_MAX, type Standing } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import type { OutsideCopies } from './outside-copies.ts';
import type { CheckpointEffect, DiskStep } from './types.ts';

/** Whatever is needed, a disk keeps so many: the newest may be the one that power was lost in. */
const KEPT_MIN = 2;

type WaitingCheckpoint = Omit<CheckpointEffect, 'neededFrom'> & { readonly previousRoot: Hash };

export class Keeper {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #outside: OutsideCopies;
  /** Newest first. */
  #disk: DiskStep[] = [];
  /** Steps whose checkpoint is being written, and from which on older ones are needed then. */
  readonly #writing = new Map<number, { readonly disk: DiskStep; readonly neededFrom: number }>();
  /** The checkpoint that waits for copies of what this node does not hold. */
  #waiting: WaitingCheckpoint | null = null;
  #stopAt: number | null = null;
  #finished = false;
  /** The place in the view of somebody who was not through when it was last looked at. */
  #awaited = 0;

  constructor(context: Context, holdings: Holdings, outside: OutsideCopies) {
    this.#context = context;
    this.#holdings = holdings;
    this.#outside = outside;
  }

  begin(disk: readonly DiskStep[]): void {
    this.#disk = [...disk].sort((a, b) => b.step - a.step);
  }

  get disk(): readonly DiskStep[] {
    return this.#disk;
  }

  /** A checkpoint turned out to be of no use. */
  forget(step: number): void {
    this.#disk = this.#disk.filter((one) => one.step !== step);
  }

  /** The step at which the run ends, as far as this node knows. */
  get last(): number {
    return Math.min(this.#context.steps, this.#stopAt ?? Number.MAX_SAFE_INTEGER);
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Steps whose values are on their way to the disk, and needed in memory until they are there. */
  get writing(): readonly number[] {
    const steps = [...this.#writing.keys()];
    return this.#waiting === null ? steps : [...steps, this.#waiting.step];
  }

  /** Whether this node stands at the end of the run, with what it held there on its disk. */
  get done(): boolean {
    const { step, complete } = this.#context;
    return complete && step >= this.last && this.writing.length === 0;
  }

  get words(): Pick<Standing, 'durable' | 'stopAt' | 'done' | 'finished'> {
    const { bucketCount } = this.#context;
    return {
      durable: this.#disk.slice(0, DURABLE_MAX).map(({ step, root, previousRoot, buckets }) => ({
        ...{ step, root, previousRoot },
        buckets: packBuckets(buckets, bucketCount),
      })),
      stopAt: this.#stopAt,
      done: this.done,
      finished: this.#finished,
    };
  }

  /** This node stands at a step: a checkpoint may be due. */
  stood(): void {
    const { step } = this.#context;
    const every = this.#context.options.checkpointEverySteps;
    const isLast = step >= this.last;
    if (isLast || (every !== null && step % every === 0 && step > 0)) {
      // A disk that can't keep up gets what it can: one is written, one waits, and the last comes
      // in its place.
      if (isLast || this.#writing.size === 0) this.closeWaiting();
      if (this.#waiting === null) this.#begin();
    }
    this.tend();
  }

  /** A checkpoint waits for copies of buckets that others hold, but for that of the last step. */
  #begin(): void {
    const { step, root, previousRoot, values } = this.#context;
    const buckets = [...this.#holdings.held].sort((a, b) => a - b);
    const isThere = this.#disk.some(
      (one) =>
        one.step === step &&
        one.root === root &&
        buckets.every((bucket) => one.buckets.includes(bucket)),
    );
    const isWritten = this.#writing.get(step)?.disk.root === root;
    if (previousRoot === null || buckets.length === 0 || isWritten || isThere) return;
    this.#waiting = { kind: 'checkpoint', step, root, previousRoot, buckets, values };
    if (step < this.last) this.#outside.begin();
  }

  /** Asks for copies that are missing; writes once they are all there or waited for too long. */
  tend(): void {
    const { complete, step } = this.#context;
    // A bucket that is taken on at the last step may be on no other disk of those who are left.
    if (this.#waiting === null && complete && step >= this.last && !this.#finished) this.#begin();
    if (this.#waiting === null) return;
    this.#outside.tend();
    if (this.#outside.isOver && this.#writing.size === 0) this.#write(this.#waiting);
  }

  /** This node goes elsewhere: what waits is written as it is now, or not at all. */
  closeWaiting(): void {
    if (this.#waiting !== null && this.#writing.size === 0) this.#write(this.#waiting);
    this.#waiting = null;
    this.#outside.end();
  }

  #write({ step, root, previousRoot, ...rest }: WaitingCheckpoint): void {
    this.#waiting = null;
    const buckets = [...rest.buckets, ...this.#outside.end()].sort((a, b) => a - b);
    const neededFrom = this.#neededFrom();
    this.#writing.set(step, { disk: { step, root, previousRoot, buckets }, neededFrom });
    this.#context.emit({ ...rest, step, root, previousRoot, buckets, neededFrom });
  }

  /** The newest step of which each bucket is durable as often as it is to be; 0 without one. */
  #neededFrom(): number {
    const { buckets, view, options } = this.#context;
    const words = [this.words.durable, ...view.standings.map(({ standing }) => standing.durable)];
    const copies = Math.min(options.redundancy, words.length);
    // By root: what was made of wrong values is no copy of the step.
    const steps = [...new Map(words.flat().map(({ root, step }) => [root, step]))];
    steps.sort(([, a], [, b]) => b - a);
    const isSafe = ([root]: readonly [string, number]) =>
      buckets.every((bucket) => {
        const has = words.filter((durable) =>
          durable.some((one) => one.root === root && hasBucket(one.buckets, bucket)),
        );
        return has.length >= copies;
      });
    return steps.find(isSafe)?.[1] ?? 0;
  }

  /**
   * The checkpoint of a step is on disk, and older ones are gone: those that were not needed as it
   * began to be written, whatever others have said since.
   */
  checkpointed(step: number): void {
    const written = this.#writing.get(step);
    if (written === undefined) return;
    this.#writing.delete(step);
    this.forget(step);
    const { disk, neededFrom } = written;
    this.#disk = [disk, ...this.#disk].sort((a, b) => b.step - a.step);
    this.#disk = this.#disk.filter((one, i) => i < KEPT_MIN || one.step >= neededFrom);
    this.tend();
  }

  /** Somebody asked for an end; whether the last step is another one now. */
  agreeOnStop(step: number): boolean {
    const agreed = Math.max(step, this.#context.step, this.#stopAt ?? 0);
    if (agreed === this.#stopAt) return false;
    this.#stopAt = agreed;
    if (this.#context.complete && this.#context.step >= this.last) this.stood();
    return true;
  }

  /** Ends the run here, once everybody has what it needs. */
  finishIfDone(): boolean {
    if (this.#finished || !this.done) return false;
    if (!this.#areOthersThrough()) return false;
    const { step, root, steps } = this.#context;
    this.#finished = true;
    this.#context.emit({ kind: 'finished', step, root, stopped: step < steps });
    return true;
  }

  /** Whether all others have what they need. Asked at each word of somebody, so it begins there. */
  #areOthersThrough(): boolean {
    const { step, view } = this.#context;
    const { standings } = view;
    for (let i = 0; i < standings.length; i++) {
      const at = (this.#awaited + i) % standings.length;
      const { finished, done, step: stands } = standings[at]!.standing;
      if (finished || (done && stands === step)) continue;
      this.#awaited = at;
      return false;
    }
    return !view.hasSilent;
  }
}
