/** What the parts of an actor share: where the node stands, who is here, the effects at hand. */

import { defined } from '../../protocol/assert.ts';
import { hasBucket } from '../../protocol/bucket-set.ts';
import { groupOfBuckets, resolutionGroups } from '../../protocol/buckets.ts';
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import type { Message } from '../../protocol/messages.ts';
import { type Member, type Placement, place } from '../../protocol/placement.ts';
import { keyOf, type ValueKey, type ValueName } from '../../protocol/values.ts';
import { levelAt, Slowness, type SlownessWords, speedsOf } from './slowness.ts';
import type { AbsentText } from './status.ts';
import type { ActorOptions, Effect } from './types.ts';
import { View } from './view.ts';
import { takesShares } from './words.ts';

const NOTHING: readonly number[] = [];

/** Steps whose hashes are remembered, for whoever catches up along them. */
const STOOD_MAX = 8;
/** A redundancy that no number of nodes reaches. */
const ALL_NODES = Number.MAX_SAFE_INTEGER;

export class Context {
  readonly options: ActorOptions;
  readonly view: View;
  /** The buckets of every resolution group. */
  readonly groups: readonly (readonly number[])[];
  /** By bucket: its resolution group. */
  readonly groupOf: readonly number[];
  /** All buckets, ascending. */
  readonly buckets: readonly number[];

  /** The step that this node stands at, or whose values it gathers. */
  step = 0;
  /** root(step); while it gathers, root(step) is that of the step before the one gathered. */
  root: Hash = '';
  /** root(step − 1). */
  previousRoot: Hash | null = null;
  /** Whether it has all parameters of `step`. */
  complete = false;
  /** The step from which on this node takes shares of the work; null while it does not. */
  activeFrom: number | null = null;
  readonly slowness = new Slowness();
  leaving = false;
  /** Hashes of the values of the last steps, by bucket, and their roots. */
  readonly #stood = new Map<number, { root: Hash; values: readonly ValueHashes[] }>();
  /** Aggregators' states of steps to come that are in memory already. */
  #states: { readonly step: number; readonly group: number; readonly hash: Hash }[] = [];
  #nowMs = 0;
  #copies = 0;
  #effects: Effect[] = [];
  /** The last placement, and of whom it was made. */
  #placed: {
    readonly step: number;
    readonly version: number;
    readonly active: boolean;
    readonly slowness: SlownessWords;
    readonly members: readonly Member[];
    readonly placement: Placement;
  } | null = null;

  constructor(options: ActorOptions) {
    const { layout } = options;
    // Whoever is to check everything has to have everything.
    const checksAll = (options.audit?.rate ?? 0) >= 1;
    this.options = checksAll ? { ...options, redundancy: ALL_NODES } : options;
    this.view = new View(options.self);
    this.groups = resolutionGroups(layout, options.groups);
    this.groupOf = groupOfBuckets(layout, options.groups);
    this.buckets = layout.buckets.map(({ index }) => index);
  }

  /** This node has come to stand at its step. */
  stand(root: Hash, values: readonly ValueHashes[]): void {
    this.root = root;
    this.#stood.set(this.step, { root, values });
    this.#stood.delete(this.step - STOOD_MAX);
    this.#states = [];
  }

  /** state(step, group) is set here, as it was computed or as somebody said. */
  noteState(step: number, group: number, hash: Hash): void {
    if (step > this.step) this.#states.push({ step, group, hash });
  }

  /** What state(step, group) was set to, in memory. */
  statesOf(step: number, group: number): Hash[] {
    const of = this.#states.filter((state) => state.step === step && state.group === group);
    return of.map(({ hash }) => hash);
  }

  /** Hashes of the values of the step that this node stands at, by bucket. */
  get values(): readonly ValueHashes[] {
    return this.#stood.get(this.step)?.values ?? [];
  }

  /** Root and values of a step of late that this node stood at. */
  stoodAt(step: number): { root: Hash; values: readonly ValueHashes[] } | undefined {
    return step <= this.step ? this.#stood.get(step) : undefined;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
    this.view.nowMs = nowMs;
  }

  get self(): string {
    return this.options.self;
  }

  get bucketCount(): number {
    return this.buckets.length;
  }

  /** Whether a bucket's value takes Gram or norm parts of others. */
  get exchangesParts(): boolean {
    return this.options.clips || this.groups.some((_, group) => this.sourcesOf(group).length > 1);
  }

  /** The buckets whose Gram matrices the weights of a group take. */
  sourcesOf(group: number): readonly number[] {
    return this.options.needsAllGrams === true ? this.buckets : this.groups[group]!;
  }

  /** The last step of the run. */
  get steps(): number {
    return this.options.steps;
  }

  /** Whether this node takes shares of the work of a step. */
  isActive(step: number): boolean {
    return !this.leaving && this.activeFrom !== null && this.activeFrom <= step;
  }

  /**
   * Who should work on a step and hold its buckets, as far as this node knows. Where nobody takes
   * shares yet, this node takes them all, so that a run never waits for nobody.
   */
  placement(step: number): Placement {
    const active = this.isActive(step);
    // Among many somebody always takes on a bucket or lets go of one: no share depends on it.
    const version = this.view.pace.isWide ? this.view.sharesVersion : this.view.version;
    const known = this.#placed;
    const slowness = this.slowness.words;
    const isKnown =
      known?.step === step &&
      known.version === version &&
      known.active === active &&
      known.slowness === slowness;
    if (isKnown) return known.placement;
    const { standings, pace } = this.view;
    const ids: string[] = [];
    for (const { id, standing } of standings) {
      if (takesShares(standing, step, pace)) ids.push(id);
    }
    if (active || ids.length === 0) ids.push(this.self);
    const speeds = speedsOf(ids.map((id) => levelAt(this.#slownessOf(id), step)));
    const members = ids.map((id, i) => {
      return { id, capacity: 1, speed: speeds[i]!, lacks: this.#lackedBy(id) };
    });
    if (known !== null && areSame(known.members, members)) {
      this.#placed = { ...known, step, version, active, slowness };
      return known.placement;
    }
    const { runId, languages, redundancy } = this.options;
    const unitsByLanguage = languages.map(({ unitsPerStep }) => unitsPerStep);
    const work = { runId, buckets: this.bucketCount, unitsByLanguage, redundancy };
    const placement = place(members, work);
    this.#placed = { step, version, active, slowness, members, placement };
    return placement;
  }

  #slownessOf(id: string): SlownessWords {
    return id === this.self ? this.slowness.words : defined(this.view.standing(id), id);
  }

  #lackedBy(id: string): readonly number[] {
    const { lacks = NOTHING } = this.options;
    const hasAll =
      id === this.self
        ? lacks.length === 0
        : (this.view.standing(id)?.lacks.every((byte) => byte === 0) ?? true);
    if (hasAll) return NOTHING;
    return [...this.options.languages.keys()].filter((language) => !this.hasText(id, language));
  }

  /** Whether a node has the text of a language, and so can compute its units. */
  hasText(id: string, language: number): boolean {
    if (id === this.self) return !(this.options.lacks?.includes(language) ?? false);
    const standing = this.view.standing(id);
    return standing === null || !hasBucket(standing.lacks, language);
  }

  /** Whether there is text that this node does not have, so that it can't make a step by itself. */
  get lacksText(): boolean {
    return (this.options.lacks ?? []).length > 0;
  }

  /** Whether somebody stands further on: this node's step was made without it. */
  get isBehind(): boolean {
    const { view, step } = this;
    return view.standings.some(({ standing }) => standing.complete && standing.step > step);
  }

  /** Whether this node makes every value itself, and so takes nobody's word for a step. */
  get believesNobody(): boolean {
    return (this.options.audit?.rate ?? 0) >= 1 && !this.lacksText;
  }

  /** Languages whose text only some nodes have. */
  get keptLanguages(): number[] {
    const { languages } = this.options;
    return languages.flatMap(({ at }, language) => (at === undefined ? [] : [language]));
  }

  /** Languages whose text nobody who is here has. */
  get absent(): AbsentText[] {
    const ids = [this.self, ...this.view.standings.map(({ id }) => id)];
    return this.options.languages.flatMap(({ id, at = [] }, language) =>
      ids.some((one) => this.hasText(one, language)) ? [] : [{ language: id, at }],
    );
  }

  /**
   * A key for one copy of a value. The same value may be made here and come from others, and a
   * copy that is let go of must not be the one in use.
   */
  uniqueKey(name: ValueName): ValueKey {
    return `${keyOf(name)} #${this.nextNumber()}`;
  }

  /** A number that this actor has not given before. */
  nextNumber(): number {
    return this.#copies++;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  send(to: readonly string[], message: Message, payload: ValueKey | null = null): void {
    const others = to.filter((id) => id !== this.self);
    if (others.length > 0) this.emit({ kind: 'send', to: others, message, payload });
  }

  drop(keys: readonly ValueKey[]): void {
    if (keys.length > 0) this.emit({ kind: 'drop', keys });
  }

  log(level: 'info' | 'warn', text: string): void {
    this.emit({ kind: 'log', level, text });
  }

  /** The effects since the last call, in order. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

function areSame(a: readonly Member[], b: readonly Member[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ id, speed, lacks = NOTHING }, i) => {
      const other = b[i]!;
      return id === other.id && speed === other.speed && isSameList(lacks, other.lacks ?? NOTHING);
    })
  );
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
