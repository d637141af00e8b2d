/**
 * The owner part: files the sums of buckets that this node holds, and when a bucket's languages are
 * complete resolves their conflict: Gram matrix, weights, direction, optimizer. Nodes exchange Gram
 * and norm parts where a group or the clipping spans owners, never gradients. Any holder may act as
 * owner; two that do make the same bits.
 */
import { defined } from '../../protocol/assert.ts';
import type { Hash } from '../../protocol/hashes.ts';
import {
  type MessageOf,
  packNumbers,
  packTriangle,
  type Resolution,
  unpackTriangle,
} from '../../protocol/messages.ts';
import type { Place } from '../../protocol/tree.ts';
import type { Context } from './context.ts';
import { isOtherThanFollowed } from './divergence.ts';
import { directionKey } from './keys.ts';
import type { Outbox, SumName } from './outbox.ts';
import type { OwnerPorts } from './owner-ports.ts';
import { Parts } from './parts.ts';
import type { Entry } from './reduction.ts';
import { letGoOfRows, openBucket, type Resolving, sumsWithin } from './resolving.ts';
import type { AddedEvent, UpdatedEvent, WeighedEvent } from './types.ts';

export class Owner {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #ports: OwnerPorts;
  #resolving = new Map<number, Resolving>();
  #parts: Parts;

  constructor(context: Context, outbox: Outbox, ports: OwnerPorts) {
    this.#context = context;
    this.#outbox = outbox;
    this.#ports = ports;
    this.#parts = new Parts(context);
  }

  /** Makes room for the step that the node stands at. */
  begin(): void {
    this.#close();
    this.#resolving = new Map();
    this.#parts = new Parts(this.#context);
  }

  #close(): void {
    for (const { reductions, tops, direction } of this.#resolving.values()) {
      const keys = reductions.flatMap((reduction) => reduction.keys);
      if (direction === null) keys.push(...tops.flatMap((top) => top?.key ?? []));
      this.#context.drop(keys);
    }
  }

  /** Starts to resolve a bucket, if that is still of use. */
  open(bucket: number): void {
    if (this.#resolving.has(bucket) || !this.#ports.needs(bucket)) return;
    const resolving = openBucket(this.#context, bucket, {
      summed: (language, place, entry) => this.#ports.summed(language, bucket, place, entry),
      complete: () => this.#complete(bucket, resolving),
    });
    this.#resolving.set(bucket, resolving);
  }

  /** Whether a bucket is being resolved here, or was at this step. */
  resolves(bucket: number): boolean {
    return this.#resolving.has(bucket);
  }

  /** The buckets that are being resolved here, or were at this step. */
  get buckets(): readonly number[] {
    return [...this.#resolving.keys()];
  }

  /** Whether a sum is missing here. */
  lacks(language: number, bucket: number, place: Place): boolean {
    const resolving = this.#resolving.get(bucket);
    return resolving !== undefined && !resolving.reductions[language]!.knows(place);
  }

  /** What is here of a sum that is not under way any more. */
  sumsWithin(name: SumName): { place: Place; entry: Entry }[] {
    return sumsWithin(this.#context, this.#resolving.get(name.bucket), name);
  }

  file(language: number, bucket: number, place: Place, entry: Entry): void {
    const resolving = defined(this.#resolving.get(bucket), `bucket ${bucket} that is resolved`);
    const taken = defined(resolving.reductions[language], 'reduction').file(place, entry);
    if (!taken && entry.key !== null) this.#context.drop([entry.key]);
  }

  /** An addition is done; false when it was not this part's. */
  added(event: AddedEvent): boolean {
    const { language, bucket } = event;
    return this.#resolving.get(bucket)?.reductions[language]?.added(event) ?? false;
  }

  #complete(bucket: number, resolving: Resolving): void {
    resolving.rows = resolving.tops.map((top) => {
      const { outcome, key, tokens } = defined(top, 'top of a complete bucket');
      return outcome === 'tensor' ? { key: key!, tokens } : null;
    });
    this.#context.emit({ kind: 'gram', step: this.#context.step, bucket, rows: resolving.rows });
  }

  /** The Gram matrix of a bucket is computed; one of before a rewind was not asked for here. */
  gramComputed(bucket: number, gram: Float64Array): void {
    const resolving = this.#resolving.get(bucket);
    if (resolving === undefined || resolving.rows === null) return;
    const { rows, tops } = resolving;
    const present = Uint8Array.from(rows, (row) => (row === null ? 0 : 1));
    const losses = tops.map((top) => ({ tokens: top!.tokens, lossSum: top!.lossSum }));
    this.#parts.addGram(bucket, { present, gram, losses });
    if (this.#context.sourcesOf(this.#context.groupOf[bucket]!).length > 1) {
      const { step, root } = this.#context;
      const packed = packTriangle(gram, present.length);
      const message = { kind: 'gram', step, root, bucket, present, gram: packed, losses } as const;
      this.#outbox.say(this.#ports.peers(bucket), message, null);
    }
    this.#weighWith(bucket);
    this.#direct(bucket);
  }

  /** Another owner's Gram part. */
  gramReceived(message: MessageOf<'gram'>): void {
    const { bucket, present, gram, losses } = message;
    this.#outbox.remember(message, null);
    this.#parts.addGram(bucket, { present, gram: unpackTriangle(gram, present.length), losses });
    this.#weighWith(bucket);
  }

  /** Weighs the groups that take a bucket's Gram matrix and have all others that they take. */
  #weighWith(bucket: number): void {
    if (this.#context.options.needsAllGrams !== true) {
      this.#weigh(this.#context.groupOf[bucket]!);
      return;
    }
    if (this.#parts.gramCount < this.#context.bucketCount) return;
    for (const group of this.#context.groups.keys()) this.#weigh(group);
  }

  #weigh(group: number): void {
    const buckets = this.#context.groups[group]!;
    if (buckets.some((bucket) => this.#resolving.has(bucket))) this.#parts.weigh(group);
  }

  lacksGram(bucket: number): boolean {
    return !this.#parts.hasGram(bucket);
  }

  /** Buckets whose Gram part is missing here and due from others. */
  missingGrams(): number[] {
    const open = this.buckets.filter((bucket) => this.#ports.needs(bucket));
    const groups = new Set(open.map((bucket) => this.#context.groupOf[bucket]!));
    const needed = new Set([...groups].flatMap((group) => this.#context.sourcesOf(group)));
    return [...needed].filter((bucket) => this.lacksGram(bucket) && !this.#ports.isMine(bucket));
  }

  /** How a bucket was resolved elsewhere tells its Gram part, and the norm. */
  learn(bucket: number, { present, gram, losses, squaredNorm }: Resolution): void {
    const parts = this.#parts;
    if (squaredNorm !== null) {
      parts.setSquaredNorm(squaredNorm);
      this.#clip();
    }
    // The norm may have been the last thing that this node's step lacked.
    if (parts !== this.#parts || !this.lacksGram(bucket)) return;
    this.#parts.addGram(bucket, { present, gram: unpackTriangle(gram, present.length), losses });
    this.#weighWith(bucket);
  }

  /** The weights of a group are found: each bucket of it that is ready gets its direction. */
  weighed(event: WeighedEvent): void {
    this.#parts.addWeights(event);
    this.#context.noteState(event.step + 1, event.group, event.aggregator);
    for (const bucket of this.#context.groups[event.group]!) this.#direct(bucket);
  }

  #direct(bucket: number): void {
    const resolving = this.#resolving.get(bucket);
    const weighed = this.#parts.weights(bucket);
    if (weighed === undefined || resolving === undefined || resolving.rows === null) return;
    const { step } = this.#context;
    const isHere = this.#outbox.get(directionKey(step, bucket)) !== undefined;
    if (isHere || resolving.directing || this.lacksGram(bucket)) return;
    resolving.directing = true;
    const { rows } = resolving;
    const { weights } = weighed;
    if (rows.every((row) => row === null)) this.#directed(bucket, resolving, null, 0);
    else this.#context.emit({ kind: 'direct', step, bucket, rows, weights });
  }

  /** The direction of a bucket is computed. False when it was not this part's. */
  directed(bucket: number, hash: Hash, squaredNorm: number): boolean {
    const resolving = this.#resolving.get(bucket);
    if (!resolving?.directing || resolving.direction !== null) return false;
    if (isOtherThanFollowed(this.#context, this.#outbox, bucket, hash)) return true;
    this.#directed(bucket, resolving, hash, squaredNorm);
    return true;
  }

  #directed(bucket: number, resolving: Resolving, hash: Hash | null, squaredNorm: number): void {
    letGoOfRows(this.#context, this.#outbox, bucket, resolving);
    resolving.direction = { hash };
    if (!this.#context.options.clips) {
      this.#update(bucket, resolving, null);
      return;
    }
    this.#parts.addNorm(bucket, squaredNorm);
    const { step, root } = this.#context;
    const message = { kind: 'norm', step, root, bucket, squaredNorm } as const;
    this.#outbox.say(this.#ports.peers(bucket), message, null);
    this.#clip();
  }

  /** Another owner's part of the norm that clipping needs. */
  normReceived(message: MessageOf<'norm'>): void {
    this.#outbox.remember(message, null);
    this.#parts.addNorm(message.bucket, message.squaredNorm);
    this.#clip();
  }

  lacksNorm(bucket: number): boolean {
    return this.#context.options.clips && !this.#parts.hasNorm(bucket);
  }

  /** Buckets whose part of the norm is missing here and due from others. */
  missingNorms(): number[] {
    const { needs, isMine } = this.#ports;
    if (this.#parts.squaredNorm !== null || !this.buckets.some(needs)) return [];
    return this.#context.buckets.filter((bucket) => this.lacksNorm(bucket) && !isMine(bucket));
  }

  #clip(): void {
    const { squaredNorm } = this.#parts;
    if (squaredNorm === null) return;
    for (const [bucket, resolving] of this.#resolving) {
      if (resolving.direction !== null) this.#update(bucket, resolving, squaredNorm);
    }
  }

  #update(bucket: number, resolving: Resolving, squaredNorm: number | null): void {
    if (resolving.updating) return;
    resolving.updating = true;
    const hash = resolving.direction!.hash;
    if (isOtherThanFollowed(this.#context, this.#outbox, bucket, hash)) return;
    this.#tellBackups(bucket, hash);
    if (!this.#ports.needs(bucket)) return;
    const { step } = this.#context;
    if (hash !== null) {
      this.#context.emit({ kind: 'update', step, bucket, squaredNorm });
      return;
    }
    const { published, optimizer } = defined(this.#context.values[bucket], `value ${bucket}`);
    this.#context.emit({ kind: 'keep', step, bucket });
    this.#finish(bucket, published, optimizer, true);
  }

  #tellBackups(bucket: number, hash: Hash | null): void {
    const { step, root } = this.#context;
    const outcome = hash === null ? ('kept' as const) : ('tensor' as const);
    const message = {
      ...({ kind: 'direction', step, root, bucket, outcome, hash } as const),
      state: packNumbers(this.#parts.weights(bucket)!.state),
      resolution: this.#parts.resolution(bucket),
    };
    const payload = hash === null ? null : directionKey(step, bucket);
    this.#outbox.say(this.#ports.backups(bucket), message, payload);
  }

  /** The optimizer's step on a bucket is done. False when it was not this part's. */
  updated({ bucket, published, optimizer }: UpdatedEvent): boolean {
    if (!this.#resolving.get(bucket)?.updating) return false;
    this.#finish(bucket, published, optimizer, false);
    return true;
  }

  #finish(bucket: number, published: Hash, optimizer: Hash, kept: boolean): void {
    const hashes = { published, optimizer, aggregator: this.#parts.weights(bucket)!.aggregator };
    this.#ports.resolved({ bucket, hashes, resolution: this.#parts.resolution(bucket), kept });
  }
}
