/** From what a node logs at a step to what is told of it; the same on every node. */
import { defined } from '../../../protocol/assert.ts';
import {
  type Resolution,
  resolutionGroups,
  unpackNumbers,
  unpackTriangle,
} from '../../../protocol/index.ts';
import { learningRateAt } from '../../optim/index.ts';
import {
  addGrams,
  anyMask,
  conflicts,
  groupsAfterStall,
  residualsOf,
  type StepGroup,
} from '../../resolve/index.ts';
import type { ConflictCounts, LanguagePair, StepReport } from '../output/index.ts';
import type { Job } from './open-job.ts';

/** What only the clock and the sockets know. */
export type Measured = Pick<StepReport, 'part' | 'tokensPerSecond' | 'wireBytes'>;

/** A step as a node logs it: `resolutions` by bucket, null where a value came from a disk. */
export interface LoggedStep {
  readonly step: number;
  readonly root: string;
  readonly resolutions: readonly (Resolution | null)[];
}

/** Undefined where nothing was resolved: at the first step, and where a checkpoint was read. */
export function stepReport(
  job: Job,
  { step, root, resolutions }: LoggedStep,
  measured: Measured,
): StepReport | undefined {
  const { config, manifest } = job;
  const known = resolutions.filter((resolution) => resolution !== null);
  const [first] = known;
  if (first === undefined) return undefined;
  const ids = manifest.languages.map(({ id }) => id);
  const tokens = ids.map((id, l) => [id, first.losses[l]?.tokens ?? 0] as const);
  const losses = ids.map((id, l) => [id, meanLoss(first, l)] as const);
  const finite = losses.flatMap(([, loss]) => (loss === null ? [] : [loss]));
  const gaps = known.map(({ gapRelative }) => gapRelative).filter(Number.isFinite);
  const groups = groupGrams(job, resolutions);
  const { residualBucket, residualGlobal, stalledByPartition } = residualsOf(groups);
  const coarser = groupsAfterStall(config.whenStalled, groups);
  return {
    ...measured,
    step,
    steps: config.steps,
    losses: Object.fromEntries(losses),
    loss: finite.length === 0 ? null : finite.reduce((a, b) => a + b, 0) / finite.length,
    tokens: tokens.reduce((sum, [, count]) => sum + count, 0),
    languageTokens: Object.fromEntries(tokens),
    learningRate: learningRateAt(config.optimizer, step - 1, config.steps),
    conflicts: conflictsOf(ids, known),
    weights: meanShares(ids, known),
    unsolved: known.filter(({ converged }) => !converged).length,
    harmed: groups.filter(isHarmful).length,
    gapRelativeMax: gaps.length === 0 ? null : gaps.reduce((a, b) => Math.max(a, b), 0),
    residualBucket,
    residualGlobal,
    stalled: stalledByPartition,
    coarserGroups: coarser === groups ? null : coarser.length,
    root,
  };
}

function meanLoss({ losses }: Resolution, language: number): number | null {
  const { tokens, lossSum } = defined(losses[language], 'loss');
  return tokens === 0 || !Number.isFinite(lossSum) ? null : lossSum / tokens;
}

/** A language's share of Σ|w|, in the mean over the buckets where it has a row; 0 without any. */
function meanShares(ids: readonly string[], known: readonly Resolution[]): Record<string, number> {
  const shares = known.map(({ weights, present }) => {
    const all = unpackNumbers(weights);
    const sum = all.reduce((total, weight) => total + Math.abs(weight), 0);
    return { present, all, sum };
  });
  const of = (l: number) => {
    const here = shares.filter(({ present, sum }) => present[l] === 1 && sum > 0);
    const total = here.reduce((added, { all, sum }) => added + all[l]! / sum, 0);
    return here.length === 0 ? 0 : total / here.length;
  };
  return Object.fromEntries(ids.map((id, l) => [id, of(l)]));
}

interface WeighedGroup extends StepGroup {
  /** The weights of its buckets, which are the same in all of them. */
  readonly weights: Float64Array;
}

/** A share of ‖gᵢ‖·Σ|wⱼ|‖gⱼ‖ that is rounding of rows added up in float32. */
const HARM_ROUNDING = 1e-6;

/** Whether the direction goes against a language, by more than rounding. */
function isHarmful({ gram, mask, weights }: WeighedGroup): boolean {
  const m = mask.length;
  const norms = Array.from(mask, (_, i) => Math.sqrt(gram[i * m + i]!));
  const size = norms.reduce((sum, norm, i) => sum + norm * Math.abs(weights[i]!), 0);
  return norms.some((norm, i) => {
    if (mask[i] === 0) return false;
    const inner = weights.reduce((sum, weight, j) => sum + weight * gram[i * m + j]!, 0);
    return inner < -HARM_ROUNDING * norm * size;
  });
}

/** The raw Gram matrices of the resolution groups, as far as they are known. */
function groupGrams(
  { layout, groups }: Job,
  resolutions: readonly (Resolution | null)[],
): WeighedGroup[] {
  return resolutionGroups(layout, groups).flatMap((buckets) => {
    const known = buckets.flatMap((bucket) => resolutions[bucket] ?? []);
    const m = known[0]?.present.length ?? 0;
    if (known.length === 0) return [];
    return [
      {
        buckets,
        weights: unpackNumbers(known[0]!.weights),
        gram: addGrams(known.map(({ gram }) => unpackTriangle(gram, m))),
        mask: anyMask(
          known.map(({ present }) => present),
          m,
        ),
      },
    ];
  });
}

/** Buckets in which languages pull against each other, and which languages they are. */
function conflictsOf(ids: readonly string[], resolutions: readonly Resolution[]): ConflictCounts {
  const m = ids.length;
  const sums = new Float64Array(m * m);
  const counts = new Uint32Array(m * m);
  const conflicted = new Set<number>();
  let conflicting = 0;
  for (const { gram, present } of resolutions) {
    const { cosines, pairs } = conflicts(unpackTriangle(gram, m), present);
    if (pairs.length > 0) conflicting++;
    for (const { a, b } of pairs) conflicted.add(a * m + b);
    cosines.forEach((cosine, place) => {
      if (Number.isNaN(cosine)) return;
      sums[place]! += cosine;
      counts[place]! += 1;
    });
  }
  const pairs: LanguagePair[] = [...conflicted].map((place) => ({
    a: defined(ids[Math.floor(place / m)], 'language'),
    b: defined(ids[place % m], 'language'),
    meanCosine: sums[place]! / counts[place]!,
  }));
  pairs.sort((one, other) => one.meanCosine - other.meanCosine);
  return { bucketSteps: resolutions.length, conflicting, pairs };
}
