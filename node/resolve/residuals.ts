/**
 * How far a step's parameters are from stationarity, by group and for the whole model. For groups
 * in which all languages meet, stationarity by group is weaker than the model's: a step where
 * only the first vanishes is stalled by the partition, and coarser groups would move it.
 */
import { addGrams } from './gram.ts';
import { anyMask, presentLanguages, restrict } from './mask.ts';
import { minNorm } from './min-norm.ts';
import { STATIONARY } from './types.ts';

/** Of one resolution group: the raw Gram matrix (never the normalised one) and its mask. */
export interface GroupGram {
  readonly gram: Float64Array;
  readonly mask: Uint8Array;
}

export interface Residuals {
  /** Σ over groups of the least ‖d‖² in the hull of the raw rows; at most the next, masks apart. */
  readonly residualBucket: number;
  /** The same for the sum of all Gram matrices: what one group would have. */
  readonly residualGlobal: number;
  /** residualBucket vanishes beside residualGlobal, and that one isn't rounding. */
  readonly stalledByPartition: boolean;
}

/** residualBucket below this share of residualGlobal counts as vanished. */
const STALLED_SHARE = 1e-6;

/** The residuals of a step from its groups, in order. They are the same whatever the aggregator. */
export function residualsOf(groups: readonly GroupGram[]): Residuals {
  let residualBucket = 0;
  for (const group of groups) residualBucket += leastOf(group).square;
  if (groups.length === 0) {
    return { residualBucket, residualGlobal: 0, stalledByPartition: false };
  }
  const m = groups[0]!.mask.length;
  const mask = anyMask(
    groups.map((group) => group.mask),
    m,
  );
  const whole = leastOf({ gram: addGrams(groups.map((group) => group.gram)), mask });
  const residualGlobal = whole.square;
  const vanished = residualBucket <= STALLED_SHARE * residualGlobal;
  const stalledByPartition = vanished && residualGlobal > STATIONARY * whole.scale;
  return { residualBucket, residualGlobal, stalledByPartition };
}

/** ‖d‖² of the hull's least point, and (Σ αᵢ‖gᵢ‖)² to measure it against. */
function leastOf({ gram, mask }: GroupGram): { square: number; scale: number } {
  const present = presentLanguages(mask);
  const k = present.length;
  if (k === 0) return { square: 0, scale: 0 };
  const part = restrict(gram, mask.length, present);
  const { weights } = minNorm(part, k);
  let square = 0;
  let size = 0;
  for (let i = 0; i < k; i++) {
    size += weights[i]! * Math.sqrt(part[i * k + i]!);
    for (let j = 0; j < k; j++) square += weights[i]! * weights[j]! * part[i * k + j]!;
  }
  return { square: Math.max(0, square), scale: size * size };
}
