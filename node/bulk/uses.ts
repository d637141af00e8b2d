/** Who uses which numbers in bulk, so that their memory can be given back after the last use. */
import { freeMemory } from '../../protocol/memory.ts';

/** Whose memory the store works in. */
export interface Memory {
  /** Payloads are the store's from then on, and need not be copied. */
  readonly ownsPayloads: boolean;
  /** Takes an array that nobody uses any more. */
  giveBack(array: Float32Array): void;
}

/** Others may look at the same memory: it is copied, and left to the garbage collector. */
export const SHARED_MEMORY: Memory = { ownsPayloads: false, giveBack: () => {} };

/** Of a thread to which everything is transferred: freed when it is done with. */
export const OWN_MEMORY: Memory = {
  ownsPayloads: true,
  giveBack: freeMemory,
};

/** Users by array: one may be under several keys, as a bucket is that a step leaves alone. */
export class Uses {
  readonly #counts = new Map<Float32Array, number>();
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  add(array: Float32Array): void {
    this.#counts.set(array, (this.#counts.get(array) ?? 0) + 1);
  }

  /** One use less; after the last one the array is given back. */
  remove(array: Float32Array): void {
    if (this.#lower(array)) this.#memory.giveBack(array);
  }

  /** One use less, of an array that goes elsewhere. */
  hand(array: Float32Array): Float32Array {
    this.#lower(array);
    return array;
  }

  /** Whether that was the last use. */
  #lower(array: Float32Array): boolean {
    const left = (this.#counts.get(array) ?? 0) - 1;
    if (left > 0) this.#counts.set(array, left);
    else this.#counts.delete(array);
    return left <= 0;
  }
}
