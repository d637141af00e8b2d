/**
 * Reduces the slices of one language on one bucket along the fixed tree, as places arrive in any
 * order and from anybody. Worker and owner use the same code; they differ in where they stop.
 */

import { assert, defined } from '../../protocol/assert.ts';
import type { Hash } from '../../protocol/hashes.ts';
import { contains, isCanonical, lift, type Place, parent, sibling } from '../../protocol/tree.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';
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

/** Of a place in a map: asked for at each sum, for it and all that contain it. */
const idOf = ({ level, index }: Place) => index * LEVELS + level;
/** Levels are below this: a run has at most 2 ** 31 units. */
const LEVELS = 32;
const textOf = ({ level, index }: Place) => `${level}:${index}`;

export class Reduction {
  readonly #context: Context;
  readonly #subject: { step: number; language: number; bucket: number };
  readonly #units: number;
  readonly #onPlace: (place: Place, entry: Entry) => 'stop' | 'go on';
  readonly #waiting = new Map<number, { place: Place; entry: Entry }>();
  /** Places whose value is, was or is about to be here; what lies below one is known too. */
  readonly #known = new Set<number>();
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
    const lifted = lift(place, this.#units);
    this.#known.add(idOf(lifted));
    if (place.level > 0) this.#supersede(lifted);
    this.#settle(lifted, entry);
    return true;
  }

  /** A whole place makes the parts of it that wait for their siblings superfluous. */
  #supersede(place: Place): void {
    for (const [id, waiting] of this.#waiting) {
      if (!contains(place, waiting.place)) continue;
      this.#waiting.delete(id);
      if (waiting.entry.key !== null) this.#context.drop([waiting.entry.key]);
    }
  }

  /** An addition that this reduction asked for is done. False when the key is not its own. */
  added({ key, outcome, hash }: AddedEvent): boolean {
    const adding = this.#adding.get(key);
    if (adding === undefined) return false;
    this.#adding.delete(key);
    const { place, left, right } = adding;
    this.#context.drop([left.key!, right.key!]);
    if (this.#isWithinKnown(place)) {
      if (outcome === 'tensor') this.#context.drop([key]);
      return true;
    }
    this.#settle(place, {
      outcome,
      key: outcome === 'tensor' ? key : null,
      hash,
      tokens: left.tokens + right.tokens,
      lossSum: left.lossSum + right.lossSum,
    });
    return true;
  }

  /** The tensors that are kept here; they are of no use once the step is over. */
  get keys(): ValueKey[] {
    const entries = [
      ...[...this.#waiting.values()].map(({ entry }) => entry),
      ...[...this.#adding.values()].flatMap(({ left, right }) => [left, right]),
    ];
    return entries.flatMap(({ key }) => (key === null ? [] : [key]));
  }

  /** The values within a place that wait for their siblings. */
  within(place: Place): { place: Place; entry: Entry }[] {
    return [...this.#waiting.values()].filter((waiting) => contains(place, waiting.place));
  }

  /** Whether a value is here that this one is a part of, and waits for its sibling. */
  holds(place: Place): boolean {
    const here = [...this.#waiting.values(), ...this.#adding.values()];
    return here.some((one) => contains(one.place, place));
  }

  /** Whether a place above this one came from somebody else in the meantime. */
  #isWithinKnown(place: Place): boolean {
    return 2 ** place.level < this.#units && this.knows(parent(place));
  }

  #settle(place: Place, entry: Entry): void {
    assert(isCanonical(place, this.#units), `place ${textOf(place)} of ${this.#units} units`);
    if (this.#onPlace(place, entry) === 'stop') return;
    const other = sibling(place, this.#units);
    const partner = this.#waiting.get(idOf(other))?.entry;
    if (partner === undefined) {
      this.#waiting.set(idOf(place), { place, entry });
      return;
    }
    this.#waiting.delete(idOf(other));
    const up = lift(parent(place), this.#units);
    this.#known.add(idOf(up));
    if (place.index % 2 === 0) this.#merge(up, entry, partner);
    else this.#merge(up, partner, entry);
  }

  /** `absent` passes the other through; `nonFinite` spreads to everything above. */
  #merge(place: Place, left: Entry, right: Entry): void {
    if (left.outcome === 'tensor' && right.outcome === 'tensor') {
      const key = this.#context.uniqueKey({ kind: 'sum', ...this.#subject, ...place });
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
