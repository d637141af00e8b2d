/** Where a node's numbers lie, by key: tensors, values whole or published, aggregators' states. */
import { assert, defined } from '../../protocol/assert.ts';
import type { ValueKey } from '../../protocol/values.ts';
import { type BulkEffect, directionKey, stateKey, valueKey } from '../actor/index.ts';
import type { ShardState } from '../optim/index.ts';

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
  readonly tensors = new Map<ValueKey, Float32Array>();
  readonly values = new Map<ValueKey, Value>();
  /** By step and group; what an aggregator begins with is in none. */
  readonly states = new Map<ValueKey, Float64Array>();

  tensor(key: ValueKey): Float32Array {
    return defined(this.tensors.get(key), key);
  }

  value(key: ValueKey): Value {
    return defined(this.values.get(key), key);
  }

  /** A value that this node holds. */
  whole(key: ValueKey): { published: Float32Array; master: Float32Array; state: ShardState } {
    const { published, master, state } = this.value(key);
    assert(master !== null && state !== null, `this node holds all of ${key}`);
    return { published, master, state };
  }

  /** A tensor, or what is published of a value. */
  numbers(key: ValueKey): Float32Array {
    return defined(this.tensors.get(key) ?? this.values.get(key)?.published, key);
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
        this.tensors.set(directionKey(effect.step, effect.bucket), this.#taken(effect.key));
        return;
      case 'setState':
        this.states.set(stateKey(effect.step, effect.group), effect.state);
        return;
      case 'unhold': {
        const key = valueKey(effect.step, effect.bucket);
        this.values.set(key, { published: this.value(key).published, master: null, state: null });
        return;
      }
      case 'clear':
        for (const store of [this.tensors, this.values, this.states]) store.clear();
        return;
      case 'drop':
        for (const key of effect.keys) this.#drop(key);
    }
  }

  /** A whole value is not given up for one that may be published only. */
  #keep(step: number, bucket: number): void {
    const before = this.value(valueKey(step, bucket));
    const key = valueKey(step + 1, bucket);
    if (this.values.get(key)?.master == null) this.values.set(key, before);
  }

  /** What came with its hash wins over what was made here ahead of it, and is another. */
  #adopt(key: ValueKey, name: ValueKey): void {
    const published = this.#taken(key);
    const before = this.values.get(name);
    if (before !== undefined && isSame(before.published, published)) return;
    this.values.set(name, { published, master: null, state: null });
  }

  /** Keeps a value that was made here, unless another is published under its name already. */
  made(name: ValueKey, value: Value): void {
    const before = this.values.get(name);
    const isOther = before?.master === null && !isSame(before.published, value.published);
    if (!isOther) this.values.set(name, value);
  }

  #taken(key: ValueKey): Float32Array {
    const tensor = this.tensor(key);
    this.tensors.delete(key);
    return tensor;
  }

  #drop(key: ValueKey): void {
    for (const store of [this.tensors, this.values, this.states]) if (store.delete(key)) return;
  }
}

/** Whether two arrays have the same bits. */
function isSame(a: Float32Array, b: Float32Array): boolean {
  const x = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const y = new Uint32Array(b.buffer, b.byteOffset, b.length);
  return x.length === y.length && x.every((word, i) => word === y[i]);
}
