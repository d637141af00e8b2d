/** What every answer is measured by, computed from the weights and the Gram matrix alone. */
import { extentOf } from './conflicts.ts';
import { presentLanguages, restrict } from './mask.ts';
import { minNorm } from './min-norm.ts';
import { normsOf } from './normalize.ts';
import { dot, squareOf } from './products.ts';
import { type Certificate, type Solution, STATIONARY } from './types.ts';

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
  let size = 0;
  let leastDescent = Number.POSITIVE_INFINITY;
  for (const i of present) {
    let inner = 0;
    for (const j of present) inner += gram[i * m + j]! * weights[j]!;
    squaredNorm += weights[i]! * inner;
    size += Math.abs(weights[i]!) * Math.sqrt(gram[i * m + i]!);
    leastDescent = Math.min(leastDescent, inner);
  }
  squaredNorm = Math.max(0, squaredNorm);
  const scale = size * size;
  const stationary = squaredNorm <= STATIONARY * scale && holdsZero(gram, m, present);
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

/** Whether the hull of the rows holds 0 but for rounding, by its least point. */
function holdsZero(gram: Float64Array, m: number, present: readonly number[]): boolean {
  const k = present.length;
  const part = restrict(gram, m, present);
  const least = minNorm(part, k).weights;
  const size = dot(least, normsOf(part, k));
  return squareOf(part, k, least) <= STATIONARY * size * size;
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
