/** Where a node's numbers lie, by key: tensors, values whole or published, aggregators' states. */
import { assert, defined } from '../../protocol/assert.ts';
import type { ValueKey } from '../../protocol/values.ts';
import { type BulkEffect, directionKey, stateKey, valueKey } from '../actor/index.ts';
import type { ShardState } from '../optim/index.ts';
import { MemoryFaultError } from './errors.ts';
import { type Memory, Uses } from './uses.ts';

/** value(s, b): a holder has all of it, everybody else only what is published. */
export interface Value {
  readonly published: Float32Array;
  readonly master: Float32Array | null;
  readonly state: ShardState | null;
}

/** What moves values about and computes nothing. */
export type Rearrangement = Extract<
  BulkEffect,
  { kind: 'keep' | 'adopt' | 'follow' | 'setState' | 'unhold' | 'clear' | 'drop' }
>;

export class Shelf {
  readonly #tensors = new Map<ValueKey, Float32Array>();
  readonly #values = new Map<ValueKey, Value>();
  /** By step and group; what an aggregator begins with is in none. */
  readonly #states = new Map<ValueKey, Float64Array>();
  /** Values that were made here and are published as something else. */
  readonly #contradicted = new Set<ValueKey>();
  readonly #uses: Uses;

  /** `memory` gets back what is under no key any more. */
  constructor(memory: Memory) {
    this.#uses = new Uses(memory);
  }

  /** Number of tensors and values. */
  get size(): number {
    return this.#tensors.size + this.#values.size;
  }

  /** Of all that is here. */
  *keys(): IterableIterator<ValueKey> {
    yield* this.#tensors.keys();
    yield* this.#values.keys();
    yield* this.#states.keys();
  }

  tensor(key: ValueKey): Float32Array {
    return defined(this.#tensors.get(key), key);
  }

  setTensor(key: ValueKey, tensor: Float32Array): void {
    this.#uses.add(tensor);
    this.#dropTensor(key);
    this.#tensors.set(key, tensor);
  }

  value(key: ValueKey): Value {
    return defined(this.#values.get(key), key);
  }

  /** Undefined where it is not here. */
  find(key: ValueKey): Value | undefined {
    return this.#values.get(key);
  }

  setValue(key: ValueKey, value: Value): void {
    for (const array of arraysIn(value)) this.#uses.add(array);
    this.#dropValue(key);
    this.#values.set(key, value);
  }

  state(key: ValueKey): Float64Array | undefined {
    return this.#states.get(key);
  }

  setState(key: ValueKey, state: Float64Array): void {
    this.#states.set(key, state);
  }

  /**
   * A value that this node holds: what was made here had the hash of what is published. Throws a
   * MemoryFaultError where that is something else all the same.
   */
  whole(key: ValueKey): { published: Float32Array; master: Float32Array; state: ShardState } {
    const { published, master, state } = this.value(key);
    if (this.#contradicted.has(key)) throw new MemoryFaultError(key);
    assert(master !== null && state !== null, `this node holds all of ${key}`);
    return { published, master, state };
  }

  /** A tensor, or what is published of a value. */
  numbers(key: ValueKey): Float32Array {
    return defined(this.#tensors.get(key) ?? this.#values.get(key)?.published, key);
  }

  rearrange(effect: Rearrangement): void {
    switch (effect.kind) {
      case 'keep':
        this.#keep(effect.step, effect.bucket);
        return;
      case 'adopt':
        this.#adopt(effect.key, valueKey(effect.step, effect.bucket));
        return;
      case 'follow':
        this.setTensor(directionKey(effect.step, effect.bucket), this.#taken(effect.key));
        return;
      case 'setState':
        this.setState(stateKey(effect.step, effect.group), effect.state);
        return;
      case 'unhold': {
        const key = valueKey(effect.step, effect.bucket);
        this.setValue(key, { published: this.value(key).published, master: null, state: null });
        return;
      }
      case 'clear':
        for (const key of [...this.#tensors.keys()]) this.#dropTensor(key);
        for (const key of [...this.#values.keys()]) this.#dropValue(key);
        this.#states.clear();
        return;
      case 'drop':
        for (const key of effect.keys) this.#drop(key);
    }
  }

  /** A whole value is not given up for one that may be published only. */
  #keep(step: number, bucket: number): void {
    const before = this.value(valueKey(step, bucket));
    const key = valueKey(step + 1, bucket);
    if (this.#values.get(key)?.master == null) this.setValue(key, before);
  }

  /** What came with its hash wins over what was made here ahead of it, and is another. */
  #adopt(key: ValueKey, name: ValueKey): void {
    const before = this.#values.get(name);
    if (before !== undefined && isSame(before.published, this.tensor(key))) {
      this.#dropTensor(key);
      return;
    }
    this.setValue(name, { published: this.#taken(key), master: null, state: null });
    if (before?.master != null) this.#contradicted.add(name);
  }

  /** Keeps a value that was made here, unless another is published under its name already. */
  made(name: ValueKey, value: Value): void {
    const before = this.#values.get(name);
    const isOther = before?.master === null && !isSame(before.published, value.published);
    if (isOther) this.#contradicted.add(name);
    else this.setValue(name, value);
  }

  #taken(key: ValueKey): Float32Array {
    const tensor = this.#uses.hand(this.tensor(key));
    this.#tensors.delete(key);
    return tensor;
  }

  #drop(key: ValueKey): void {
    if (!this.#dropTensor(key) && !this.#dropValue(key)) this.#states.delete(key);
  }

  #dropTensor(key: ValueKey): boolean {
    const tensor = this.#tensors.get(key);
    if (tensor === undefined) return false;
    this.#tensors.delete(key);
    this.#uses.remove(tensor);
    return true;
  }

  #dropValue(key: ValueKey): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#values.delete(key);
    this.#contradicted.delete(key);
    for (const array of arraysIn(value)) this.#uses.remove(array);
    return true;
  }
}

function arraysIn({ published, master, state }: Value): Float32Array[] {
  return [published, ...(master ? [master] : []), ...(state ? Object.values(state.arrays) : [])];
}

/** Whether two arrays have the same bits. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  const x = new Int32Array(a.buffer, a.byteOffset, a.length);
  const y = new Int32Array(b.buffer, b.byteOffset, b.length);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return x.length === y.length;
}
