/** Words: what stands for numbers in bulk where nothing is added up, and their forms elsewhere. */
import { aggregatorHash } from '../../node/bulk/index.ts';
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import { draw32 } from '../core/draws.ts';

/** What stands for a tensor: a whole number below 2⁵³, so that a float64 carries it. */
export type Word = number;

/** Bytes that carry a word: the rest of what it stands for is counted and not sent. */
const WORD_BYTES = 8;
const HASH_DIGITS = 64;
/** Of 32 bits. */
const HALF_DIGITS = 8;
const ZEROS = '0'.repeat(HASH_DIGITS);
/** The state of an aggregator that remembers nothing. */
export const STATE = new Float64Array();
export const STATE_HASH = aggregatorHash(STATE);

export function wordOf(key: number, a: number, b: number): Word {
  return draw32(key, a, b) + (draw32(key, a, b, 1) & 0xfffff) * 2 ** 32;
}

/** The order of the two counts, as it does in a tree of additions that round. */
export function mixed(left: Word, right: Word): Word {
  return wordOf((left % 2 ** 32) | 0, left, right);
}

/** The word as the last digits of a hash. */
export function hashOfWord(word: Word): Hash {
  // In two halves: digits of numbers beyond 32 bits are made slowly.
  const high = Math.floor(word / 2 ** 32).toString(16);
  const low = (word % 2 ** 32).toString(16);
  return (
    ZEROS.slice(0, HASH_DIGITS - HALF_DIGITS - high.length) +
    high +
    ZEROS.slice(0, HALF_DIGITS - low.length) +
    low
  );
}

export function wordOfHash(hash: Hash): Word {
  return Number.parseInt(hash.slice(-13), 16);
}

/** Of a value: what is published and what only holders have are one word here. */
export function hashesOf(word: Word): ValueHashes {
  const hash = hashOfWord(word);
  return { published: hash, optimizer: hash, aggregator: STATE_HASH };
}

export function bytesOfWord(word: Word): Uint8Array {
  return new Uint8Array(Float64Array.of(word).buffer);
}

export function wordOfBytes(bytes: Uint8Array): Word | undefined {
  if (bytes.length !== WORD_BYTES) return undefined;
  const word = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  return Number.isSafeInteger(word) && word >= 0 ? word : undefined;
}
