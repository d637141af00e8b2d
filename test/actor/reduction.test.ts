/**
 * Reduction with places from anywhere: own units, and sums that others made of the same, in any
 * order and overlapping. Each unit counts once, and the tree alone says how they are added.
 */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Context } from '../../node/actor/context.ts';
import { type Entry, Reduction } from '../../node/actor/reduction.ts';
import type { Effect } from '../../node/actor/types.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { hashOf } from '../../protocol/hashes.ts';
import { isCanonical, lift, type Place, topPlace, unitsUnder } from '../../protocol/tree.ts';

type Add = Extract<Effect, { kind: 'add' }>;

const UNITS_MAX = 12;
const SUBJECT = { step: 0, language: 0, bucket: 0 };

/** All places of the tree over so many units. */
function placesOf(units: number): Place[] {
  const places: Place[] = [];
  for (let level = 0; level <= topPlace(units).level; level++) {
    for (let index = 0; index * 2 ** level < units; index++) {
      if (isCanonical({ level, index }, units)) places.push({ level, index });
    }
  }
  return places;
}

/** A reduction whose values are written out as what was added to what. */
class Bench {
  readonly units: number;
  readonly reduction: Reduction;
  readonly #context: Context;
  readonly #texts = new Map<string, string>();
  readonly #adds: Add[] = [];
  readonly dropped: string[] = [];
  top: Entry | null = null;
  tops = 0;
  #files = 0;

  constructor(units: number) {
    this.units = units;
    this.#context = new Context({
      ...{ self: 'kestrel', incarnation: 1, runId: hashOf('run'), numericsClass: 'none' },
      ...{ steps: 1, languages: [{ id: 'a', unitsPerStep: units }], groups: 'bucket' as const },
      layout: layoutBuckets([{ name: 'w', shape: [1], layer: 'w' }], 16),
      ...{ stateLength: 0, clips: false, checkpointEverySteps: null, redundancy: 1 },
    });
    this.reduction = new Reduction(this.#context, SUBJECT, (place, entry) => {
      if (place.level < topPlace(units).level) return 'go on';
      this.top = entry;
      this.tops++;
      return 'stop';
    });
  }

  /** The one way to add up a place. */
  textOf({ level, index }: Place): string {
    if (level === 0) return String(index);
    const [left, right] = [2 * index, 2 * index + 1];
    const below = level - 1;
    const text = this.textOf({ level: below, index: left });
    if (right * 2 ** below >= this.units) return text;
    return `(${text}+${this.textOf({ level: below, index: right })})`;
  }

  /** Somebody's value of a place arrives; a copy of its own each time. */
  file(place: Place): boolean {
    const key = `copy ${this.#files++} of ${place.level}:${place.index}`;
    this.#texts.set(key, this.textOf(place));
    const tokens = unitsUnder(place, this.units).length;
    const entry = { outcome: 'tensor', key, hash: hashOf(key), tokens, lossSum: tokens } as const;
    const taken = this.reduction.file(place, entry);
    // One that is refused is the caller's to let go of.
    if (!taken) this.#texts.delete(key);
    this.#collect();
    return taken;
  }

  #collect(): void {
    for (const effect of this.#context.takeEffects()) {
      if (effect.kind === 'add') this.#adds.push(effect);
      if (effect.kind === 'drop') this.dropped.push(...effect.keys);
    }
  }

  get pending(): number {
    return this.#adds.length;
  }

  /** One of the additions that were asked for is done. */
  finish(which: number): void {
    const [{ key, left, right }] = this.#adds.splice(which, 1) as [Add];
    for (const used of [left, right]) {
      if (this.dropped.includes(used)) throw new Error(`${used} is gone before it is added`);
    }
    this.#texts.set(key, `(${this.#texts.get(left)}+${this.#texts.get(right)})`);
    this.reduction.added({
      ...{ kind: 'added', ...SUBJECT, key },
      ...{ outcome: 'tensor', hash: hashOf(key) },
    });
    this.#collect();
  }

  /** What was added to what in the end. */
  get text(): string | undefined {
    return this.top?.key === null || this.top === null ? undefined : this.#texts.get(this.top.key);
  }

  /** All values that came or were made, and neither are the top nor were let go of. */
  get leaked(): string[] {
    const kept = new Set([...this.dropped, ...this.reduction.keys, this.top?.key]);
    return [...this.#texts.keys()].filter((key) => !kept.has(key));
  }
}

const arrivals = fc.integer({ min: 1, max: UNITS_MAX }).chain((units) => {
  const places = placesOf(units);
  const leaves = Array.from({ length: units }, (_, index) => lift({ level: 0, index }, units));
  return fc.record({
    units: fc.constant(units),
    foreign: fc.array(fc.constantFrom(...places), { maxLength: 12 }),
    leaves: fc.shuffledSubarray(leaves, { minLength: units, maxLength: units }),
    turns: fc.infiniteStream(fc.nat(1_000)),
  });
});

testProp(
  'places that arrive in any order and overlap give each unit once, added along the tree',
  [arrivals],
  (t, { units, foreign, leaves, turns }) => {
    const bench = new Bench(units);
    const coming = [...foreign, ...leaves];
    const turn = (of: number) => turns.next().value! % of;
    while (coming.length > 0 || bench.pending > 0) {
      const isArrival = coming.length > 0 && (bench.pending === 0 || turn(3) > 0);
      if (!isArrival) bench.finish(turn(bench.pending));
      else {
        const [place] = coming.splice(turn(coming.length), 1) as [Place];
        const known = bench.reduction.knows(place);
        t.is(bench.file(place), !known);
        t.true(bench.reduction.knows(place));
      }
    }
    t.is(bench.tops, 1);
    t.is(bench.text, bench.textOf(topPlace(units)));
    t.is(bench.top?.tokens, units);
    t.is(bench.top?.lossSum, units);
    t.deepEqual(new Set(bench.dropped).size, bench.dropped.length, 'nothing is let go of twice');
    t.deepEqual(bench.leaked, []);
  },
);

testProp(
  'a set of places that covers less than all comes to no top',
  [arrivals, fc.nat(UNITS_MAX)],
  (t, { units, foreign, leaves }, out) => {
    const missing = out % units;
    const bench = new Bench(units);
    for (const place of [...foreign, ...leaves]) {
      if (unitsUnder(place, units).includes(missing)) continue;
      bench.file(place);
      while (bench.pending > 0) bench.finish(0);
    }
    t.is(bench.top, null);
    t.false(bench.reduction.knows({ level: 0, index: missing }));
  },
);

test('a whole that comes while its parts are being added takes their place', (t) => {
  const bench = new Bench(4);
  for (const index of [0, 1, 2]) bench.file({ level: 0, index });
  t.is(bench.pending, 1);
  t.true(bench.file({ level: 2, index: 0 }));
  t.is(bench.text, '((0+1)+(2+3))');
  while (bench.pending > 0) bench.finish(0);
  t.false(bench.file({ level: 0, index: 3 }));
  t.is(bench.tops, 1);
  t.deepEqual(bench.reduction.keys, []);
});

test('a half of another’s making waits for the other half', (t) => {
  const bench = new Bench(3);
  t.true(bench.file({ level: 1, index: 0 }));
  t.false(bench.file({ level: 0, index: 1 }), 'that unit is in it');
  t.is(bench.top, null);
  t.true(bench.file(lift({ level: 0, index: 2 }, 3)));
  bench.finish(0);
  t.is(bench.text, '((0+1)+2)');
});
