/**
 * A run without numbers, for scale: a value is a word, mixed from the words that it was made from,
 * and stands for as many bytes as a bucket has. So nodes still agree only if each of them made the
 * same values from the same parts, but nothing is added up. There is no oracle for it.
 */
import type { BulkEffect, BulkEvent } from '../../node/actor/index.ts';
import { directionKey, valueKey, wholeOf } from '../../node/actor/index.ts';
import type { StoredArrays } from '../../node/bulk/index.ts';
import { assert, defined } from '../../protocol/assert.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import {
  firstRoot,
  type Hash,
  hashOf,
  type ValueHashes,
  valueHash,
} from '../../protocol/hashes.ts';
import type { ValueKey } from '../../protocol/values.ts';
import { drawKey } from '../core/draws.ts';
import type { Scenario } from '../scenario.ts';
import type { BulkPort, Parameters, SimModel, UnitName, UnitWork } from './model.ts';
import {
  bytesOfWord,
  hashesOf,
  hashOfWord,
  mixed,
  STATE,
  STATE_HASH,
  type Word,
  wordOf,
  wordOfBytes,
  wordOfHash,
} from './words.ts';

type AnalyticModel = Extract<Scenario['model'], { kind: 'analytic' }>;
type Carried = Exclude<BulkEffect, { kind: 'compute' }>;
type EffectOf<Kind extends Carried['kind']> = Extract<Carried, { kind: Kind }>;

/** A held value's word, and whether all of it is here or only what is published. */
interface Held {
  readonly word: Word;
  readonly isWhole: boolean;
}

const NUMERICS_CLASS = 'analytic';
/** Scored tokens of every unit. */
const TOKENS = 512;
const BYTES_PER_VALUE = 4;

/** The scenario's run on words. Codec, aggregator and optimizer are not used. */
export function analyticRun(scenario: Scenario, { buckets, bucketBytes }: AnalyticModel): SimModel {
  const { steps, units, groups, checkpointEverySteps, redundancy } = scenario;
  assert(groups === 'bucket', 'the analytic model resolves bucket by bucket');
  const digits = String(buckets).length;
  const parameters = Array.from({ length: buckets }, (_, bucket) => {
    const name = `bucket ${String(bucket).padStart(digits, '0')}`;
    return { name, shape: [bucketBytes / BYTES_PER_VALUE], layer: name };
  });
  const runId = hashOf('analytic run', String(scenario.seed), scenario.placementSalt);
  const layout = layoutBuckets(parameters, bucketBytes);
  const key = drawKey(scenario.seed, 'analytic');
  const base = layout.buckets.map(({ index }) => wordOf(key, index, 0));
  return {
    actor: {
      runId,
      numericsClass: NUMERICS_CLASS,
      steps,
      languages: units.map((unitsPerStep, l) => ({ id: `language-${l}`, unitsPerStep })),
      layout,
      groups,
      stateLength: STATE.length,
      clips: false,
      checkpointEverySteps,
      redundancy,
    },
    groupOf: layout.buckets.map(({ index }) => index),
    createBulk: () => new AnalyticBulk(units.length),
    loadBase(port) {
      const values = base.map((word, bucket) => (port as AnalyticBulk).hold(0, bucket, word));
      return { root: firstRoot(runId, NUMERICS_CLASS, values.map(valueHash)), values };
    },
    parameters(port, step): Parameters {
      const word = layout.buckets.reduce(
        (all, { index }) => mixed(all, (port as AnalyticBulk).word(step, index)),
        key,
      );
      return { hash: hashOfWord(word), values: Float32Array.of() };
    },
    gradient: ({ hash }, unit) => gradient(wordOfHash(hash), unit, buckets),
    nominalBytes: (valueKey) => (wholeOf(valueKey) === null ? bucketBytes : 3 * bucketBytes),
  };
}

/** Every unit touches every bucket. */
function gradient(parameters: Word, { language, unit }: UnitName, buckets: number): UnitWork {
  const word = mixed(mixed(parameters, language), unit);
  const slices = Array.from({ length: buckets }, (_, bucket) => {
    return new Float32Array(Float64Array.of(mixed(word, bucket)).buffer);
  });
  return { tokens: TOKENS, lossSum: TOKENS, slices };
}

/** As node/bulk's Bulk, on words. */
class AnalyticBulk implements BulkPort {
  readonly #languages: number;
  readonly #tensors = new Map<ValueKey, Word>();
  readonly #values = new Map<ValueKey, Held>();

  constructor(languages: number) {
    this.#languages = languages;
  }

  get size(): number {
    return this.#tensors.size + this.#values.size;
  }

  keys(): ValueKey[] {
    return [...this.#tensors.keys(), ...this.#values.keys()];
  }

  hold(step: number, bucket: number, word: Word): ValueHashes {
    this.#values.set(valueKey(step, bucket), { word, isWhole: true });
    return hashesOf(word);
  }

  word(step: number, bucket: number): Word {
    return this.#value(step, bucket).word;
  }

  #value(step: number, bucket: number): Held {
    const key = valueKey(step, bucket);
    return defined(this.#values.get(key), key);
  }

  #whole(step: number, bucket: number): Word {
    const { word, isWhole } = this.#value(step, bucket);
    assert(isWhole, `this node holds all of ${valueKey(step, bucket)}`);
    return word;
  }

  #tensor(key: ValueKey): Word {
    return defined(this.#tensors.get(key), key);
  }

  load(step: number, bucket: number, { word }: StoredArrays): ValueHashes | undefined {
    return word instanceof Float64Array && word.length === 1
      ? this.hold(step, bucket, word[0]!)
      : undefined;
  }

  stored(step: number, bucket: number): StoredArrays {
    return { word: Float64Array.of(this.#whole(step, bucket)) };
  }

  published(step: number, bucket: number): Float32Array {
    return new Float32Array(bytesOfWord(this.word(step, bucket)).buffer);
  }

  encoded(key: ValueKey): Uint8Array {
    const whole = wholeOf(key);
    if (whole !== null) return bytesOfWord(this.#whole(whole.step, whole.bucket));
    return bytesOfWord(defined(this.#tensors.get(key) ?? this.#values.get(key)?.word, key));
  }

  keepSlice(key: ValueKey, values: Float32Array): { outcome: 'tensor'; hash: Hash } {
    const word = new Float64Array(values.buffer)[0]!;
    this.#tensors.set(key, word);
    return { outcome: 'tensor', hash: hashOfWord(word) };
  }

  perform(effect: Carried, payload: Uint8Array | null): BulkEvent | null {
    switch (effect.kind) {
      case 'file':
        return this.#file(effect, defined(payload, 'payload'));
      case 'take':
        return this.#take(effect, defined(payload, 'payload'));
      case 'add': {
        const { step, language, bucket, key, left, right } = effect;
        const word = mixed(this.#tensor(left), this.#tensor(right));
        this.#tensors.set(key, word);
        const hash = hashOfWord(word);
        return { kind: 'added', step, language, bucket, key, outcome: 'tensor', hash };
      }
      case 'gram': {
        const { kind, step, bucket, rows } = effect;
        for (const row of rows) if (row !== null) this.#tensor(row.key);
        return { kind, step, bucket, gram: new Float64Array(this.#languages ** 2) };
      }
      case 'weigh': {
        const { step, group } = effect;
        const weights = new Float64Array(this.#languages).fill(1 / this.#languages);
        const found = {
          weights,
          gapRelative: 0,
          converged: true,
          state: STATE,
          aggregator: STATE_HASH,
        };
        return { kind: 'weighed', step, group, ...found };
      }
      case 'direct': {
        const { step, bucket, rows } = effect;
        const words = rows.map((row) => (row === null ? 0 : this.#tensor(row.key)));
        const word = words.reduce(mixed, bucket);
        this.#tensors.set(directionKey(step, bucket), word);
        return { kind: 'directed', step, bucket, hash: hashOfWord(word), squaredNorm: 1 };
      }
      case 'update': {
        const { step, bucket } = effect;
        const direction = this.#tensor(directionKey(step, bucket));
        const word = mixed(this.#whole(step, bucket), direction);
        const { published, optimizer } = this.hold(step + 1, bucket, word);
        return { kind: 'updated', step, bucket, finite: true, published, optimizer };
      }
      case 'rehash':
        return { kind: 'rehashed', step: effect.step, wrong: [] };
      default:
        this.#rearrange(effect);
        return null;
    }
  }

  #file({ key, hash }: EffectOf<'file'>, payload: Uint8Array): BulkEvent {
    const word = wordOfBytes(payload);
    const ok = word !== undefined && hashOfWord(word) === hash;
    if (ok) this.#tensors.set(key, word);
    return { kind: 'filed', key, ok };
  }

  #take({ step, bucket, hashes }: EffectOf<'take'>, payload: Uint8Array): BulkEvent {
    const word = wordOfBytes(payload);
    const ok = word !== undefined && valueHash(hashesOf(word)) === valueHash(hashes);
    if (ok) this.hold(step, bucket, word);
    return { kind: 'taken', step, bucket, ok };
  }

  #rearrange(
    effect: EffectOf<'keep' | 'adopt' | 'follow' | 'setState' | 'unhold' | 'clear' | 'drop'>,
  ): void {
    switch (effect.kind) {
      case 'keep': {
        const { step, bucket } = effect;
        this.#publish(step + 1, bucket, this.#value(step, bucket));
        return;
      }
      case 'adopt': {
        const word = this.#taken(effect.key);
        this.#publish(effect.step, effect.bucket, { word, isWhole: false });
        return;
      }
      case 'follow':
        this.#tensors.set(directionKey(effect.step, effect.bucket), this.#taken(effect.key));
        return;
      case 'setState':
        return;
      case 'unhold': {
        const { step, bucket } = effect;
        const held = { word: this.word(step, bucket), isWhole: false };
        this.#values.set(valueKey(step, bucket), held);
        return;
      }
      case 'clear':
        this.#tensors.clear();
        this.#values.clear();
        return;
      case 'drop':
        for (const key of effect.keys) if (!this.#tensors.delete(key)) this.#values.delete(key);
    }
  }

  /** A whole value is not given up for one that may be published only. */
  #publish(step: number, bucket: number, held: Held): void {
    const key = valueKey(step, bucket);
    if (this.#values.get(key)?.isWhole !== true) this.#values.set(key, held);
  }

  #taken(key: ValueKey): Word {
    const word = this.#tensor(key);
    this.#tensors.delete(key);
    return word;
  }
}
