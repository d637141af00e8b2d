/**
 * The worker part: computes the units that placement prefers this node for, those that fall to it
 * when others go, and those that somebody wants; reduces each language's slices as far as units
 * that it took on together reach, and sends every sum to its bucket's owner.
 */
import { defined } from '../../protocol/assert.ts';
import type { Hash } from '../../protocol/hashes.ts';
import { cover, lift, type Place } from '../../protocol/tree.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { sliceKey } from './keys.ts';
import type { Outbox } from './outbox.ts';
import { type Entry, Reduction } from './reduction.ts';
import type { AddedEvent, SliceEvent } from './types.ts';

/** Computations of one unit after which disagreeing results mean broken memory. */
const ATTEMPTS_MAX = 5;

/** What the worker needs of the other parts. */
export interface WorkerPorts {
  /** Who resolves a bucket. */
  owner(bucket: number): string | null;
  /** Takes in a sum of a bucket that is resolved here. False: it is not. */
  file(language: number, bucket: number, place: Place, entry: Entry): boolean;
}

/** Units of one language that were taken on together. */
interface Batch {
  readonly language: number;
  /** Tops of the subtrees that they cover. */
  readonly places: ReadonlySet<string>;
  readonly reductions: Map<number, Reduction>;
  /** Buckets whose slices were filed here one by one, because they are resolved here. */
  readonly filed: Set<number>;
}

/** What is known of one unit of this node's. */
interface Unit {
  readonly batch: Batch;
  readonly settled: Set<number>;
  readonly doubted: Map<number, { outcome: Outcome; hash: Hash | null }[]>;
  attempt: number;
  attempts: number;
  arrived: number;
}

export class Worker {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #ports: WorkerPorts;
  #batches: Batch[] = [];
  #units = new Map<string, Unit>();
  /** By bucket: nodes besides the owner that want its sums. */
  #askers = new Map<number, Set<string>>();
  #attempts = 0;
  /** When the unit at hand was begun, and how long the last ones took. */
  #begunMs = new Map<string, number>();
  readonly durationsMs: number[] = [];

  constructor(context: Context, outbox: Outbox, ports: WorkerPorts) {
    this.#context = context;
    this.#outbox = outbox;
    this.#ports = ports;
  }

  /** Makes room for the step that the node stands at. */
  begin(): void {
    for (const { reductions } of this.#batches) {
      for (const reduction of reductions.values()) this.#context.drop(reduction.keys);
    }
    this.#batches = [];
    this.#units = new Map();
    this.#askers = new Map();
    this.#begunMs = new Map();
  }

  /** Takes on those of the units that are not taken on yet, as far as they fall to this node. */
  takeOn(workers: readonly (readonly string[])[]): void {
    workers.forEach((row, language) => {
      const mine = row.flatMap((worker, unit) => (worker === this.#context.self ? [unit] : []));
      this.compute(language, mine);
    });
  }

  /** Computes units of a language, each once. */
  compute(language: number, units: readonly number[]): void {
    if (!this.#context.hasText(this.#context.self, language)) return;
    const fresh = units.filter((unit) => !this.#units.has(`${language}.${unit}`));
    if (fresh.length === 0) return;
    const total = defined(this.#context.options.languages[language], 'language').unitsPerStep;
    const places = runsOf(fresh).flatMap(([first, end]) => cover(first, end, total));
    const batch: Batch = {
      language,
      places: new Set(places.map(({ level, index }) => `${level}:${index}`)),
      reductions: new Map(),
      filed: new Set(),
    };
    this.#batches.push(batch);
    for (const unit of fresh) {
      const attempt = this.#attempts++;
      const begun: Unit = {
        batch,
        settled: new Set(),
        doubted: new Map(),
        ...{ attempt, attempts: 1, arrived: 0 },
      };
      this.#units.set(`${language}.${unit}`, begun);
      this.#emit(language, unit, attempt);
    }
  }

  /** A number for one more computation of a unit, by whoever asks for it. */
  nextAttempt(): number {
    return this.#attempts++;
  }

  #emit(language: number, unit: number, attempt: number): void {
    this.#begunMs.set(`${language}.${unit}`, this.#context.nowMs);
    this.#context.emit({ kind: 'compute', step: this.#context.step, language, unit, attempt });
  }

  /** From now on a peer gets the sums of a bucket too, as they come. */
  alsoFor(peer: string, bucket: number): void {
    const askers = this.#askers.get(bucket) ?? new Set();
    this.#askers.set(bucket, askers.add(peer));
  }

  /** Computes units whose slices of a bucket are not here, and not under way. */
  computeAgain(language: number, units: readonly number[], bucket: number): void {
    for (const unit of units) {
      const name = `${language}.${unit}`;
      const begun = this.#units.get(name);
      if (begun === undefined || !begun.settled.has(bucket)) continue;
      // Its slice went into a sum that was resolved here, or sent, and is gone.
      const reduction = begun.batch.reductions.get(bucket);
      if (!reduction?.holds({ level: 0, index: unit })) this.#units.delete(name);
    }
    this.compute(language, units);
  }

  /** A slice is computed. One that is not finite counts once a second computation agrees. */
  slice(event: SliceEvent): void {
    const { step, bucket, outcome, attempt } = event;
    const key = outcome === 'tensor' ? sliceKey(event) : null;
    const unit = this.#units.get(`${event.language}.${event.unit}`);
    const isOf = step === this.#context.step && unit !== undefined && attempt === unit.attempt;
    if (!isOf || unit.settled.has(bucket)) {
      if (key !== null) this.#context.drop([key]);
    } else if (outcome !== 'nonFinite' && unit.attempts === 1) {
      this.#settle(unit, event, key);
    } else {
      this.#doubt(unit, event, key);
    }
    if (isOf) this.#countArrival(unit, event);
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
    this.#settle(unit, event, key);
  }

  #countArrival(unit: Unit, { step, language, unit: number }: SliceEvent): void {
    if (++unit.arrived < this.#context.bucketCount) return;
    const name = `${language}.${number}`;
    const { nowMs, slowness } = this.#context;
    this.#noteDuration(nowMs - this.#begunMs.get(name)!);
    slowness.computed(this.#begunMs.get(name)!, nowMs);
    if (unit.doubted.size === 0) return;
    if (unit.attempts === ATTEMPTS_MAX) {
      const id = defined(this.#context.options.languages[language], 'language').id;
      const text =
        `step ${step}: ${ATTEMPTS_MAX} computations of unit ${number} of ${id} gave different ` +
        "results; check this machine's memory";
      this.#context.emit({ kind: 'failed', error: 'MemoryFault', text });
      return;
    }
    unit.attempt = this.#attempts++;
    unit.attempts++;
    unit.arrived = 0;
    this.#emit(language, number, unit.attempt);
  }

  #noteDuration(ms: number): void {
    this.durationsMs.push(ms);
    if (this.durationsMs.length > DURATIONS_MAX) this.durationsMs.shift();
  }

  #settle(unit: Unit, event: SliceEvent, key: ValueKey | null): void {
    const { language, bucket, outcome, hash, tokens, lossSum } = event;
    unit.settled.add(bucket);
    const entry: Entry = { outcome, key, hash, tokens, lossSum };
    const place = { level: 0, index: event.unit };
    const { batch } = unit;
    // What a bucket's first slice of a batch began must go on: halves would wait for each other.
    if (batch.reductions.has(bucket)) {
      this.#reductionOf(batch, bucket).file(place, entry);
      return;
    }
    const isAlone = !this.#askers.has(bucket) && this.#ports.owner(bucket) === this.#context.self;
    if (isAlone && this.#ports.file(language, bucket, place, entry)) batch.filed.add(bucket);
    else if (batch.filed.has(bucket))
      this.#send(language, bucket, this.#lifted(unit, place), entry);
    else this.#reductionOf(batch, bucket).file(place, entry);
  }

  #lifted({ batch }: Unit, place: Place): Place {
    return lift(place, this.#context.options.languages[batch.language]!.unitsPerStep);
  }

  #reductionOf(batch: Batch, bucket: number): Reduction {
    let reduction = batch.reductions.get(bucket);
    if (reduction === undefined) {
      const { language, places } = batch;
      const subject = { step: this.#context.step, language, bucket };
      reduction = new Reduction(this.#context, subject, (place, entry) => {
        if (!places.has(`${place.level}:${place.index}`)) return 'go on';
        this.#send(language, bucket, place, entry);
        return 'stop';
      });
      batch.reductions.set(bucket, reduction);
    }
    return reduction;
  }

  /** An addition is done; false when it was not this part's. */
  added(event: AddedEvent): boolean {
    return this.#batches.some(
      ({ language, reductions }) =>
        language === event.language && (reductions.get(event.bucket)?.added(event) ?? false),
    );
  }

  #send(language: number, bucket: number, place: Place, entry: Entry): void {
    const { step, root, self } = this.#context;
    const { outcome, hash, tokens, lossSum, key } = entry;
    const owner = this.#ports.owner(bucket);
    const askers = [...(this.#askers.get(bucket) ?? [])];
    const isAlone = owner === self && askers.length === 0;
    if (isAlone && this.#ports.file(language, bucket, place, entry)) return;
    const message = {
      ...({ kind: 'sum', step, root, language, ...place, bucket } as const),
      ...{ outcome, tokens, lossSum, hash },
    };
    const to = owner === null || owner === self ? askers : [owner, ...askers];
    this.#outbox.say([...new Set(to)], message, key);
    if (owner === self) this.fileSaid(bucket);
  }

  /** What was kept to be sent of a bucket is filed here, where it is resolved now. */
  fileSaid(bucket: number): void {
    for (const { message, payload } of this.#outbox.takeSums(bucket)) {
      if (message.kind !== 'sum') continue;
      const { language, level, index, outcome, hash, tokens, lossSum } = message;
      const entry = { outcome, key: payload, hash, tokens, lossSum };
      const filed = this.#ports.file(language, bucket, { level, index }, entry);
      if (!filed) this.#outbox.remember(message, payload);
    }
  }

  /** Another node resolves a bucket now: what was said of it is said again. */
  resend(bucket: number, owner: string): void {
    for (const { message, payload } of this.#outbox.sums(bucket)) {
      this.#context.send([owner], message, payload);
    }
  }
}

const DURATIONS_MAX = 32;

/** The runs [first, end) of ascending units. */
function runsOf(units: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const unit of units) {
    const open = runs.at(-1);
    if (open !== undefined && open[1] === unit) open[1] = unit + 1;
    else runs.push([unit, unit + 1]);
  }
  return runs;
}
