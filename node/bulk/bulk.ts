/**
 * The numbers in bulk of one node: a store of named values and the arithmetic on them, carried out
 * effect by effect. Synchronous and pure but for its memory; the runtime keeps it off the main
 * thread, the simulator runs it in place.
 */
import { assert, defined } from '../../protocol/assert.ts';
import type { BucketLayout } from '../../protocol/buckets.ts';
import { type CodecName, decode, encode, encodedBytes, roundTrip } from '../../protocol/codecs.ts';
import { type Hash, hashOf, type ValueHashes } from '../../protocol/hashes.ts';
import { createStream } from '../../protocol/random.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';
import { type BulkEffect, type BulkEvent, directionKey, valueKey } from '../actor/index.ts';
import {
  clipScale,
  createState,
  learningRateAt,
  type OptimizerConfig,
  step as optimizerStep,
  type ShardState,
  squaredNorm,
  stateBytes,
} from '../optim/index.ts';
import {
  type Aggregator,
  type AggregatorConfig,
  createAggregatorState,
  directionInto,
  gramOfRows,
  type Quotient,
  resolveGroup,
} from '../resolve/index.ts';
import { aggregatorHash, isFinite32 } from './arithmetic.ts';
import { arraysOf, heldValueOf, type StoredArrays } from './stored.ts';

export interface BulkOptions {
  readonly runId: string;
  readonly steps: number;
  readonly languages: number;
  readonly layout: BucketLayout;
  readonly codec: CodecName;
  readonly aggregator: AggregatorConfig;
  readonly optimizer: OptimizerConfig;
  /** Aggregators beside the built-in ones. */
  readonly ownAggregators?: readonly Aggregator[];
}

/** value(s, b): a holder has all of it, everybody else only what is published. */
interface Value {
  readonly published: Float32Array;
  readonly master: Float32Array | null;
  readonly state: ShardState | null;
}

type Carried = Exclude<BulkEffect, { kind: 'compute' }>;
type EffectOf<Kind extends Carried['kind']> = Extract<Carried, { kind: Kind }>;

export class Bulk {
  readonly #options: BulkOptions;
  readonly #tensors = new Map<ValueKey, Float32Array>();
  readonly #values = new Map<ValueKey, Value>();
  /** By group: the aggregator's state before and after the step at hand. */
  readonly #states = new Map<number, { step: number; before: Float64Array; after: Float64Array }>();

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  /** Takes in a bucket of the base model, as a holder; its master copy is exact. */
  loadBase(bucket: number, master: Float32Array): ValueHashes {
    const published = master.slice();
    roundTrip(this.#options.codec, published);
    const state = createState(this.#options.optimizer, master.length);
    this.#values.set(valueKey(0, bucket), { published, master, state });
    return {
      published: hashOf(encode(this.#options.codec, published)),
      optimizer: optimizerHash(master, state),
      aggregator: aggregatorHash(this.#initialState()),
    };
  }

  /**
   * Takes in a bucket of a checkpoint of `step`, as a holder; `group` is its resolution group.
   * Undefined where the arrays are not those of such a bucket.
   */
  load(step: number, bucket: number, group: number, arrays: StoredArrays): ValueHashes | undefined {
    const { codec, optimizer, layout } = this.#options;
    const { length } = defined(layout.buckets[bucket], `bucket ${bucket}`);
    const stored = heldValueOf(codec, optimizer, length, arrays);
    if (stored === undefined) return undefined;
    const { value, aggregator } = stored;
    this.#values.set(valueKey(step, bucket), value);
    this.#states.set(group, { step: step - 1, before: aggregator, after: aggregator });
    return {
      published: hashOf(encode(codec, value.published)),
      optimizer: optimizerHash(value.master, value.state),
      aggregator: aggregatorHash(aggregator),
    };
  }

  /**
   * What a checkpoint of `step` keeps of a bucket that this node holds; to be asked for before the
   * groups of that step are weighed. Not to be written to.
   */
  stored(step: number, bucket: number, group: number): StoredArrays {
    const { published, master, state } = defined(
      this.#values.get(valueKey(step, bucket)),
      valueKey(step, bucket),
    );
    assert(master !== null && state !== null, `this node holds the state of bucket ${bucket}`);
    const earlier = this.#states.get(group);
    assert(earlier === undefined || earlier.step < step, `group ${group} is not yet weighed`);
    const aggregator = earlier?.after ?? this.#initialState();
    return arraysOf(this.#options.codec, { published, master, state }, aggregator);
  }

  #initialState(): Float64Array {
    const { aggregator, languages, ownAggregators } = this.#options;
    return createAggregatorState(aggregator, languages, ownAggregators);
  }

  /** The published parameters of a bucket at a step. Not to be written to. */
  published(step: number, bucket: number): Float32Array {
    return defined(this.#values.get(valueKey(step, bucket)), valueKey(step, bucket)).published;
  }

  /** The encoded form of a value, as messages and hashes have it. Not to be written to. */
  encoded(key: ValueKey): Uint8Array {
    const values = this.#tensors.get(key) ?? this.#values.get(key)?.published;
    return encode(this.#options.codec, defined(values, key));
  }

  /** Number of values held, for bounds and tests. */
  get size(): number {
    return this.#tensors.size + this.#values.size;
  }

  /** Keeps a computed slice, in memory that becomes the store's; says what it is as a value. */
  keepSlice(key: ValueKey, values: Float32Array): { outcome: Outcome; hash: Hash | null } {
    roundTrip(this.#options.codec, values);
    if (!isFinite32(values)) return { outcome: 'nonFinite', hash: null };
    this.#tensors.set(key, values);
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
      case 'keep': {
        const before = defined(this.#values.get(valueKey(effect.step, effect.bucket)), 'value');
        this.#values.set(valueKey(effect.step + 1, effect.bucket), before);
        return null;
      }
      case 'drop':
        for (const key of effect.keys) if (!this.#tensors.delete(key)) this.#values.delete(key);
        return null;
    }
  }

  #file({ key, bucket, hash, published }: EffectOf<'file'>, payload: Uint8Array): BulkEvent {
    const { codec, layout } = this.#options;
    const { length } = defined(layout.buckets[bucket], `bucket ${bucket}`);
    const fits = payload.length === encodedBytes(codec, length) && hashOf(payload) === hash;
    if (!fits) return { kind: 'filed', key, ok: false };
    const values = decode(codec, payload, length);
    if (!isFinite32(values)) return { kind: 'filed', key, ok: false };
    if (published) this.#values.set(key, { published: values, master: null, state: null });
    else this.#tensors.set(key, values);
    return { kind: 'filed', key, ok: true };
  }

  #add({ step, language, bucket, key, left, right }: EffectOf<'add'>): BulkEvent {
    const a = this.#tensor(left);
    const b = this.#tensor(right);
    const sum = new Float32Array(a.length);
    for (let i = 0; i < sum.length; i++) sum[i] = a[i]! + b[i]!;
    const kept = this.keepSlice(key, sum);
    const outcome = kept.outcome === 'tensor' ? 'tensor' : 'nonFinite';
    return { kind: 'added', step, language, bucket, key, outcome, hash: kept.hash };
  }

  #tensor(key: ValueKey): Float32Array {
    return defined(this.#tensors.get(key), key);
  }

  /** The rows: sums over tokens, an f32 division each, made where they are used. */
  #rows(rows: EffectOf<'gram'>['rows']): (Quotient | null)[] {
    return rows.map((row) => row && { sum: this.#tensor(row.key), divisor: row.tokens });
  }

  #weigh({ step, group, grams, mask, losses }: EffectOf<'weigh'>): BulkEvent {
    const { runId, aggregator, ownAggregators } = this.#options;
    const earlier = this.#states.get(group);
    const before =
      earlier?.step === step ? earlier.before : (earlier?.after ?? this.#initialState());
    const means = losses.map(({ tokens, lossSum }) =>
      tokens === 0 ? Number.NaN : lossSum / tokens,
    );
    const random = createStream('resolve', runId, step, group);
    const input = { grams, mask, losses: Float64Array.from(means), random, state: before };
    const { weights, certificate, state } = resolveGroup(input, aggregator, ownAggregators);
    this.#states.set(group, { step, before, after: state });
    const { gapRelative } = certificate;
    return {
      kind: 'weighed',
      step,
      group,
      weights,
      gapRelative,
      aggregator: aggregatorHash(state),
    };
  }

  #direct({ step, bucket, rows, weights }: EffectOf<'direct'>): BulkEvent {
    const { runId, layout, aggregator, ownAggregators, codec } = this.#options;
    const direction = new Float32Array(layout.buckets[bucket]!.length);
    const random = () => createStream('rows', runId, step, bucket);
    const input = { rows: this.#rows(rows), weights, random };
    directionInto(direction, input, aggregator, ownAggregators);
    roundTrip(codec, direction);
    this.#tensors.set(directionKey(step, bucket), direction);
    return { kind: 'directed', step, bucket, squaredNorm: squaredNorm(direction) };
  }

  #update({ step, bucket, squaredNorm: norm }: EffectOf<'update'>): BulkEvent {
    const { codec, optimizer, steps } = this.#options;
    const { master, state } = defined(this.#values.get(valueKey(step, bucket)), 'value');
    assert(master !== null && state !== null, `this node holds the state of bucket ${bucket}`);
    const direction = this.#tensor(directionKey(step, bucket));
    const learningRate = learningRateAt(optimizer, step, steps);
    const scale = norm === null ? 1 : clipScale(norm, optimizer.clipNorm);
    const next = optimizerStep(optimizer, { master, state, direction, learningRate, scale });
    const published = next.master.slice();
    roundTrip(codec, published);
    this.#values.set(valueKey(step + 1, bucket), {
      published,
      master: next.master,
      state: next.state,
    });
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

/** Of the master copy and the optimizer's state. */
function optimizerHash(master: Float32Array, state: ShardState): Hash {
  return hashOf(encode('f32', master), ...stateBytes(state));
}
