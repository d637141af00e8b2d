/** What the parts of an actor share: where the node stands, the effects of the event at hand. */
import { resolutionGroups } from '../../protocol/buckets.ts';
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import type { Message } from '../../protocol/messages.ts';
import { type Placement, place } from '../../protocol/placement.ts';
import type { ValueKey } from '../../protocol/values.ts';
import type { ActorOptions, Effect } from './types.ts';

export class Context {
  readonly options: ActorOptions;
  readonly placement: Placement;
  /** The other members, sorted. */
  readonly others: readonly string[];
  /** The buckets of every resolution group. */
  readonly groups: readonly (readonly number[])[];
  /** By bucket: its resolution group. */
  readonly groupOf: readonly number[];
  readonly ownedBuckets: readonly number[];

  nowMs = 0;
  /** The step that this node stands at. */
  step = 0;
  root: Hash = '';
  /** Hashes of the values of `step`, by bucket. */
  values: readonly ValueHashes[] = [];
  #effects: Effect[] = [];

  constructor(options: ActorOptions) {
    const { members, runId, layout, languages, self } = options;
    this.options = options;
    this.placement = place(members, {
      runId,
      buckets: layout.buckets.length,
      unitsByLanguage: languages.map(({ unitsPerStep }) => unitsPerStep),
    });
    this.others = members.map(({ id }) => id).filter((id) => id !== self);
    this.groups = resolutionGroups(layout, options.groups);
    const groupOf: number[] = [];
    this.groups.forEach((buckets, group) => {
      for (const bucket of buckets) groupOf[bucket] = group;
    });
    this.groupOf = groupOf;
    this.ownedBuckets = layout.buckets.map(({ index }) => index).filter((b) => this.owns(b));
  }

  owns(bucket: number): boolean {
    return this.placement.owners[bucket] === this.options.self;
  }

  /** Others may start, and send, before this node knows where it stands. */
  get started(): boolean {
    return this.root !== '';
  }

  get bucketCount(): number {
    return this.options.layout.buckets.length;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  send(to: readonly string[], message: Message, payload: ValueKey | null = null): void {
    if (to.length > 0) this.emit({ kind: 'send', to, message, payload });
  }

  drop(keys: readonly ValueKey[]): void {
    if (keys.length > 0) this.emit({ kind: 'drop', keys });
  }

  /** The effects since the last call, in order. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
