/**
 * CAGrad's dual, min ⟨g_w, g₀⟩ + φ‖g_w‖ over w on the simplex, with g_w = Aᵀw and g₀ = Aᵀu,
 * exactly. For σ > 0 the least point of the rows gᵢ + σg₀ is the dual's solution for φ = ‖g_w‖/σ,
 * and that φ falls as σ grows. On a fixed support w is a + σb and σ has a formula; so the search
 * for σ ends as soon as it has found the support.
 */
import { Cholesky } from './cholesky.ts';
import { wolfe } from './min-norm.ts';
import { normsOf } from './normalize.ts';
import { dot, squareOf, times } from './products.ts';
import { centred } from './scale.ts';
import { STATIONARY } from './types.ts';

export interface CagradDual {
  /** w, on the simplex; null where g_w = 0 is optimal, so that d = 0. */
  readonly weights: Float64Array | null;
  /** What w is multiplied by in d = g₀ + ρ·g_w: 1/σ = φ/‖g_w‖. */
  readonly rho: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Bound on values of σ; the bracket halves, in exponents, once in two. */
const ROUNDS_MAX = 200;
/** A relative change of σ that is rounding. */
const SAME = 2 ** -46;
/** Factor by which an open end of the bracket is sought. */
const STRIDE = 2 ** 8;
/** Below this squares lose digits, or become 0, that their roots have. */
const LEAST_SQUARE = 2 ** -960;
/** Where g_w is rounding, σ is not looked for below. */
const LEAST = 2 ** -18;

/** Solves for k·k entries, u on the simplex and φ = c·‖g₀‖ > 0. */
export function cagradDual(given: Float64Array, k: number, u: Float64Array, c: number): CagradDual {
  const search = new Search(centred(given, k), k, u, c);
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  // Where the least point of the hull is something, no w is nothing, however long its rows are.
  const least = search.at(0);
  let sigma = search.formula(least) ?? 1;
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const point = search.at(sigma);
    const isBeyond = search.phi * sigma >= point.length;
    const isNothing = least.isNothing && point.isNothing;
    if (isBeyond && isNothing) {
      return { weights: null, rho: 0, iterations: round, converged: true };
    }
    if (isBeyond) high = sigma;
    else low = sigma;
    if (isNothing && Math.max(sigma * STRIDE, LEAST) < high) {
      // Two roundings were compared: only a larger σ tells.
      sigma = Math.max(sigma * STRIDE, LEAST);
      continue;
    }
    const next = search.formula(point);
    if (next !== null && Math.abs(next - sigma) <= SAME * sigma) {
      return search.answer(next, point, round);
    }
    if (high - low <= SAME * sigma) return search.answer(sigma, point, round);
    if (next !== null && next > low && next < high) sigma = next;
    else if (low === 0) sigma = high / STRIDE;
    else if (high === Number.POSITIVE_INFINITY) sigma = low * STRIDE;
    else sigma = Math.sqrt(low) * Math.sqrt(high);
  }
  const last = search.at(sigma);
  return { ...search.answer(sigma, last, ROUNDS_MAX), converged: false };
}

/** The least point of the rows moved by σg₀. */
interface Point {
  readonly weights: Float64Array;
  readonly support: readonly number[];
  /** ‖g_w‖. */
  readonly length: number;
  /** g_w is rounding: it may as well be 0. */
  readonly isNothing: boolean;
  /** On its support w is a + σb; null where rounding made the support dependent. */
  readonly line: { readonly a: Float64Array; readonly b: Float64Array } | null;
}

class Search {
  readonly phi: number;
  readonly #gram: Float64Array;
  readonly #k: number;
  /** ⟨gᵢ, g₀⟩. */
  readonly #h: Float64Array;
  readonly #square: number;
  readonly #norms: Float64Array;

  constructor(gram: Float64Array, k: number, u: Float64Array, c: number) {
    this.#gram = gram;
    this.#k = k;
    this.#h = times(gram, k, u);
    this.#square = Math.max(0, dot(u, this.#h));
    this.#norms = normsOf(gram, k);
    this.phi = c * Math.sqrt(this.#square);
  }

  at(sigma: number): Point {
    const k = this.#k;
    const moved = this.#gram.map((entry, at) => {
      const [i, j] = [Math.floor(at / k), at % k];
      return entry + sigma * (this.#h[i]! + this.#h[j]!) + sigma * sigma * this.#square;
    });
    const { weights } = wolfe(moved, k);
    const support = [...weights.keys()].filter((i) => weights[i]! > 0);
    const square = squareOf(this.#gram, k, weights);
    const isNothing = this.#isNothing(weights, square);
    return { weights, support, length: Math.sqrt(square), isNothing, line: this.#line(support) };
  }

  /**
   * By what the certificate calls stationary; beside a row of zeros, which is stationary anyway,
   * also weights that are on their way there.
   */
  #isNothing(weights: Float64Array, square: number): boolean {
    const size = dot(weights, this.#norms);
    if (!this.#norms.includes(0)) return square <= STATIONARY * size * size;
    const squares = this.#norms.map((norm) => norm * norm);
    return square <= STATIONARY * dot(weights, squares);
  }

  /** a: the least point of the support's affine hull; b: where it goes as σ grows, Σb = 0. */
  #line(support: readonly number[]): Point['line'] {
    const k = this.#k;
    // That of the shortest row: a longer one would cost it its digits.
    const squares = support.map((i) => this.#gram[i * k + i]!);
    const lift = squares.reduce((least, square) => Math.min(least, square));
    const factor = new Cholesky(support.length);
    const entry = (p: number, q: number) => this.#gram[support[p]! * k + support[q]!]! + lift;
    for (let p = 0; p < support.length; p++) {
      if (!factor.append((q) => entry(p, q))) return null;
    }
    const refined = (right: Float64Array) => {
      const x = right.slice();
      factor.solve(x);
      const rest = right.map((value, p) => x.reduce((sum, xq, q) => sum - entry(p, q) * xq, value));
      factor.solve(rest);
      return x.map((value, p) => value + rest[p]!);
    };
    const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
    const ones = refined(new Float64Array(support.length).fill(1));
    const pull = refined(Float64Array.from(support, (i) => this.#h[i]!));
    const sum = total(ones);
    const a = ones.map((value) => value / sum);
    const pulled = total(pull);
    const b = pull.map((value, p) => pulled * a[p]! - value);
    return { a, b };
  }

  /**
   * σ on a support: ‖g_w‖² = q + σ²r = σ²φ², q and r those of a and b; null where there is none.
   */
  formula({ support, line }: Point): number | null {
    if (line === null) return null;
    const q = squareOf(this.#gram, this.#k, this.#spread(support, line.a));
    const r = squareOf(this.#gram, this.#k, this.#spread(support, line.b));
    const under = this.phi * this.phi - r;
    if (!(under > 0 && q > 0)) return null;
    const square = q / under;
    return square > LEAST_SQUARE ? Math.sqrt(square) : Math.sqrt(q) / Math.sqrt(under);
  }

  #spread(support: readonly number[], values: Float64Array): Float64Array {
    const wide = new Float64Array(this.#k);
    support.forEach((row, p) => {
      wide[row] = values[p]!;
    });
    return wide;
  }

  answer(sigma: number, { weights, support, line }: Point, round: number): CagradDual {
    const answer = { rho: 1 / sigma, iterations: round, converged: true };
    if (line === null) return { weights, ...answer };
    const exact = line.a.map((value, p) => value + sigma * line.b[p]!);
    if (exact.some((weight) => weight < 0)) return { weights, ...answer };
    return { weights: this.#spread(support, exact), ...answer };
  }
}
