/** What every answer is measured by, computed from the weights and the Gram matrix alone. */
import { extentOf } from './conflicts.ts';
import { DoubledProducts } from './doubled.ts';
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
  const { squaredNorm, leastDescent, size } = sumsOf(gram, m, present, weights);
  const scale = size * size;
  const stationary = squaredNorm <= STATIONARY * scale && holdsZero(gram, m, present);
  const { conflictingPairs, leastCosine } = extentOf(gram, mask);
  const gapRelative = share(solution.gap, stationary ? scale : squaredNorm);
  const { problem } = solution;
  const isSmall = !(gapRelative > (GAP_MAX.get(problem) ?? Infinity));
  // Where there is a direction none is no answer, and has no ‖d‖² for the gap to be a share of.
  const isAnswer = problem === 'none' || stationary || (squaredNorm > 0 && isSmall);
  return {
    ...solution,
    converged: solution.converged && isAnswer,
    empty: false,
    rows: present.length,
    squaredNorm,
    scale,
    stationary,
    gapRelative,
    leastDescent,
    conflictingPairs,
    leastCosine,
  };
}

/**
 * What gap over ‖d‖² is no answer, whatever the method says of its own. Rows that are opposite but
 * for rounding need weights that 53 digits don't hold; a matrix that no rows have has no answer.
 */
const GAP_MAX: ReadonlyMap<Solution['problem'], number> = new Map([
  ['cagrad', 2 ** -10],
  ['dual-cone', 2 ** -27],
  ['fixed-point', 2 ** -10],
]);

/** Sums that rounding may be off by more than this share are added up anew, in twice the digits. */
const KNOWN = 2 ** -32;

interface Sums {
  readonly squaredNorm: number;
  readonly leastDescent: number;
  /** Σ |wᵢ|·‖gᵢ‖. */
  readonly size: number;
}

function sumsOf(
  gram: Float64Array,
  m: number,
  present: readonly number[],
  weights: Float64Array,
): Sums {
  const k = present.length;
  let square = 0;
  let size = 0;
  let leastDescent = Number.POSITIVE_INFINITY;
  /** The least |⟨gᵢ, d⟩| / ‖gᵢ‖, which rounding is beside `size`. */
  let shortest = Number.POSITIVE_INFINITY;
  for (const i of present) {
    let inner = 0;
    for (const j of present) inner += gram[i * m + j]! * weights[j]!;
    const norm = Math.sqrt(gram[i * m + i]!);
    square += weights[i]! * inner;
    size += Math.abs(weights[i]!) * norm;
    leastDescent = Math.min(leastDescent, inner);
    if (norm > 0) shortest = Math.min(shortest, Math.abs(inner) / norm);
  }
  const rounding = (k + 4) * 2 ** -52 * size;
  const isKnown = rounding <= KNOWN * shortest && rounding * size <= KNOWN * square;
  const sums = isKnown ? null : doubledSums(gram, m, present, weights);
  // Where twice the digits have no range left, once has.
  return { size, ...(sums ?? { squaredNorm: Math.max(0, square), leastDescent }) };
}

function doubledSums(
  gram: Float64Array,
  m: number,
  present: readonly number[],
  weights: Float64Array,
): Omit<Sums, 'size'> | null {
  const given = Float64Array.from(present, (language) => weights[language]!);
  const products = new DoubledProducts(restrict(gram, m, present), present.length, given);
  const [square] = products.sum(given);
  let leastDescent = Number.POSITIVE_INFINITY;
  for (let i = 0; i < given.length; i++) leastDescent = Math.min(leastDescent, products.inner(i));
  if (!(Number.isFinite(square) && Number.isFinite(leastDescent))) return null;
  return { squaredNorm: Math.max(0, square), leastDescent };
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
