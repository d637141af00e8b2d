/**
 * The numbers in bulk of one node: a store of named values and the arithmetic on them, carried out
 * effect by effect. Synchronous and pure but for its memory; the runtime keeps it off the main
 * thread, the simulator runs it in place.
 */
import { assert, defined } from '../../protocol/assert.ts';
import { groupOfBuckets } from '../../protocol/buckets.ts';
import {
  type CodecName,
  decode,
  decodeOwn,
  encode,
  encodedBytes,
  roundTrip,
} from '../../protocol/codecs.ts';
import { type Hash, hashOf, type ValueHashes, valueHash } from '../../protocol/hashes.ts';
import { createStream } from '../../protocol/random.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';
import {
  type BulkEffect,
  type BulkEvent,
  directionKey,
  stateKey,
  valueKey,
  wholeOf,
} from '../actor/index.ts';
import {
  clipScale,
  createState,
  learningRateAt,
  type OptimizerConfig,
  step as optimizerStep,
  squaredNorm,
} from '../optim/index.ts';
import { directionInto, gramOfRows, type Quotient } from '../resolve/index.ts';
import { aggregatorHash, isFinite32, sumOf } from './arithmetic.ts';
import { placed } from './placed.ts';
import { optimizerHash, wrongBuckets } from './rehash.ts';
import { Shelf } from './shelf.ts';
import { arraysOf, heldValueOf, packArrays, type StoredArrays, unpackArrays } from './stored.ts';
import { type Memory, SHARED_MEMORY } from './uses.ts';
import { Weighing, type WeighingOptions } from './weighing.ts';

export interface BulkOptions extends WeighingOptions {
  readonly steps: number;
  readonly codec: CodecName;
  readonly optimizer: OptimizerConfig;
}

type Carried = Exclude<BulkEffect, { kind: 'compute' }>;
type Stored = NonNullable<ReturnType<typeof heldValueOf>>;
type EffectOf<Kind extends Carried['kind']> = Extract<Carried, { kind: Kind }>;

export class Bulk {
  readonly #options: BulkOptions;
  readonly #memory: Memory;
  readonly #shelf: Shelf;
  /** By bucket: its resolution group. */
  readonly #groupOf: readonly number[];
  readonly #weighing: Weighing;

  constructor(options: BulkOptions, memory: Memory = SHARED_MEMORY) {
    this.#options = options;
    this.#memory = memory;
    this.#shelf = new Shelf(memory);
    this.#groupOf = groupOfBuckets(options.layout, options.groups);
    this.#weighing = new Weighing(options);
  }

  /** Takes in a bucket of the base model, as a holder; its master copy is exact. */
  loadBase(bucket: number, master: Float32Array): ValueHashes {
    const published = master.slice();
    roundTrip(this.#options.codec, published);
    const state = createState(this.#options.optimizer, master.length);
    this.#shelf.setValue(valueKey(0, bucket), { published, master, state });
    return {
      published: hashOf(encode(this.#options.codec, published)),
      optimizer: optimizerHash(master, state),
      aggregator: aggregatorHash(this.#weighing.initialState()),
    };
  }

  /**
   * Takes in a bucket of `step`, as a holder: from a checkpoint, or from another holder. Undefined
   * where the arrays are not those of such a bucket.
   */
  load(step: number, bucket: number, arrays: StoredArrays): ValueHashes | undefined {
    const stored = this.#heldValue(bucket, arrays);
    if (stored === undefined) return undefined;
    this.#keepHeld(step, bucket, stored);
    return this.#hashes(stored);
  }

  #heldValue(bucket: number, arrays: StoredArrays): Stored | undefined {
    const { codec, optimizer, layout } = this.#options;
    const { length } = defined(layout.buckets[bucket], `bucket ${bucket}`);
    const stored = heldValueOf(codec, optimizer, length, arrays);
    const { stateLength } = this.#weighing;
    return stored?.aggregator.length === stateLength ? stored : undefined;
  }

  #keepHeld(step: number, bucket: number, { value, aggregator }: Stored): void {
    this.#shelf.setValue(valueKey(step, bucket), value);
    this.#shelf.setState(stateKey(step, this.#groupOf[bucket]!), aggregator);
  }

  #hashes({ value, aggregator }: Stored): ValueHashes {
    return {
      published: hashOf(encode(this.#options.codec, value.published)),
      optimizer: optimizerHash(value.master, value.state),
      aggregator: aggregatorHash(aggregator),
    };
  }

  /** All of a value that this node holds, as checkpoints keep it. Not to be written to. */
  stored(step: number, bucket: number): StoredArrays {
    const { published, master, state } = this.#shelf.whole(valueKey(step, bucket));
    const aggregator = this.#state(step, this.#groupOf[bucket]!);
    return arraysOf(this.#options.codec, { published, master, state }, aggregator);
  }

  #state(step: number, group: number): Float64Array {
    const state = this.#shelf.state(stateKey(step, group));
    assert(state !== undefined || step === 0, `state of group ${group} at step ${step}`);
    return state ?? this.#weighing.initialState();
  }

  /** The published parameters of a bucket at a step. Not to be written to. */
  published(step: number, bucket: number): Float32Array {
    return this.#shelf.value(valueKey(step, bucket)).published;
  }

  /**
   * The encoded form of a value, as messages and hashes have it; for a `wholeKey` all that a holder
   * has. Not to be written to.
   */
  encoded(key: ValueKey): Uint8Array {
    const whole = wholeOf(key);
    if (whole !== null) return packArrays(this.stored(whole.step, whole.bucket));
    return encode(this.#options.codec, this.#shelf.numbers(key));
  }

  /** Number of values held, for bounds and tests. */
  get size(): number {
    return this.#shelf.size;
  }

  /** Names of all that is held, aggregators' states too, for bounds and tests. */
  keys(): IterableIterator<ValueKey> {
    return this.#shelf.keys();
  }

  /** Keeps a computed slice, in memory that becomes the store's; says what it is as a value. */
  keepSlice(key: ValueKey, values: Float32Array): { outcome: Outcome; hash: Hash | null } {
    roundTrip(this.#options.codec, values);
    if (!isFinite32(values)) return { outcome: 'nonFinite', hash: null };
    this.#shelf.setTensor(key, values);
    return { outcome: 'tensor', hash: hashOf(encode(this.#options.codec, values)) };
  }

  /** Carries out one effect; `payload` is what a `file` effect speaks of. */
  perform(effect: Carried, payload: Uint8Array | null = null): BulkEvent | null {
    switch (effect.kind) {
      case 'file':
        return this.#file(effect, defined(payload, 'payload'));
      case 'add':
        return this.#add(effect);
      case 'gram': {
        const { kind, step, bucket } = effect;
        return { kind, step, bucket, gram: gramOfRows(this.#rows(effect.rows)) };
      }
      case 'weigh':
        return this.#weigh(effect);
      case 'direct':
        return this.#direct(effect);
      case 'update':
        return this.#update(effect);
      case 'take':
        return this.#take(effect, defined(payload, 'payload'));
      case 'rehash': {
        const { step, values } = effect;
        const kept = { codec: this.#options.codec, groupOf: this.#groupOf };
        const wrong = wrongBuckets(this.#shelf, kept, step, values);
        return { kind: 'rehashed', step, wrong };
      }
      default:
        this.#shelf.rearrange(effect);
        return null;
    }
  }

  #file({ key, bucket, hash }: EffectOf<'file'>, payload: Uint8Array): BulkEvent {
    const { codec, layout } = this.#options;
    const { length } = defined(layout.buckets[bucket], `bucket ${bucket}`);
    const fits = payload.length === encodedBytes(codec, length) && hashOf(payload) === hash;
    if (!fits) return { kind: 'filed', key, ok: false };
    const read = this.#memory.ownsPayloads ? decodeOwn : decode;
    const values = read(codec, payload, length);
    if (!isFinite32(values)) return { kind: 'filed', key, ok: false };
    this.#shelf.setTensor(key, values);
    return { kind: 'filed', key, ok: true };
  }

  #take({ step, bucket, hashes }: EffectOf<'take'>, payload: Uint8Array): BulkEvent {
    const arrays = unpackArrays(payload);
    const stored = arrays === undefined ? undefined : this.#heldValue(bucket, arrays);
    const ok = stored !== undefined && valueHash(this.#hashes(stored)) === valueHash(hashes);
    if (ok) this.#keepHeld(step, bucket, stored);
    return { kind: 'taken', step, bucket, ok };
  }

  #add({ step, language, bucket, key, left, right }: EffectOf<'add'>): BulkEvent {
    const kept = this.keepSlice(key, sumOf(this.#shelf.tensor(left), this.#shelf.tensor(right)));
    const outcome = kept.outcome === 'tensor' ? 'tensor' : 'nonFinite';
    return { kind: 'added', step, language, bucket, key, outcome, hash: kept.hash };
  }

  /** The rows: sums over tokens, an f32 division each, made where they are used. */
  #rows(rows: EffectOf<'gram'>['rows']): (Quotient | null)[] {
    return rows.map((row) => row && { sum: this.#shelf.tensor(row.key), divisor: row.tokens });
  }

  #weigh(effect: EffectOf<'weigh'>): BulkEvent {
    const { step, group } = effect;
    const before = this.#state(step, group);
    const { weights, certificate, state } = this.#weighing.weigh(effect, before);
    this.#shelf.setState(stateKey(step + 1, group), state);
    const { gapRelative, converged } = certificate;
    return {
      kind: 'weighed',
      step,
      group,
      weights,
      gapRelative,
      converged,
      state,
      aggregator: aggregatorHash(state),
    };
  }

  #direct({ step, bucket, rows, weights }: EffectOf<'direct'>): BulkEvent {
    const { runId, layout, aggregator, ownAggregators, codec } = this.#options;
    const direction = new Float32Array(layout.buckets[bucket]!.length);
    const random = () => createStream('rows', runId, step, bucket);
    const input = { rows: this.#rows(rows), weights, random };
    placed(this.#weighing.place(step, [bucket]), () =>
      directionInto(direction, input, aggregator, ownAggregators),
    );
    roundTrip(codec, direction);
    this.#shelf.setTensor(directionKey(step, bucket), direction);
    const hash = hashOf(encode(this.#options.codec, direction));
    return { kind: 'directed', step, bucket, hash, squaredNorm: squaredNorm(direction) };
  }

  #update({ step, bucket, squaredNorm: norm }: EffectOf<'update'>): BulkEvent {
    const { codec, optimizer, steps } = this.#options;
    const { master, state } = this.#shelf.whole(valueKey(step, bucket));
    const direction = this.#shelf.tensor(directionKey(step, bucket));
    const learningRate = learningRateAt(optimizer, step, steps);
    const scale = norm === null ? 1 : clipScale(norm, optimizer.clipNorm);
    const next = optimizerStep(optimizer, { master, state, direction, learningRate, scale });
    const published = next.master.slice();
    roundTrip(codec, published);
    const value = { published, master: next.master, state: next.state };
    this.#shelf.made(valueKey(step + 1, bucket), value);
    return {
      kind: 'updated',
      step,
      bucket,
      finite: next.finite && isFinite32(published),
      published: hashOf(encode(codec, published)),
      optimizer: optimizerHash(next.master, next.state),
    };
  }
}
