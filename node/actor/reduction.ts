/**
 * Reduces the slices of one language on one bucket along the fixed tree, as places arrive in any
 * order. Worker and owner use the same code; they differ in where they stop.
 */

import { assert, defined } from '../../protocol/assert.ts';
import type { Hash } from '../../protocol/hashes.ts';
import { isCanonical, lift, type Place, parent, sibling } from '../../protocol/tree.ts';
import { keyOf, type Outcome, type ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import type { AddedEvent } from './types.ts';

/** The value at a place. */
export interface Entry {
  readonly outcome: Outcome;
  /** Where its numbers are; null without any. */
  readonly key: ValueKey | null;
  readonly hash: Hash | null;
  /** Scored tokens of the units below, and their summed −ln p (NaN if one's was not finite). */
  readonly tokens: number;
  readonly lossSum: number;
}

const idOf = ({ level, index }: Place) => `${level}:${index}`;

export class Reduction {
  readonly #context: Context;
  readonly #subject: { step: number; language: number; bucket: number };
  readonly #units: number;
  readonly #onPlace: (place: Place, entry: Entry) => 'stop' | 'go on';
  readonly #waiting = new Map<string, Entry>();
  /** Places whose value is or was here; what lies below one of them is known too. */
  readonly #known = new Set<string>();
  readonly #adding = new Map<ValueKey, { place: Place; left: Entry; right: Entry }>();

  /** `onPlace` is told every value that comes to stand, and says whether to merge it further. */
  constructor(
    context: Context,
    subject: { step: number; language: number; bucket: number },
    onPlace: (place: Place, entry: Entry) => 'stop' | 'go on',
  ) {
    this.#context = context;
    this.#subject = subject;
    this.#units = defined(context.options.languages[subject.language], 'language').unitsPerStep;
    this.#onPlace = onPlace;
  }

  /** Whether the value at this place, or of one that contains it, is already here. */
  knows(place: Place): boolean {
    for (let at = lift(place, this.#units); ; at = parent(at)) {
      if (this.#known.has(idOf(at))) return true;
      if (at.level > 31 || 2 ** at.level >= this.#units) return false;
    }
  }

  /** Takes in the value at a place, once; a second one is ignored and false returned. */
  file(place: Place, entry: Entry): boolean {
    if (this.knows(place)) return false;
    this.#settle(lift(place, this.#units), entry);
    return true;
  }

  /** An addition that this reduction asked for is done. False when the key is not its own. */
  added({ key, outcome, hash }: AddedEvent): boolean {
    const adding = this.#adding.get(key);
    if (adding === undefined) return false;
    this.#adding.delete(key);
    const { place, left, right } = adding;
    this.#context.drop([left.key!, right.key!]);
    this.#settle(place, {
      outcome,
      key: outcome === 'tensor' ? key : null,
      hash,
      tokens: left.tokens + right.tokens,
      lossSum: left.lossSum + right.lossSum,
    });
    return true;
  }

  #settle(place: Place, entry: Entry): void {
    assert(isCanonical(place, this.#units), `place ${idOf(place)} of ${this.#units} units`);
    this.#known.add(idOf(place));
    if (this.#onPlace(place, entry) === 'stop') return;
    const other = sibling(place, this.#units);
    const partner = this.#waiting.get(idOf(other));
    if (partner === undefined) {
      this.#waiting.set(idOf(place), entry);
      return;
    }
    this.#waiting.delete(idOf(other));
    const up = lift(parent(place), this.#units);
    if (place.index % 2 === 0) this.#merge(up, entry, partner);
    else this.#merge(up, partner, entry);
  }

  /** `absent` passes the other through; `nonFinite` spreads to everything above. */
  #merge(place: Place, left: Entry, right: Entry): void {
    if (left.outcome === 'tensor' && right.outcome === 'tensor') {
      const key = keyOf({ kind: 'sum', ...this.#subject, ...place });
      this.#adding.set(key, { place, left, right });
      const [leftKey, rightKey] = [left.key!, right.key!];
      this.#context.emit({ kind: 'add', ...this.#subject, key, left: leftKey, right: rightKey });
      return;
    }
    const tokens = left.tokens + right.tokens;
    const lossSum = left.lossSum + right.lossSum;
    if (left.outcome === 'nonFinite' || right.outcome === 'nonFinite') {
      this.#context.drop([left.key, right.key].filter((key) => key !== null));
      this.#settle(place, { outcome: 'nonFinite', key: null, hash: null, tokens, lossSum });
      return;
    }
    const { outcome, key, hash } = left.outcome === 'absent' ? right : left;
    this.#settle(place, { outcome, key, hash, tokens, lossSum });
  }
}
