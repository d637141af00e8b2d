/**
 * The worker part: computes the units that placement prefers this node for, reduces each language's
 * slices as far as its own units reach, and sends every sum to its bucket's owner.
 */
import { defined } from '../../protocol/assert.ts';
import type { Hash } from '../../protocol/hashes.ts';
import { cover, type Place } from '../../protocol/tree.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { sliceKey } from './keys.ts';
import type { Outbox } from './outbox.ts';
import { type Entry, Reduction } from './reduction.ts';
import type { AddedEvent, SliceEvent } from './types.ts';

/** Computations of one unit after which disagreeing results mean broken memory. */
const ATTEMPTS_MAX = 5;

/** Where this node's finished places of its own buckets go. */
export interface OwnSums {
  file(language: number, bucket: number, place: Place, entry: Entry): void;
}

export class Worker {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #owner: OwnSums;
  /** By language: this node's places, the tops of the subtrees that it can reduce alone. */
  readonly #places: readonly ReadonlySet<string>[];
  #reductions = new Map<string, Reduction>();
  #units = new Map<string, Unit>();

  constructor(context: Context, outbox: Outbox, owner: OwnSums) {
    this.#context = context;
    this.#outbox = outbox;
    this.#owner = owner;
    this.#places = context.placement.workers.map((workers) => {
      const mine = runsOf(workers, context.options.self);
      const places = mine.flatMap(([first, last]) => cover(first, last, workers.length));
      return new Set(places.map(({ level, index }) => `${level}:${index}`));
    });
  }

  /** Starts on the units of the step that the node stands at. */
  begin(): void {
    this.#reductions = new Map();
    this.#units = new Map();
    const { step, options, placement } = this.#context;
    placement.workers.forEach((workers, language) => {
      workers.forEach((worker, unit) => {
        if (worker !== options.self) return;
        this.#units.set(`${language}.${unit}`, {
          settled: new Set(),
          doubted: new Map(),
          attempt: 0,
          arrived: 0,
        });
        this.#context.emit({ kind: 'compute', step, language, unit, attempt: 0 });
      });
    });
  }

  /** A slice is computed. One that is not finite counts once a second computation agrees. */
  slice(event: SliceEvent): void {
    const { step, bucket, outcome, attempt } = event;
    const key = outcome === 'tensor' ? sliceKey(event) : null;
    const unit = this.#units.get(`${event.language}.${event.unit}`);
    if (step !== this.#context.step || unit === undefined || unit.settled.has(bucket)) {
      if (key !== null) this.#context.drop([key]);
    } else if (outcome !== 'nonFinite' && attempt === 0) {
      unit.settled.add(bucket);
      this.#settle(event, key);
    } else {
      this.#doubt(unit, event, key);
    }
    if (unit !== undefined && step === this.#context.step) this.#countArrival(unit, event);
  }

  #doubt(unit: Unit, event: SliceEvent, key: ValueKey | null): void {
    const earlier = unit.doubted.get(event.bucket) ?? [];
    const same = earlier.some(
      ({ outcome, hash }) => outcome === event.outcome && hash === event.hash,
    );
    if (!same) {
      unit.doubted.set(event.bucket, [...earlier, { outcome: event.outcome, hash: event.hash }]);
      if (key !== null) this.#context.drop([key]);
      return;
    }
    unit.doubted.delete(event.bucket);
    unit.settled.add(event.bucket);
    this.#settle(event, key);
  }

  #countArrival(unit: Unit, { step, language, unit: number, attempt }: SliceEvent): void {
    if (attempt !== unit.attempt || ++unit.arrived < this.#context.bucketCount) return;
    if (unit.doubted.size === 0) return;
    if (attempt + 1 === ATTEMPTS_MAX) {
      const id = defined(this.#context.options.languages[language], 'language').id;
      const text =
        `step ${step}: ${ATTEMPTS_MAX} computations of unit ${number} of ${id} gave different ` +
        "results; check this machine's memory";
      this.#context.emit({ kind: 'failed', error: 'MemoryFault', text });
      return;
    }
    unit.attempt = attempt + 1;
    unit.arrived = 0;
    this.#context.emit({ kind: 'compute', step, language, unit: number, attempt: unit.attempt });
  }

  #settle(
    { language, unit, bucket, outcome, hash, tokens, lossSum }: SliceEvent,
    key: ValueKey | null,
  ) {
    const entry: Entry = { outcome, key, hash, tokens, lossSum };
    const place = { level: 0, index: unit };
    if (this.#context.owns(bucket)) this.#owner.file(language, bucket, place, entry);
    else this.#reductionOf(language, bucket).file(place, entry);
  }

  #reductionOf(language: number, bucket: number): Reduction {
    const id = `${language} ${bucket}`;
    let reduction = this.#reductions.get(id);
    if (reduction === undefined) {
      const subject = { step: this.#context.step, language, bucket };
      reduction = new Reduction(this.#context, subject, (place, entry) => {
        if (!this.#places[language]!.has(`${place.level}:${place.index}`)) return 'go on';
        this.#send(language, bucket, place, entry);
        return 'stop';
      });
      this.#reductions.set(id, reduction);
    }
    return reduction;
  }

  /** An addition is done; false when it was not this part's. */
  added(event: AddedEvent): boolean {
    const { language, bucket } = event;
    return this.#reductions.get(`${language} ${bucket}`)?.added(event) ?? false;
  }

  #send(language: number, bucket: number, place: Place, entry: Entry): void {
    const { step, root, placement } = this.#context;
    const { outcome, hash, tokens, lossSum, key } = entry;
    const message = {
      kind: 'sum',
      step,
      root,
      language,
      ...place,
      bucket,
      outcome,
      tokens,
      lossSum,
      hash,
    } as const;
    this.#outbox.say([placement.owners[bucket]!], message, key);
  }
}

/** What is known of one unit of this node's. */
interface Unit {
  readonly settled: Set<number>;
  readonly doubted: Map<number, { outcome: Outcome; hash: Hash | null }[]>;
  attempt: number;
  arrived: number;
}

/** The runs [first, last) of units that `self` works on. */
function runsOf(workers: readonly string[], self: string): [number, number][] {
  const runs: [number, number][] = [];
  workers.forEach((worker, unit) => {
    if (worker !== self) return;
    const open = runs.at(-1);
    if (open !== undefined && open[1] === unit) open[1] = unit + 1;
    else runs.push([unit, unit + 1]);
  });
  return runs;
}
