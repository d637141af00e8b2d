/**
 * Weights α > 0 with (Gα)ᵢ = αᵢ^(−p): Nash-MTL for p = 1, FairGrad for p = 1/a. They are where
 * ½αᵀGα − Σ φ(αᵢ), φ'(α) = α^(−p), is least: strictly convex, so Newton's method with an exact
 * line search finds them from anywhere. There are none where 0 lies in the hull of the rows.
 *
 * The unknowns are βᵢ = αᵢ·‖gᵢ‖^(2/(1+p)), which are 1 for orthogonal rows whatever their
 * lengths; for p = 1 the lengths cancel altogether. Each Newton system is scaled to
 * (N + p)·ε = r with N positive semidefinite, so that it is never near to singular.
 */
import { Cholesky } from './cholesky.ts';
import { exponential, logarithm } from './fixed-functions.ts';
import { wolfe } from './min-norm.ts';
import { cosinesOf, normsOf } from './normalize.ts';
import { power } from './power.ts';
import { dot, squareOf } from './products.ts';
import { STATIONARY } from './types.ts';

export interface FixedPoint {
  /** Zeros where there are no such weights, because some combination of the rows vanishes. */
  readonly weights: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Bound on Newton steps; about 10 are needed, and some 40 where rows nearly cancel. */
const STEPS_MAX = 400;
/** By then a search that has a solution is nearly there; else it is looked for one properly. */
const LATE = 12;
/** Steps on the line; each takes a bisection or better. */
const LINE_STEPS_MAX = 60;
/** Both sides this near to each other, in logarithms: the plain step converges quadratically. */
const NEAR = 2 ** -6;
/** Bound on the logarithm by which a weight changes in one step. */
const STRIDE_MAX = 64;
/** The logarithm by which lengths grow apart from one stage to the next. */
const STAGE = 24;
/** A Newton step shorter than this, in shares of every β, ends in rounding. */
const DONE = 2 ** -50;

/** Steps shorter than the first may be rounding where nothing cancels, than the other nowhere. */
const [SHORT_MIN, SHORT_MAX] = [2 ** -20, 2 ** -8];

/** Solves for k·k finite entries, at least one row not zero; p > 0. */
export function fixedPoint(gram: Float64Array, k: number, p: number): FixedPoint {
  const norms = normsOf(gram, k);
  const none = { weights: new Float64Array(k), converged: true };
  // A zero row vanishes alone.
  if (norms.some((norm) => norm === 0)) return { ...none, iterations: 0 };
  const longest = norms.reduce((a, b) => Math.max(a, b));
  const cosines = cosinesOf(gram, k);
  const lengthsAt = (share: number) =>
    norms.map((norm) => power(norm / longest, (share * (p - 1)) / (p + 1)));
  let found = search(cosines, lengthsAt(1), p, new Float64Array(k).fill(1));
  if (!found.converged) {
    const staged = inStages(cosines, lengthsAt, p);
    if (staged.converged) found = staged;
  }
  const { beta, iterations, converged } = found;
  if (beta === null) return { ...none, iterations };
  return { weights: weightsOf(beta, norms, p), iterations, converged };
}

interface Found {
  /** Null where the rows can vanish. */
  readonly beta: Float64Array | null;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Newton's steps from `start` until rounding is all that is left. */
function search(
  cosines: Float64Array,
  lengths: Float64Array,
  p: number,
  start: Float64Array,
): Found {
  const state = new Newton(cosines, lengths, p, start);
  for (let iterations = 0; iterations < STEPS_MAX; iterations++) {
    const isNone = state.vanishes() || (iterations === LATE && containsZero(cosines, start.length));
    if (isNone) return { beta: null, iterations, converged: true };
    if (!state.step()) return { beta: state.beta, iterations, converged: !state.isLost };
  }
  return { beta: state.beta, iterations: STEPS_MAX, converged: false };
}

/**
 * From rows of one length to those given, by way of lengths between them, each search beginning
 * where the two before it point to: where lengths span so many powers of ten that one search from
 * the start loses its way. It ends early where β leaves the range of numbers.
 */
function inStages(
  cosines: Float64Array,
  lengthsAt: (share: number) => Float64Array,
  p: number,
): Found {
  const stages = Math.max(1, Math.ceil(largestLogarithm(lengthsAt(1)) / STAGE));
  let iterations = 0;
  let before: Float64Array | null = null;
  let last = lengthsAt(0);
  for (let stage = 0; ; stage++) {
    const start = last.map((value, i) => (before === null ? value : value * (value / before[i]!)));
    const found = search(cosines, lengthsAt(stage / stages), p, start);
    iterations += found.iterations;
    const { beta, converged } = found;
    if (beta === null || !converged || stage === stages) return { beta, iterations, converged };
    before = stage === 0 ? null : last;
    last = beta;
  }
}

/** Whether the hull of the unit rows holds 0, but for rounding. */
function containsZero(cosines: Float64Array, k: number): boolean {
  return squareOf(cosines, k, wolfe(cosines, k).weights) <= STATIONARY;
}

/** α from β. */
function weightsOf(beta: Float64Array, norms: Float64Array, p: number): Float64Array {
  return beta.map((value, i) =>
    p === 1 ? value / norms[i]! : value * power(norms[i]!, -2 / (1 + p)),
  );
}

const largestLogarithm = (values: Float64Array) =>
  values.reduce((most, value) => Math.max(most, Math.abs(logarithm(value))), 0);

class Newton {
  readonly #cosines: Float64Array;
  readonly #lengths: Float64Array;
  readonly #p: number;
  readonly #matrix: Float64Array;
  readonly beta: Float64Array;
  /** √rᵢ, where rᵢ is αᵢ^(1−p) in the units of β. */
  #roots: Float64Array;
  /** N·√r; at the solution it is √r. */
  #inner: Float64Array;
  #shortest = Number.POSITIVE_INFINITY;
  /** Powers left the range of numbers, as where p is not 1 and lengths span many powers of ten. */
  isLost = false;

  constructor(cosines: Float64Array, lengths: Float64Array, p: number, start: Float64Array) {
    const k = lengths.length;
    this.#cosines = cosines;
    this.#lengths = lengths;
    this.#p = p;
    this.#matrix = new Float64Array(k * k);
    this.beta = start.slice();
    this.#roots = new Float64Array(k);
    this.#inner = new Float64Array(k);
    this.#refresh();
    this.#rescale();
  }

  /** Whether the direction is nothing but rounding beside its parts: there is no solution. */
  vanishes(): boolean {
    const size = dot(this.beta, this.#lengths);
    return dot(this.#roots, this.#inner) <= STATIONARY * size * size;
  }

  /** One Newton step. False where rounding is all that is left. */
  step(): boolean {
    if (this.#p !== 1 && this.#logarithmicStep()) return true;
    const k = this.beta.length;
    const epsilon = this.#roots.map((root, i) => root - this.#inner[i]!);
    this.#solve(epsilon);
    const delta = epsilon.map((value, i) => value / this.#roots[i]!);
    const length = delta.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // Once steps no longer halve they are rounding, if they are short at all.
    if (length <= DONE || (length > this.#shortest / 2 && this.#isRounding(length))) return false;
    this.#shortest = Math.min(this.#shortest, length);
    const t = length < 2 ** -10 ? 1 : this.#lineSearch(delta, epsilon);
    const before = this.beta.slice();
    for (let i = 0; i < k; i++) this.beta[i]! *= 1 + t * delta[i]!;
    this.#refresh();
    if (this.#inner.every(Number.isFinite) && this.beta.every((value) => value > 0)) return true;
    this.beta.set(before);
    this.isLost = true;
    return false;
  }

  /** Whether sums that lost their digits, as where d nearly cancels, make steps of this length. */
  #isRounding(length: number): boolean {
    if (length >= SHORT_MAX) return false;
    const k = this.beta.length;
    let most = 0;
    for (let i = 0; i < k; i++) {
      let size = 0;
      for (let j = 0; j < k; j++) size += Math.abs(this.#matrix[i * k + j]!) * this.#roots[j]!;
      most = Math.max(most, size / this.#roots[i]!);
    }
    return length < Math.max(SHORT_MIN, (k * 2 ** -52 * most) / this.#p);
  }

  /**
   * A Newton step for the logarithms of both sides, which rows that are far from their weights
   * need. False, and nothing done, where it does not halve the largest difference.
   */
  #logarithmicStep(): boolean {
    if (this.#inner.some((value) => !(value > 0))) return false;
    const ratio = this.#inner.map((value, i) => this.#roots[i]! / value);
    const apart = largestLogarithm(ratio);
    if (apart < NEAR) return false;
    const before = this.beta.slice();
    const size = ratio.map((value, i) => this.#roots[i]! / Math.sqrt(value));
    const change = ratio.map((value, i) => size[i]! * logarithm(value));
    this.#solve(change, ratio.map(Math.sqrt));
    for (let i = 0; i < before.length; i++) {
      const exponent = change[i]! / size[i]!;
      this.beta[i]! *= exponential(Math.max(-STRIDE_MAX, Math.min(STRIDE_MAX, exponent)));
    }
    this.#refresh();
    const next = this.#inner.map((value, i) => this.#roots[i]! / value);
    if (next.every((value) => value > 0) && largestLogarithm(next) <= apart / 2) return true;
    this.beta.set(before);
    this.#refresh();
    return false;
  }

  /** N, √r and N√r of the present β. */
  #refresh(): void {
    const k = this.beta.length;
    const p = this.#p;
    const s = this.beta.map((value) => power(value, (1 + p) / 2));
    this.#roots = this.beta.map((value, i) => this.#lengths[i]! * power(value, (1 - p) / 2));
    for (let i = 0; i < k; i++) {
      let sum = 0;
      for (let j = 0; j < k; j++) {
        const entry = s[i]! * this.#cosines[i * k + j]! * s[j]!;
        this.#matrix[i * k + j] = entry;
        sum += entry * this.#roots[j]!;
      }
      this.#inner[i] = sum;
    }
  }

  /** To the best point on the ray through β: βᵀPβ = Σ r. */
  #rescale(): void {
    let square = 0;
    let wanted = 0;
    for (let i = 0; i < this.beta.length; i++) {
      square += this.#roots[i]! * this.#inner[i]!;
      wanted += this.#roots[i]! * this.#roots[i]!;
    }
    if (!(square > 2 ** -30 * wanted)) return;
    const factor = power(wanted / square, 1 / (1 + this.#p));
    for (let i = 0; i < this.beta.length; i++) this.beta[i]! *= factor;
    this.#refresh();
  }

  /** Replaces b by the solution of (N + p)·x = b; N times `scales` from both sides, if given. */
  #solve(b: Float64Array, scales?: Float64Array): void {
    const k = b.length;
    const factor = new Cholesky(k);
    for (let i = 0; i < k; i++) {
      const row = i * k;
      factor.append((j) => {
        const scale = scales === undefined ? 1 : scales[i]! * scales[j]!;
        return scale * this.#matrix[row + j]! + (i === j ? this.#p : 0);
      });
    }
    factor.solve(b);
  }

  /** The t > 0 at which the objective is least on the line β(1 + tδ). */
  #lineSearch(delta: Float64Array, epsilon: Float64Array): number {
    const k = delta.length;
    let slope = 0;
    let curve = 0;
    for (let i = 0; i < k; i++) {
      slope += epsilon[i]! * this.#inner[i]!;
      for (let j = 0; j < k; j++) curve += epsilon[i]! * this.#matrix[i * k + j]! * epsilon[j]!;
    }
    let low = 0;
    let high = Number.POSITIVE_INFINITY;
    for (const value of delta) if (value < 0) high = Math.min(high, -1 / value);
    let t = high > 1 ? 1 : high / 2;
    for (let round = 0; round < LINE_STEPS_MAX; round++) {
      let first = slope + t * curve;
      let second = curve;
      for (let i = 0; i < k; i++) {
        const base = 1 + t * delta[i]!;
        const push = epsilon[i]! * this.#roots[i]! * power(base, -this.#p);
        first -= push;
        second += (this.#p * push * delta[i]!) / base;
      }
      if (first < 0) low = t;
      else high = t;
      const newton = t - first / second;
      const middle = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * low;
      const next = newton > low && newton < high ? newton : middle;
      // An exact line search earns nothing over one that is within some per cent.
      if (Math.abs(next - t) <= 0.01 * t) return next;
      t = next;
    }
    return t;
  }
}
