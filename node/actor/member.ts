/**
 * The member part: where this node and the others stand, what it has staged of the next step, and
 * when the run is over. It moves on alone as soon as it has staged every bucket.
 */
import { assert } from '../../protocol/assert.ts';
import {
  firstRoot,
  type Hash,
  nextRoot,
  type ValueHashes,
  valueHash,
} from '../../protocol/hashes.ts';
import type { MessageOf, Resolution } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import { valueKey } from './keys.ts';
import type { Outbox } from './outbox.ts';
import { type Staged, Staging } from './staging.ts';
import { Standings } from './standings.ts';
import type { StartState } from './types.ts';

export class Member {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #onStand: () => void;
  readonly #staging: Staging;
  readonly #standings: Standings;
  /** Steps whose checkpoint is being written, with the values that it needs. */
  readonly #writing = new Set<number>();
  /** The oldest step whose values are still here. */
  #oldest = 0;
  #durable: number | null = null;
  #stopAt: number | null = null;
  #previousRoot: Hash | null = null;
  /** root(step) of the checkpoint that this node began with a part of. */
  #expectedRoot: Hash | null = null;
  /** False only while a part of a step, from a checkpoint, waits for the rest. */
  #complete = false;
  #started = false;
  #finished = false;
  /** How long the last steps took, newest last. */
  readonly durationsMs: number[] = [];
  standsSinceMs = 0;

  constructor(context: Context, outbox: Outbox, onStand: () => void) {
    this.#context = context;
    this.#outbox = outbox;
    this.#onStand = onStand;
    this.#staging = new Staging(context.bucketCount);
    this.#standings = new Standings(context.others);
  }

  get started(): boolean {
    return this.#started;
  }

  /** Whether the node works on the step after the one that it stands at. */
  get working(): boolean {
    return this.#started && this.#complete && this.#context.step < this.#last;
  }

  /** Whether there is a step still to be reached, or to be made whole. */
  get waits(): boolean {
    return this.#started && this.#mayAdvance && this.missing().length > 0;
  }

  /** The step at which the run ends, as far as this node knows. */
  get #last(): number {
    return Math.min(this.#context.options.steps, this.#stopAt ?? Number.MAX_SAFE_INTEGER);
  }

  start({ step, root, previousRoot, values }: StartState): void {
    this.#started = true;
    this.standsSinceMs = this.#context.nowMs;
    if (values.every((value) => value !== null)) {
      if (step === 0) {
        const { runId, numericsClass } = this.#context.options;
        const hashes = values.map(valueHash);
        assert(root === firstRoot(runId, numericsClass, hashes), 'root(0) is that of the values');
      }
      this.#context.step = step;
      this.#previousRoot = previousRoot;
      this.#oldest = step;
      this.#stand(root, values, []);
      return;
    }
    assert(step > 0 && previousRoot !== null, 'everybody has all of step 0');
    this.#context.step = step - 1;
    this.#context.root = previousRoot;
    this.#expectedRoot = root;
    this.#oldest = step - 1;
    this.#durable = step;
    values.forEach((value, bucket) => {
      if (value !== null) this.valueMade(bucket, value, null, false);
    });
  }

  /** This node made the next value of one of its buckets: stage it and tell everybody. */
  valueMade(
    bucket: number,
    hashes: ValueHashes,
    resolution: Resolution | null,
    kept: boolean,
  ): void {
    const { step, root, others } = this.#context;
    const outcome = kept ? 'kept' : 'tensor';
    const message = { kind: 'update', step, root, bucket, outcome, ...hashes, resolution } as const;
    this.#outbox.say(others, message, kept ? null : valueKey(step + 1, bucket));
    this.#stage(bucket, { hashes, resolution });
  }

  /** Somebody else's update; its payload is filed, where it has one. */
  valueReceived(message: MessageOf<'update'>): void {
    const { step, bucket, outcome, published, optimizer, aggregator, resolution } = message;
    if (outcome === 'kept') this.#context.emit({ kind: 'keep', step, bucket });
    this.#outbox.remember(message, outcome === 'kept' ? null : valueKey(step + 1, bucket));
    this.#stage(bucket, { hashes: { published, optimizer, aggregator }, resolution });
  }

  lacks(bucket: number): boolean {
    return this.#staging.lacks(bucket);
  }

  /** Buckets of the next step that this node waits for. */
  missing(): number[] {
    return this.#staging.missing();
  }

  #stage(bucket: number, staged: Staged): void {
    this.#staging.add(bucket, staged);
    if (this.#staging.isFull && this.#mayAdvance) this.#advance();
  }

  get #mayAdvance(): boolean {
    return !this.#complete || this.#context.step < this.#last;
  }

  #advance(): void {
    const staged = this.#staging.take();
    const values = staged.map(({ hashes }) => hashes);
    this.#previousRoot = this.#context.root;
    this.#context.step++;
    if (this.#complete) this.durationsMs.push(this.#context.nowMs - this.standsSinceMs);
    if (this.durationsMs.length > DURATIONS_MAX) this.durationsMs.shift();
    const root = nextRoot(this.#context.root, values.map(valueHash));
    const { step } = this.#context;
    if (!this.#complete && root !== this.#expectedRoot) {
      const text = `step ${step}: the nodes hold parts of checkpoints that do not belong together`;
      this.#context.emit({ kind: 'failed', error: 'Divergence', text });
      return;
    }
    this.#stand(
      root,
      values,
      staged.map(({ resolution }) => resolution),
    );
  }

  #stand(
    root: Hash,
    values: readonly (ValueHashes | null)[],
    resolutions: (Resolution | null)[],
  ): void {
    const complete = values as readonly ValueHashes[];
    const { step, options } = this.#context;
    this.#complete = true;
    this.#context.root = root;
    this.#context.values = complete;
    this.standsSinceMs = this.#context.nowMs;
    this.#context.emit({ kind: 'stepped', step, root, values: complete, resolutions });
    const every = options.checkpointEverySteps;
    const due = every !== null && step % every === 0 && resolutions.length > 0;
    if (due || step >= this.#last) this.#checkpoint();
    this.release();
    this.broadcastDigest();
    if (step < this.#last) this.#onStand();
    this.#finishIfDone();
  }

  #checkpoint(): void {
    const { step, root, values, ownedBuckets } = this.#context;
    if (this.#writing.has(step) || this.#durable === step) return;
    this.#writing.add(step);
    const previousRoot = this.#previousRoot;
    const neededFrom = Math.min(this.#durable ?? 0, this.#standings.leastDurable);
    this.#context.emit({
      kind: 'checkpoint',
      step,
      root,
      previousRoot,
      buckets: ownedBuckets,
      values,
      neededFrom,
    });
  }

  /** The checkpoint of a step is on disk. */
  checkpointed(step: number): void {
    this.#writing.delete(step);
    this.#durable = Math.max(this.#durable ?? 0, step);
    this.release();
    this.broadcastDigest();
    this.#finishIfDone();
  }

  /** The user asked for an end: after the step under way. */
  stop(): void {
    this.#agreeOnStop(this.#context.step + (this.working ? 1 : 0));
    this.broadcastDigest();
  }

  /** The latest proposal wins that nobody has passed; a node that has passed one says so. */
  #agreeOnStop(step: number): void {
    const agreed = Math.max(step, this.#context.step, this.#stopAt ?? 0);
    if (agreed === this.#stopAt) return;
    const waited = this.#context.step === this.#last;
    this.#stopAt = agreed;
    if (agreed !== step) this.broadcastDigest();
    if (!this.#started || !this.#complete) return;
    if (this.#context.step === this.#last) {
      this.#checkpoint();
      this.#finishIfDone();
    } else if (waited) {
      this.#resume();
    }
  }

  /** A stop was agreed on for a later step than this node had thought. */
  #resume(): void {
    if (this.#staging.isFull) this.#advance();
    else this.#onStand();
  }

  /** A member stands at `step` at least, as one of its messages shows. */
  heardOf(peer: string, step: number): void {
    if (!this.#standings.heard(peer, step)) return;
    this.release();
    this.#finishIfDone();
  }

  digest(peer: string, { step, root, durable, stopAt }: MessageOf<'digest'>): void {
    this.heardOf(peer, step);
    this.#standings.durable(peer, durable);
    if (stopAt !== null && stopAt !== this.#stopAt) this.#agreeOnStop(stopAt);
    if (
      this.#started &&
      this.#complete &&
      step === this.#context.step &&
      root !== this.#context.root
    ) {
      const mine = this.#context.root.slice(0, 12);
      const theirs = root.slice(0, 12);
      const text =
        `step ${step}: this node's root is ${mine}…, that of ${peer} is ${theirs}…: ` +
        'one of the two computed a wrong value';
      this.#context.emit({ kind: 'failed', error: 'Divergence', text });
    }
    this.#finishIfDone();
  }

  broadcastDigest(): void {
    this.sendDigest(this.#context.others);
  }

  sendDigest(to: readonly string[]): void {
    const { step, root } = this.#context;
    if (!this.#started || !this.#complete) return;
    const staged = this.#staging.count;
    const [durable, stopAt, finished] = [this.#durable, this.#stopAt, this.#finished];
    this.#context.send(to, { kind: 'digest', step, root, staged, durable, stopAt, finished });
  }

  /** Lets go of values that nobody can need: design, what is kept and until when, 1 to 3. */
  release(): void {
    const everybodyAt = Math.min(this.#context.step, this.#standings.least);
    this.#outbox.forgetBefore(everybodyAt);
    const keep = Math.min(everybodyAt, ...this.#writing);
    for (; this.#oldest < keep; this.#oldest++) {
      const step = this.#oldest;
      this.#context.drop(
        this.#context.options.layout.buckets.map(({ index }) => valueKey(step, index)),
      );
    }
  }

  #finishIfDone(): void {
    const { step, root, options } = this.#context;
    if (this.#finished || !this.#complete || step < this.#last || this.#durable !== step) return;
    if (!this.#standings.allDurableAt(step)) return;
    this.#finished = true;
    this.broadcastDigest();
    this.#context.emit({ kind: 'finished', step, root, stopped: step < options.steps });
  }
}

/** Enough to know what a slow step is, few enough to follow a machine that changes. */
const DURATIONS_MAX = 16;
