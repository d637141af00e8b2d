/**
 * The weights of a group: its own, as the aggregator finds them; or in a step that is stalled by
 * its partition, where the run's policy says so, those of a coarser group that it is part of. Pure
 * functions of the step's Gram matrices, so that whoever has them finds the same bits.
 */
import type { BucketLayout, GroupBy } from '../../protocol/buckets.ts';
import { resolutionGroups } from '../../protocol/buckets.ts';
import { createStream } from '../../protocol/random.ts';
import type { BucketGram, BulkEffect } from '../actor/index.ts';
import {
  type Aggregator,
  type AggregatorConfig,
  addGrams,
  anyMask,
  createAggregatorState,
  type GroupInput,
  groupsAfterStall,
  resolveGroup,
  type StallPolicy,
  type StepGroup,
  type WeighResult,
} from '../resolve/index.ts';
import { placed, type ResolvedPlace } from './placed.ts';

export interface WeighingOptions {
  readonly runId: string;
  readonly languages: number;
  readonly layout: BucketLayout;
  readonly groups: GroupBy;
  readonly aggregator: AggregatorConfig;
  readonly ownAggregators?: readonly Aggregator[];
  /** Where an own aggregator lies, as errors name it. */
  readonly ownModule?: string;
  /** What a step is resolved in that its groups stall; left out: in those groups all the same. */
  readonly whenStalled?: StallPolicy;
}

type Weigh = Extract<BulkEffect, { kind: 'weigh' }>;

export class Weighing {
  readonly #options: WeighingOptions;
  /** The buckets of each, as they are resolved where nothing stalls. */
  readonly #groups: readonly (readonly number[])[];
  readonly #coarser: CoarserGroups;
  /** Numbers that the aggregator remembers of a group. */
  readonly stateLength: number;

  constructor(options: WeighingOptions) {
    const { layout, groups, whenStalled = 'report' } = options;
    this.#options = options;
    this.#groups = resolutionGroups(layout, groups);
    this.#coarser = new CoarserGroups(whenStalled, this.#groups);
    this.stateLength = this.initialState().length;
  }

  /** What an aggregator remembers before it was asked anything. */
  initialState(): Float64Array {
    const { aggregator, languages, ownAggregators } = this.#options;
    return createAggregatorState(aggregator, languages, ownAggregators);
  }

  /**
   * Weights and certificate of a group, and its state after the one given. Throws the resolver's
   * errors with the place in the run.
   */
  weigh({ step, group, grams, mask, losses, all }: Weigh, state: Float64Array): WeighResult {
    const { runId } = this.#options;
    const means = losses.map(({ tokens, lossSum }) =>
      tokens === 0 ? Number.NaN : lossSum / tokens,
    );
    const shared = { losses: Float64Array.from(means) };
    const joined = all === undefined ? null : this.#coarser.bucketsWith(step, group, all);
    if (joined === null) {
      const random = createStream('resolve', runId, step, group);
      return this.#resolve(step, this.#groups[group]!, { ...shared, grams, mask, random, state });
    }
    const parts = joined.map((bucket) => all![bucket]!);
    const masks = parts.map((part) => part.mask);
    const input = {
      ...shared,
      grams: parts.map(({ gram }) => gram),
      mask: anyMask(masks, mask.length),
      random: createStream('resolve stalled', runId, step, joined[0]!),
      state: this.initialState(),
    };
    // A coarser group has no past, and leaves what its parts remember as it was.
    return { ...this.#resolve(step, joined, input), state };
  }

  #resolve(step: number, buckets: readonly number[], input: GroupInput): WeighResult {
    const { aggregator, ownAggregators } = this.#options;
    return placed(this.place(step, buckets), () => resolveGroup(input, aggregator, ownAggregators));
  }

  /** Where in the run buckets are resolved, for errors. */
  place(step: number, buckets: readonly number[]): ResolvedPlace {
    const { layout, ownModule } = this.#options;
    return { step, buckets: buckets.map((bucket) => layout.buckets[bucket]!), module: ownModule };
  }
}

type Found = readonly StepGroup[] | null;

class CoarserGroups {
  readonly #policy: StallPolicy;
  readonly #groups: readonly (readonly number[])[];
  #last: { step: number; all: readonly BucketGram[]; found: Found } | null = null;

  constructor(policy: StallPolicy, groups: readonly (readonly number[])[]) {
    this.#policy = policy;
    this.#groups = groups;
  }

  /** The buckets that get one set of weights with a group's; null where the step isn't stalled. */
  bucketsWith(step: number, group: number, all: readonly BucketGram[]): readonly number[] | null {
    if (this.#policy === 'report') return null;
    if (this.#last?.step !== step || !isSame(this.#last.all, all)) {
      this.#last = { step, all, found: this.#find(all) };
    }
    const [first] = this.#groups[group]!;
    const joined = this.#last.found?.find(({ buckets }) => buckets.includes(first!));
    return joined?.buckets ?? null;
  }

  #find(all: readonly BucketGram[]): Found {
    const groups = this.#groups.map((buckets): StepGroup => {
      const masks = buckets.map((bucket) => all[bucket]!.mask);
      const gram = addGrams(buckets.map((bucket) => all[bucket]!.gram));
      return { buckets, gram, mask: anyMask(masks, masks[0]!.length) };
    });
    const coarser = groupsAfterStall(this.#policy, groups);
    return coarser === groups ? null : coarser;
  }
}

/** After going back a step comes again, with the same matrices but where the root is another. */
function isSame(before: readonly BucketGram[], after: readonly BucketGram[]): boolean {
  return after.every(({ gram, mask }, bucket) => {
    const known = before[bucket]!;
    return (
      gram.every((value, at) => value === known.gram[at]) &&
      mask.every((bit, language) => bit === known.mask[language])
    );
  });
}
