/**
 * The owner part: files the sums of its buckets, and when a bucket's languages are complete
 * resolves their conflict: Gram matrix, weights, direction, optimizer. Nodes exchange Gram and norm
 * parts where a group or the clipping spans owners, never gradients.
 */
import { assert, defined } from '../../protocol/assert.ts';
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import {
  type Loss,
  type MessageOf,
  packNumbers,
  packTriangle,
  type Resolution,
  unpackTriangle,
} from '../../protocol/messages.ts';
import { type Place, topPlace } from '../../protocol/tree.ts';
import type { Context } from './context.ts';
import { directionKey } from './keys.ts';
import type { Outbox } from './outbox.ts';
import { type Entry, Reduction } from './reduction.ts';
import type { AddedEvent, Row, UpdatedEvent, WeighedEvent } from './types.ts';

/** The conflict of one bucket as far as it is known here. */
interface GramPart {
  readonly present: Uint8Array;
  readonly gram: Float64Array;
  readonly losses: readonly Loss[];
}

/** One owned bucket of the step at hand. */
interface Owned {
  readonly reductions: Reduction[];
  readonly tops: (Entry | null)[];
  missing: number;
  rows: readonly Row[];
}

/** What the member part does with a value that this node made. */
export type OnValue = (
  bucket: number,
  hashes: ValueHashes,
  resolution: Resolution,
  kept: boolean,
) => void;

export class Owner {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #onValue: OnValue;
  /** Owners that share a resolution group or the clipping norm with this node. */
  #owned = new Map<number, Owned>();
  #parts = new Map<number, GramPart>();
  #norms = new Map<number, number>();
  #weighed = new Map<number, WeighedEvent>();
  #weighing = new Set<number>();
  #directed = false;

  constructor(context: Context, outbox: Outbox, onValue: OnValue) {
    this.#context = context;
    this.#outbox = outbox;
    this.#onValue = onValue;
  }

  /** Makes room for the step that the node stands at. */
  begin(): void {
    this.#owned = new Map();
    this.#parts = new Map();
    this.#norms = new Map();
    this.#weighed = new Map();
    this.#weighing = new Set();
    this.#directed = false;
    for (const bucket of this.#context.ownedBuckets) this.#owned.set(bucket, this.#open(bucket));
  }

  #open(bucket: number): Owned {
    const { languages } = this.#context.options;
    const owned: Owned = {
      reductions: [],
      tops: languages.map(() => null),
      missing: languages.length,
      rows: [],
    };
    languages.forEach(({ unitsPerStep }, language) => {
      const top = topPlace(unitsPerStep).level;
      const subject = { step: this.#context.step, language, bucket };
      const reduction = new Reduction(this.#context, subject, (place, entry) => {
        if (place.level < top) return 'go on';
        owned.tops[language] = entry;
        if (--owned.missing === 0) this.#complete(bucket, owned);
        return 'stop';
      });
      owned.reductions.push(reduction);
    });
    return owned;
  }

  /** Whether a sum is still missing here. */
  lacks(language: number, bucket: number, place: Place): boolean {
    const reduction = this.#owned.get(bucket)?.reductions[language];
    return reduction !== undefined && !reduction.knows(place);
  }

  file(language: number, bucket: number, place: Place, entry: Entry): void {
    const owned = defined(this.#owned.get(bucket), `owned bucket ${bucket}`);
    const taken = defined(owned.reductions[language], 'reduction').file(place, entry);
    if (!taken && entry.key !== null) this.#context.drop([entry.key]);
  }

  /** An addition is done; false when it was not this part's. */
  added(event: AddedEvent): boolean {
    const { language, bucket } = event;
    return this.#owned.get(bucket)?.reductions[language]?.added(event) ?? false;
  }

  #complete(bucket: number, owned: Owned): void {
    owned.rows = owned.tops.map((top) => {
      const { outcome, key, tokens } = defined(top, 'top of a complete bucket');
      return outcome === 'tensor' ? { key: key!, tokens } : null;
    });
    this.#context.emit({ kind: 'gram', step: this.#context.step, bucket, rows: owned.rows });
  }

  /** The Gram matrix of an owned bucket is computed. */
  gramComputed(bucket: number, gram: Float64Array): void {
    const owned = defined(this.#owned.get(bucket), `owned bucket ${bucket}`);
    const present = Uint8Array.from(owned.rows, (row) => (row === null ? 0 : 1));
    const losses = owned.tops.map((top) => ({ tokens: top!.tokens, lossSum: top!.lossSum }));
    this.#parts.set(bucket, { present, gram, losses });
    const { step, root } = this.#context;
    const packed = packTriangle(gram, present.length);
    const to = this.#spans(bucket) ? this.#context.others : [];
    if (to.length > 0) {
      this.#outbox.say(
        to,
        { kind: 'gram', step, root, bucket, present, gram: packed, losses },
        null,
      );
    }
    this.#weighGroup(this.#context.groupOf[bucket]!);
  }

  #spans(bucket: number): boolean {
    return this.#context.groups[this.#context.groupOf[bucket]!]!.some(
      (b) => !this.#context.owns(b),
    );
  }

  /** Another owner's Gram part of a group that spans owners. */
  gramReceived({ bucket, present, gram, losses }: MessageOf<'gram'>): void {
    if (this.#parts.has(bucket) || this.#context.owns(bucket)) return;
    this.#parts.set(bucket, { present, gram: unpackTriangle(gram, present.length), losses });
    this.#weighGroup(this.#context.groupOf[bucket]!);
  }

  /** Buckets whose Gram part is missing here and due from others. */
  missingGrams(): number[] {
    const groups = new Set(this.#context.ownedBuckets.map((b) => this.#context.groupOf[b]!));
    const needed = [...groups].flatMap((group) => this.#context.groups[group]!);
    return needed.filter((bucket) => !this.#context.owns(bucket) && !this.#parts.has(bucket));
  }

  #weighGroup(group: number): void {
    const buckets = this.#context.groups[group]!;
    if (this.#weighing.has(group) || !buckets.some((bucket) => this.#context.owns(bucket))) return;
    const parts = buckets.map((bucket) => this.#parts.get(bucket));
    if (parts.some((part) => part === undefined)) return;
    this.#weighing.add(group);
    const known = parts as GramPart[];
    const { languages } = this.#context.options;
    const mask = Uint8Array.from(languages, (_, l) =>
      known.some(({ present }) => present[l]) ? 1 : 0,
    );
    const grams = known.map(({ gram }) => gram);
    const losses = known[0]!.losses;
    this.#context.emit({ kind: 'weigh', step: this.#context.step, group, grams, mask, losses });
  }

  /** The weights of a group are found: each owned bucket of it gets its direction. */
  weighed(event: WeighedEvent): void {
    this.#weighed.set(event.group, event);
    const { step } = this.#context;
    for (const bucket of this.#context.groups[event.group]!) {
      const owned = this.#owned.get(bucket);
      if (owned === undefined) continue;
      if (owned.rows.every((row) => row === null)) this.#partOfNorm(bucket, 0);
      else
        this.#context.emit({
          kind: 'direct',
          step,
          bucket,
          rows: owned.rows,
          weights: event.weights,
        });
    }
  }

  /** The direction of an owned bucket is computed. */
  directed(bucket: number, squaredNorm: number): void {
    const keys = this.#owned.get(bucket)!.rows.flatMap((row) => (row === null ? [] : [row.key]));
    this.#context.drop(keys);
    this.#partOfNorm(bucket, squaredNorm);
  }

  #partOfNorm(bucket: number, squaredNorm: number): void {
    if (!this.#context.options.clips) {
      this.#update(bucket, null);
      return;
    }
    this.#norms.set(bucket, squaredNorm);
    const { step, root } = this.#context;
    this.#outbox.say(this.#context.others, { kind: 'norm', step, root, bucket, squaredNorm }, null);
    this.#clip();
  }

  /** Another owner's part of the norm that clipping needs. */
  normReceived({ bucket, squaredNorm }: MessageOf<'norm'>): void {
    if (this.#norms.has(bucket) || this.#context.owns(bucket)) return;
    this.#norms.set(bucket, squaredNorm);
    this.#clip();
  }

  /** Buckets whose part of the norm is missing here and due from others. */
  missingNorms(): number[] {
    if (!this.#context.options.clips || this.#owned.size === 0) return [];
    const buckets = this.#context.options.layout.buckets.map(({ index }) => index);
    return buckets.filter((bucket) => !this.#context.owns(bucket) && !this.#norms.has(bucket));
  }

  #clip(): void {
    if (this.#directed || this.#norms.size < this.#context.bucketCount) return;
    this.#directed = true;
    let squaredNorm = 0;
    for (let bucket = 0; bucket < this.#context.bucketCount; bucket++) {
      squaredNorm += this.#norms.get(bucket)!;
    }
    for (const bucket of this.#context.ownedBuckets) this.#update(bucket, squaredNorm);
  }

  #update(bucket: number, squaredNorm: number | null): void {
    const { step } = this.#context;
    if (this.#owned.get(bucket)!.rows.some((row) => row !== null)) {
      this.#context.emit({ kind: 'update', step, bucket, squaredNorm });
      return;
    }
    const { published, optimizer } = defined(
      this.#context.values[bucket],
      `value of bucket ${bucket}`,
    );
    this.#context.emit({ kind: 'keep', step, bucket });
    this.#finish(bucket, published, optimizer, true);
  }

  /** The optimizer's step on an owned bucket is done. */
  updated({ step, bucket, finite, published, optimizer }: UpdatedEvent): void {
    this.#context.drop([directionKey(step, bucket)]);
    if (finite) {
      this.#finish(bucket, published, optimizer, false);
      return;
    }
    const { layer } = this.#context.options.layout.buckets[bucket]!;
    const text =
      `step ${step}: the update of bucket ${bucket} (${layer}) has numbers that are not finite; ` +
      'lower optimizer.learningRate or set optimizer.clipNorm';
    this.#context.emit({ kind: 'failed', error: 'NonFiniteUpdate', text });
  }

  #finish(bucket: number, published: Hash, optimizer: Hash, kept: boolean): void {
    const part = defined(this.#parts.get(bucket), `Gram part of bucket ${bucket}`);
    const weighed = defined(this.#weighed.get(this.#context.groupOf[bucket]!), 'weights');
    assert(part.present.length === weighed.weights.length, 'one weight a language');
    const resolution: Resolution = {
      present: part.present,
      gram: packTriangle(part.gram, part.present.length),
      weights: packNumbers(weighed.weights),
      gapRelative: weighed.gapRelative,
      losses: part.losses.map((loss) => ({ ...loss })),
    };
    const hashes = { published, optimizer, aggregator: weighed.aggregator };
    this.#onValue(bucket, hashes, resolution, kept);
  }
}
