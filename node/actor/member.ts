/**
 * The member part: where this node stands, what it has staged of the next step, and when it moves
 * on: alone, as soon as it has staged every bucket, and all of those that it holds.
 */
import { assert, defined } from '../../protocol/assert.ts';
import { type Hash, nextRoot, type ValueHashes, valueHash } from '../../protocol/hashes.ts';
import type { MessageOf, Resolution } from '../../protocol/messages.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { failForValue, haveOneState } from './divergence.ts';
import type { Holdings } from './holdings.ts';
import { stateKey, valueKey } from './keys.ts';
import type { Outbox } from './outbox.ts';
import { Staging } from './staging.ts';
import { Telling } from './telling.ts';
import type { LoadedStep } from './types.ts';

/** A value that this node has made, or read from its disk. */
export interface Made {
  readonly bucket: number;
  readonly hashes: ValueHashes;
  readonly resolution: Resolution | null;
  readonly kept: boolean;
}

/** What the member needs of the other parts. */
export interface MemberPorts {
  /** The last step, as far as this node knows. */
  last(): number;
  /** Steps whose values somebody here still reads. */
  inUse(): readonly number[];
  /** Whether value(step, bucket) is still read here. */
  reads(step: number, bucket: number): boolean;
  /** How somebody resolved a bucket of the step at hand. */
  learned(bucket: number, resolution: Resolution): void;
  /** The next value of a bucket was read from this node's disk. */
  read(bucket: number): void;
  /** Whether this node waits for an answer before it goes on. */
  asks(): boolean;
  /** A step that this node followed took so long. */
  took(durationMs: number): void;
  /** This node has come to stand at a step; `resolutions` is empty where it did not follow it. */
  stood(resolutions: readonly (Resolution | null)[]): void;
  /** What was gathered does not belong together. */
  mixed(): void;
}

export class Member {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #holdings: Holdings;
  readonly #ports: MemberPorts;
  readonly #staging: Staging;
  readonly #telling: Telling;
  /** root(step) of the step that is gathered. */
  #expectedRoot: Hash | null = null;
  /** Steps whose values are still here; those between may be gone. */
  readonly #kept = new Set<number>();
  standsSinceMs = 0;

  constructor(context: Context, outbox: Outbox, holdings: Holdings, ports: MemberPorts) {
    this.#context = context;
    this.#outbox = outbox;
    this.#holdings = holdings;
    this.#ports = ports;
    this.#staging = new Staging(context.buckets);
    this.#telling = new Telling(context, outbox, holdings);
  }

  /** Whether this node will let go of a step's values: they are here, or still to come. */
  keeps(step: number): boolean {
    return step > this.#context.step || this.#kept.has(step);
  }

  /** Whether the node works on the step after the one that it stands at. */
  get works(): boolean {
    return this.#context.complete && this.#context.step < this.#ports.last();
  }

  /** Stands at a step of which everything is here. */
  standAt({ step, root, previousRoot, values }: LoadedStep): void {
    this.#staging.reset();
    this.#telling.clear();
    this.#expectedRoot = null;
    this.#kept.clear();
    this.#context.step = step;
    this.#context.previousRoot = previousRoot;
    this.#stand(
      root,
      values.map((value) => defined(value, 'all values of the step')),
      [],
    );
  }

  /** Gathers a step that this node did not follow; what it has of it comes by `made`. */
  gather(step: number, root: Hash, previousRoot: Hash): void {
    assert(step > 0, 'everybody has all of step 0');
    this.#expectedRoot = root;
    this.#context.complete = false;
    this.#context.step = step - 1;
    this.#context.root = previousRoot;
    this.#context.previousRoot = null;
    this.standsSinceMs = this.#context.nowMs;
  }

  /** The step that is gathered, and its root; null while this node stands somewhere. */
  get gathering(): { step: number; root: Hash } | null {
    if (this.#expectedRoot === null) return null;
    return { step: this.#context.step + 1, root: this.#expectedRoot };
  }

  /** Everything is let go of: nothing is staged any more. */
  abandon(): void {
    this.#kept.clear();
    this.#staging.reset();
    this.#telling.clear();
  }

  /** This node made the next value of a bucket, as the one who resolved it: everybody is told. */
  resolved(made: Made): void {
    const { bucket } = made;
    const isNews = this.#staging.lacks(bucket);
    this.#stageWhole(made);
    if (isNews) {
      this.#telling.made(bucket, true);
      this.#telling.tell();
    }
    this.#advanceIfFull();
  }

  /** This node made the next value of a bucket to be certain of it, and tells nobody. */
  checked(made: Made): void {
    this.#stageUntold(made);
    this.#advanceIfFull();
  }

  /** This node made the value of a bucket along with its owner, or read it from its disk. */
  made(made: Made): void {
    const { bucket, resolution } = made;
    this.#stageUntold(made);
    if (resolution !== null) this.#ports.learned(bucket, resolution);
    this.#advanceIfFull();
  }

  /** Somebody else is to tell it; of this node it may be asked for. */
  #stageUntold(made: Made): void {
    const { bucket } = made;
    const isNews = this.#staging.lacks(bucket);
    this.#stageWhole(made);
    if (!isNews || !this.#context.complete) return;
    this.#telling.made(bucket, false);
    this.#telling.tell();
  }

  #stageWhole({ bucket, hashes, resolution, kept }: Made): void {
    const { step, root } = this.#context;
    if (resolution === null) this.#ports.read(bucket);
    const staged = this.#staging.get(bucket);
    if (staged === undefined) {
      const outcome = kept ? 'kept' : 'tensor';
      const message = {
        ...({ kind: 'update', step, root, bucket, outcome } as const),
        ...{ ...hashes, resolution },
      };
      this.#outbox.remember(message, kept ? null : valueKey(step + 1, bucket));
      this.#staging.add(bucket, { hashes, resolution });
    } else if (valueHash(staged.hashes) !== valueHash(hashes)) {
      failForValue(this.#context, bucket);
    }
    this.#staging.addWhole(bucket);
  }

  /** Tells what may be told by now, and moves on where only that was waited for. */
  tell(): void {
    if (this.#telling.tell()) this.reconsider();
  }

  /** Whether a value is not to leave this node yet. */
  holdsBack(name: ValueKey): boolean {
    return this.#telling.holdsBack(name);
  }

  /** Somebody else's update; its payload is filed under `key`, where it has one. */
  received(message: MessageOf<'update'>, key: ValueKey | null): void {
    const { step, bucket, published, optimizer, aggregator, resolution } = message;
    if (key === null) this.#context.emit({ kind: 'keep', step, bucket });
    else this.#context.emit({ kind: 'adopt', key, step: step + 1, bucket });
    this.#outbox.remember(message, key === null ? null : valueKey(step + 1, bucket));
    this.#staging.add(bucket, { hashes: { published, optimizer, aggregator }, resolution });
    if (resolution !== null && this.#context.complete) this.#ports.learned(bucket, resolution);
    this.#advanceIfFull();
  }

  /** Whether a bucket of the next step is still to come. */
  lacks(bucket: number): boolean {
    return this.#staging.lacks(bucket);
  }

  /** Whether this node holds a bucket and has not all of its next value. */
  needs(bucket: number): boolean {
    const { held } = this.#holdings;
    return this.#context.complete && held.has(bucket) && !this.#staging.isWhole(bucket);
  }

  /** Buckets of the next step that this node waits for. */
  missing(): number[] {
    return this.#staging.missing();
  }

  /** Buckets that it holds whose next value it has only in part. */
  missingWhole(): number[] {
    return [...this.#holdings.held].filter((bucket) => this.needs(bucket));
  }

  #advanceIfFull(): void {
    if (!this.#staging.isFull) return;
    const { complete, step } = this.#context;
    if (complete && step >= this.#ports.last()) return;
    if (complete && (this.missingWhole().length > 0 || this.#telling.isAhead)) return;
    if (complete && this.#ports.asks()) return;
    this.#advance();
  }

  /** The run goes on after all, or a bucket is held no longer: moves on if nothing is missing. */
  reconsider(): void {
    if (this.#context.complete || this.#expectedRoot !== null) this.#advanceIfFull();
  }

  #advance(): void {
    const context = this.#context;
    const followed = context.complete;
    const held = context.buckets.filter((bucket) => this.#staging.isWhole(bucket));
    const staged = this.#staging.take();
    const values = staged.map(({ hashes }) => hashes);
    const root = nextRoot(context.root, values.map(valueHash));
    if (!followed && root !== this.#expectedRoot) {
      this.#ports.mixed();
      return;
    }
    if (followed && !haveOneState(context, values)) return;
    context.previousRoot = context.root;
    context.step++;
    this.#expectedRoot = null;
    if (followed) this.#ports.took(context.nowMs - this.standsSinceMs);
    else {
      this.#forgetOlder();
      this.#holdings.reset(held);
    }
    const resolutions = followed ? staged.map(({ resolution }) => resolution) : [];
    this.#stand(root, values, resolutions);
  }

  #stand(
    root: Hash,
    values: readonly ValueHashes[],
    resolutions: readonly (Resolution | null)[],
  ): void {
    const context = this.#context;
    this.#kept.add(context.step);
    context.complete = true;
    context.stand(root, values);
    this.standsSinceMs = context.nowMs;
    context.emit({ kind: 'stepped', step: context.step, root, values, resolutions });
    this.#ports.stood(resolutions);
  }

  /** What is older than the step that was gathered is of no use. */
  #forgetOlder(): void {
    for (const step of this.#kept) if (step < this.#context.step) this.#dropStep(step);
  }

  /**
   * Lets go of values that nobody who counts can need: design, what is kept and until when, 1 to 3.
   * Whoever is more than a step behind gathers a newer one.
   */
  release(): void {
    const { step, view, complete } = this.#context;
    if (!complete) return;
    let everybodyAt = step;
    for (const { standing } of view.standings) {
      if (standing.complete && standing.step < everybodyAt) everybodyAt = standing.step;
    }
    const keep = Math.max(step - 1, everybodyAt);
    this.#outbox.forgetBefore(keep);
    const inUse = this.#ports.inUse();
    for (const kept of this.#kept) if (kept < keep && !inUse.includes(kept)) this.#dropStep(kept);
  }

  #dropStep(step: number): void {
    const { buckets, groups } = this.#context;
    this.#kept.delete(step);
    const unread = buckets.filter((bucket) => !this.#ports.reads(step, bucket));
    this.#context.drop(unread.map((bucket) => valueKey(step, bucket)));
    this.#context.drop(groups.map((_, group) => stateKey(step, group)));
  }
}
