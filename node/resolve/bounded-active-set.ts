/**
 * The same problem as bounded-min-norm.ts by an active set on rows: min αᵀGα over the weights that
 * sum to 1 within bounds. A row is at one of its bounds or free. It is for rows of very different
 * length, where all corners share the longest and look parallel, but rows do not. Prices ⟨gᵢ, d⟩
 * are added up in twice the digits, so that a step repeated is a refinement (Nocedal and Wright,
 * Numerical Optimization, 2006, section 16.5; Higham, Accuracy and Stability, 2002, chapter 12).
 */
import type { Bounds } from './bounded-min-norm.ts';
import { Cholesky } from './cholesky.ts';
import { type Doubled, DoubledProducts, difference } from './doubled.ts';
import type { MinNorm } from './min-norm.ts';
import { centred } from './scale.ts';
import { allowed, moved } from './within-bounds.ts';

/** Bound on major steps, as a multiple of m, as in min-norm.ts. */
const MAJORS_PER_ROW = 10;
/** Steps to the least point of the same free rows: one, and two that refine it. */
const REFINEMENTS = 3;

type GapBy = (products: DoubledProducts, weights: Float64Array) => number;

/** Searches from `start`, brought within the bounds; never throws. */
export function boundedActiveSet(
  gram: Float64Array,
  m: number,
  bounds: Bounds,
  start: Float64Array,
  gapBy: GapBy,
): Omit<MinNorm, 'gap'> {
  return new ActiveSet(centred(gram, m), m, bounds, start, gapBy).solve();
}

/** Weights, the free rows among them in order of entry, and what is known of the weights. */
interface Point {
  readonly weights: Float64Array;
  readonly free: readonly number[];
  readonly products: DoubledProducts;
  readonly square: Doubled;
  readonly gap: number;
}

class ActiveSet {
  readonly #gram: Float64Array;
  readonly #m: number;
  readonly #bounds: Bounds;
  readonly #gapBy: GapBy;
  /** Of the products of gᵢ − g₀, where 0 is the first of `#factored`. */
  readonly #factor: Cholesky;
  /** The shortest of some rows, and those whose difference from it the factor is of. */
  #factored: readonly number[] = [];
  #point: Point;
  /** Rows that promised a descent that rounding took away; free again after the next real one. */
  readonly #blocked = new Set<number>();

  constructor(gram: Float64Array, m: number, bounds: Bounds, start: Float64Array, gapBy: GapBy) {
    this.#gram = gram;
    this.#m = m;
    this.#bounds = bounds;
    this.#gapBy = gapBy;
    this.#factor = new Cholesky(m);
    const weights = allowed(gram, m, bounds, start);
    this.#point = this.#pointOf(weights, [...weights.keys()]);
  }

  solve(): Omit<MinNorm, 'gap'> {
    let best = this.#point;
    let { square } = best;
    /** Steps since one that led on. */
    let idle = 0;
    const bound = MAJORS_PER_ROW * this.#m;
    for (let major = 0; major < bound; major++) {
      const entering = major === 0 ? [] : this.#entering();
      if (entering === null) return this.#answer(best, major, true);
      const before = this.#point;
      const found = this.#descend(entering);
      // Of the least that were seen, so that rounding can't lead in a circle.
      const isShorter = difference(found.square, square) < 0;
      const isBetter = found.gap < best.gap;
      if (isBetter) best = found;
      if (isShorter) square = found.square;
      const leadsOn = isShorter || isBetter;
      idle = leadsOn ? 0 : idle + 1;
      // Rounding leaves rows beside their bound, not at it: they stop every step until they left.
      const frees = idle <= this.#m && before.free.some((row) => !found.free.includes(row));
      if (leadsOn) this.#blocked.clear();
      else if (!frees) for (const row of entering) this.#blocked.add(row);
      // The first step goes to what its rows have in common, whatever it costs.
      if (leadsOn || frees || major === 0) this.#point = found;
    }
    return this.#answer(best, bound, false);
  }

  #answer({ weights }: Point, iterations: number, converged: boolean): Omit<MinNorm, 'gap'> {
    return { weights, iterations, converged };
  }

  #at(i: number, j: number): number {
    return this.#gram[i * this.#m + j]!;
  }

  /** Rows at a bound are not free, so that a step from here is longer than 0. */
  #pointOf(weights: Float64Array, free: readonly number[]): Point {
    const { low, high } = this.#bounds;
    const products = new DoubledProducts(this.#gram, this.#m, weights);
    return {
      weights,
      free: free.filter((i) => weights[i]! > low[i]! && weights[i]! < high[i]!),
      products,
      square: products.sum(weights),
      gap: this.#gapBy(products, weights),
    };
  }

  /** The row that promises most for its length; a pair where no row is free; null at the end. */
  #entering(): number[] | null {
    const { weights, free, products } = this.#point;
    const { low, high } = this.#bounds;
    const pair: number[] = [];
    if (free.length === 0) {
      let dearest = -1;
      for (let i = 0; i < this.#m; i++) {
        if (this.#blocked.has(i) || !(weights[i]! > low[i]!)) continue;
        if (dearest < 0 || products.inner(i) > products.inner(dearest)) dearest = i;
      }
      if (dearest < 0) return null;
      pair.push(dearest);
    }
    const near = this.#shortestOf(free.length === 0 ? pair : free);
    const price = this.#priceOf(near);
    let best = -1;
    let most = 0;
    for (let i = 0; i < this.#m; i++) {
      if (this.#blocked.has(i) || free.includes(i) || pair.includes(i)) continue;
      const above = products.above(price, i);
      const canMove = above > 0 ? weights[i]! < high[i]! : weights[i]! > low[i]!;
      const promise = Math.abs(above) / Math.sqrt(this.#at(i, i) + this.#at(near, near));
      if (canMove && promise > most) {
        most = promise;
        best = i;
      }
    }
    return best < 0 ? null : [...pair, best];
  }

  /** Whose price rounding of the weights changes the least. */
  #shortestOf(rows: readonly number[]): number {
    let shortest = rows[0]!;
    for (const i of rows) if (this.#at(i, i) < this.#at(shortest, shortest)) shortest = i;
    return shortest;
  }

  /** ⟨gᵢ, d⟩. */
  #priceOf(row: number): Doubled {
    const only = new Float64Array(this.#m);
    only[row] = 1;
    return this.#point.products.sum(only);
  }

  /** Minor steps: to the least point of the free rows, fixing those that meet a bound before. */
  #descend(entering: readonly number[]): Point {
    const before = this.#point;
    let free = this.#factorOf([...before.free, ...entering]);
    let best = before;
    const dependent = entering.find((row) => !free.includes(row));
    if (dependent !== undefined) {
      best = this.#pointOf(this.#slid(free, dependent), [...free, dependent]);
      this.#point = best;
      free = this.#factorOf(best.free);
    }
    for (let full = 0; full < REFINEMENTS && free.length > 0; ) {
      const from = this.#point.weights;
      const { weights, leaving } = moved(this.#bounds, from, free, this.#change(free), 1);
      // What meets a bound is there to the bit, and no longer free.
      const point = this.#pointOf(weights, free);
      this.#point = point;
      if (leaving >= 0) {
        free = this.#factorOf(free.filter((row) => row !== leaving));
        best = point;
      } else {
        if (full === 0 || point.gap < best.gap) best = point;
        full++;
      }
    }
    this.#point = before;
    return best;
  }

  /**
   * Weights along what leaves d as it is but for rounding, since a row depends on free ones: down
   * the little slope that is left, to the least point on it or up to the first bound.
   */
  #slid(free: readonly number[], row: number): Float64Array {
    const { weights, products } = this.#point;
    const first = free[0]!;
    const shares = Float64Array.from(free.slice(1), (other) => this.#between(first, other, row));
    this.#factor.solve(shares);
    const sign = products.above(this.#priceOf(first), row) > 0 ? 1 : -1;
    let given = sign;
    for (const share of shares) given -= sign * share;
    const change = Float64Array.of(-given, ...shares.map((share) => -sign * share), sign);
    const rows = [...free, row];
    const direction = new Float64Array(this.#m);
    rows.forEach((of, k) => {
      direction[of] = change[k]!;
    });
    const [slope] = products.sum(direction);
    if (!(slope < 0)) return weights;
    const [curvature] = new DoubledProducts(this.#gram, this.#m, direction).sum(direction);
    const most = curvature > 0 ? -slope / curvature : Number.MAX_VALUE;
    return moved(this.#bounds, weights, rows, change, most).weights;
  }

  /**
   * What leads to the least point: D·Dᵀ·δ = −D·d for the differences D of free rows from the
   * first, which gives what they get. So the sum of all weights stays 1, whatever the factor lost.
   */
  #change(free: readonly number[]): Float64Array {
    const { weights, products } = this.#point;
    const first = free[0]!;
    let lacking = 1;
    for (const weight of weights) lacking -= weight;
    const price = this.#priceOf(first);
    const others = Float64Array.from(free.slice(1), (row) => {
      const given = lacking * (this.#at(row, first) - this.#at(first, first));
      return products.above(price, row) - given;
    });
    this.#factor.solve(others);
    for (const value of others) lacking -= value;
    return Float64Array.of(lacking, ...others);
  }

  /**
   * Makes the factor that of these rows, and says which it took, the shortest first: one that
   * depends on those before stays where it is, and has the price that they have.
   */
  #factorOf(rows: readonly number[]): readonly number[] {
    if (rows.length === 0) return [];
    const first = this.#shortestOf(rows);
    const wanted = [first, ...rows.filter((row) => row !== first)];
    let same = 0;
    while (same < this.#factored.length && this.#factored[same] === wanted[same]) same++;
    const taken = wanted.slice(0, Math.max(1, same));
    this.#factor.shrink(taken.length - 1);
    for (const row of wanted.slice(taken.length)) {
      const entry = (column: number) => this.#between(first, row, taken[column + 1] ?? row);
      if (this.#factor.append(entry)) taken.push(row);
    }
    this.#factored = taken;
    return taken;
  }

  /** ⟨gᵢ − g₀, gⱼ − g₀⟩. */
  #between(first: number, i: number, j: number): number {
    const beside = this.#at(i, j) - this.#at(i, first);
    return beside - (this.#at(j, first) - this.#at(first, first));
  }
}
