/** What every answer is measured by, computed from the weights and the Gram matrix alone. */
import { extentOf } from './conflicts.ts';
import { presentLanguages } from './mask.ts';
import { type Certificate, type Solution, STATIONARY } from './types.ts';

/** A sum of weights this near to 1 is 1 but for rounding. */
const SUM_ROUNDING = 2 ** -40;

/** The certificate of weights that a method found for the rows behind `gram`. */
export function certify(
  gram: Float64Array,
  mask: Uint8Array,
  weights: Float64Array,
  solution: Solution,
): Certificate {
  const m = mask.length;
  const present = presentLanguages(mask);
  let squaredNorm = 0;
  let sum = 0;
  let squares = 0;
  let size = 0;
  let leastDescent = Number.POSITIVE_INFINITY;
  for (const i of present) {
    let inner = 0;
    for (const j of present) inner += gram[i * m + j]! * weights[j]!;
    squaredNorm += weights[i]! * inner;
    sum += weights[i]!;
    squares += weights[i]! * gram[i * m + i]!;
    size += Math.abs(weights[i]!) * Math.sqrt(gram[i * m + i]!);
    leastDescent = Math.min(leastDescent, inner);
  }
  squaredNorm = Math.max(0, squaredNorm);
  const onSimplex = Math.abs(sum - 1) <= SUM_ROUNDING && weights.every((weight) => weight >= 0);
  const scale = onSimplex ? squares : size * size;
  const stationary = squaredNorm <= STATIONARY * scale;
  const { conflictingPairs, leastCosine } = extentOf(gram, mask);
  return {
    ...solution,
    empty: false,
    rows: present.length,
    squaredNorm,
    scale,
    stationary,
    gapRelative: share(solution.gap, stationary ? scale : squaredNorm),
    leastDescent,
    conflictingPairs,
    leastCosine,
  };
}

/** The certificate where no language has a row. */
export function certifyEmpty(): Certificate {
  return {
    problem: 'none',
    gap: Number.NaN,
    iterations: 0,
    converged: true,
    empty: true,
    rows: 0,
    squaredNorm: 0,
    scale: 0,
    stationary: true,
    gapRelative: Number.NaN,
    leastDescent: 0,
    conflictingPairs: 0,
    leastCosine: 1,
  };
}

const share = (part: number, whole: number) => (part === 0 ? 0 : part / whole);
