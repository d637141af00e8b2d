/**
 * A byte n-gram model, interpolated by Witten and Bell's method: with N(h) bytes and T(h) kinds
 * of byte seen after the context h, p(c | h) = (N(h, c) + T(h) · p(c | h')) / (N(h) + T(h)), h'
 * being h without its oldest byte, down to the empty context, below which all 256 bytes are
 * equally likely.
 */
import { defined } from '../../protocol/assert.ts';

/** Stands before the first byte of a document, as often as the context is long. */
export const START = 256;

const SYMBOLS = 257;

interface Followers {
  total: number;
  readonly counts: Map<number, number>;
}

export interface NgramModel {
  readonly order: number;
  /** Counts a document's bytes. */
  add(document: Uint8Array): void;
  /** p(byte | the bytes of `document` before `position`); 0 to 255, sums to 1 over the bytes. */
  probability(byte: number, document: ArrayLike<number>, position: number): number;
}

/** An empty model that looks at `order` − 1 bytes before the one to be predicted (order 1 to 7). */
export function createNgramModel(order: number): NgramModel {
  const tables = Array.from({ length: order }, () => new Map<number, Followers>());

  function add(document: Uint8Array): void {
    for (const [position, byte] of document.entries()) {
      for (const [length, table] of tables.entries()) {
        const key = contextKey(document, position, length);
        const followers: Followers = table.get(key) ?? { total: 0, counts: new Map() };
        table.set(key, followers);
        followers.total++;
        followers.counts.set(byte, (followers.counts.get(byte) ?? 0) + 1);
      }
    }
  }

  function probability(byte: number, document: ArrayLike<number>, position: number): number {
    let p = 1 / 256;
    for (const [length, table] of tables.entries()) {
      const followers = table.get(contextKey(document, position, length));
      if (!followers) break; // a longer context has not been seen either
      const { total, counts } = followers;
      p = ((counts.get(byte) ?? 0) + counts.size * p) / (total + counts.size);
    }
    return p;
  }

  return { order, add, probability };
}

/** The `length` symbols before `position` as one number, START where there are none. */
function contextKey(document: ArrayLike<number>, position: number, length: number): number {
  let key = 0;
  for (let i = position - length; i < position; i++) {
    key = key * SYMBOLS + (i < 0 ? START : defined(document[i], 'a byte'));
  }
  return key;
}
