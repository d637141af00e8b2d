/**
 * The point of least norm among the combinations of rows whose weights sum to 1 and keep within
 * bounds: min αᵀGα, low ≤ α ≤ high. Wolfe's algorithm once more, whose points are now the corners
 * of that part of the simplex; the corner that is best for given prices is found by sorting.
 */
import { Cholesky } from './cholesky.ts';
import type { MinNorm } from './min-norm.ts';
import { normsOf } from './normalize.ts';
import { dot, times } from './products.ts';
import { centred } from './scale.ts';

/** Bounds by row, with Σ low ≤ 1 ≤ Σ high. */
export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Bound on major steps, as a multiple of m; corners come and go, about 2·m are needed. */
const MAJORS_PER_ROW = 50;
/** Rounding of a sum of k products, as a share of the sum of their sizes: k + this, times 2⁻⁵². */
const ROUNDING_EXTRA = 4;

/** Solves for m·m finite entries; gap is αᵀGα − min βᵀGα over the weights β that are allowed. */
export function boundedMinNorm(gram: Float64Array, m: number, bounds: Bounds): MinNorm {
  const answer = new Search(centred(gram, m), m, bounds).solve();
  return { ...answer, gap: boundedGap(gram, m, bounds, answer.weights) };
}

/** The gap of weights that keep the bounds; rounding below 0 counts as 0. */
export function boundedGap(gram: Float64Array, m: number, bounds: Bounds, weights: Float64Array) {
  const prices = times(gram, m, weights);
  return Math.max(0, dot(weights, prices) - dot(cornerOf(bounds, prices), prices));
}

/** The corner with the least Σ βᵢ·priceᵢ: the cheapest rows get all that they may. */
export function cornerOf({ low, high }: Bounds, prices: Float64Array): Float64Array {
  const corner = low.slice();
  let rest = 1;
  for (const value of low) rest -= value;
  const order = Array.from(prices.keys()).sort((i, j) => prices[i]! - prices[j]! || i - j);
  for (const i of order) {
    if (rest <= 0) break;
    const room = Math.min(rest, high[i]! - low[i]!);
    corner[i] = low[i]! + room;
    rest -= room;
  }
  return corner;
}

/** A corner α, its Gα, and its length if all rows were parallel: what rounding is a share of. */
interface Corner {
  readonly weights: Float64Array;
  readonly inner: Float64Array;
  readonly size: number;
}

class Search {
  readonly #gram: Float64Array;
  readonly #m: number;
  readonly #bounds: Bounds;
  readonly #norms: Float64Array;
  readonly #lift: number;
  #corners: Corner[];
  /** Of each corner, on the simplex. */
  #shares: Float64Array;
  #factor: Cholesky;

  constructor(gram: Float64Array, m: number, bounds: Bounds) {
    this.#gram = gram;
    this.#m = m;
    this.#bounds = bounds;
    this.#norms = normsOf(gram, m);
    const squares = Float64Array.from({ length: m }, (_, i) => gram[i * m + i]!);
    const first = this.#cornerFor(squares);
    this.#lift = dot(first.weights, first.inner);
    this.#corners = [first];
    this.#shares = Float64Array.of(1);
    this.#factor = new Cholesky(m + 1);
    if (this.#lift > 0) this.#factorize();
  }

  solve(): Omit<MinNorm, 'gap'> {
    const bound = MAJORS_PER_ROW * this.#m;
    let current = this.#mixed(this.#corners, this.#shares);
    let square = dot(current.weights, current.inner);
    for (let major = 0; major < bound; major++) {
      const entering = this.#cornerFor(current.inner);
      const promise = square - dot(entering.weights, current.inner);
      const noise = current.size * (entering.size + current.size);
      const isDone = !(promise > (this.#m + ROUNDING_EXTRA) * 2 ** -52 * noise);
      const before = { corners: this.#corners, shares: this.#shares };
      if (isDone || !(this.#lift > 0) || !this.#enter(entering)) {
        const { weights } = this.#mixed(before.corners, before.shares);
        return { weights, iterations: major, converged: true };
      }
      const next = this.#mixed(this.#corners, this.#shares);
      const nextSquare = dot(next.weights, next.inner);
      if (nextSquare >= square) {
        return { weights: current.weights, iterations: major, converged: true };
      }
      current = next;
      square = nextSquare;
    }
    return { weights: current.weights, iterations: bound, converged: false };
  }

  #cornerFor(prices: Float64Array): Corner {
    const weights = cornerOf(this.#bounds, prices);
    return {
      weights,
      inner: times(this.#gram, this.#m, weights),
      size: dot(weights, this.#norms),
    };
  }

  #mixed(corners: readonly Corner[], shares: Float64Array): Corner {
    const weights = new Float64Array(this.#m);
    corners.forEach((corner, k) => {
      for (let i = 0; i < this.#m; i++) weights[i]! += shares[k]! * corner.weights[i]!;
    });
    return {
      weights,
      inner: times(this.#gram, this.#m, weights),
      size: dot(weights, this.#norms),
    };
  }

  /** Adds a corner and goes to the least point of all their hull. False where rounding forbids. */
  #enter(corner: Corner): boolean {
    this.#corners = [...this.#corners, corner];
    this.#shares = Float64Array.of(...this.#shares, 0);
    if (!this.#appendLast()) return false;
    for (;;) {
      const target = this.#affineMinimum();
      let step = 1;
      let leaving = -1;
      for (let k = 0; k < target.length; k++) {
        if (target[k]! > 0) continue;
        const share = this.#shares[k]!;
        const ratio = share === 0 ? 0 : share / (share - target[k]!);
        if (leaving < 0 || ratio < step) {
          step = ratio;
          leaving = k;
        }
      }
      if (leaving < 0) {
        this.#shares = target;
        return true;
      }
      const moved = this.#shares.map((share, k) => share + step * (target[k]! - share));
      this.#corners = this.#corners.filter((_, k) => k !== leaving);
      this.#shares = moved.filter((_, k) => k !== leaving).map((share) => Math.max(0, share));
      if (!this.#factorize()) return false;
    }
  }

  /** Shares, which may be negative, of the least point of the corners' affine hull. */
  #affineMinimum(): Float64Array {
    const u = new Float64Array(this.#corners.length).fill(1);
    this.#factor.solve(u);
    const rest = u.map((_, a) => {
      let sum = 1;
      for (let b = 0; b < u.length; b++) sum -= this.#entry(a, b) * u[b]!;
      return sum;
    });
    this.#factor.solve(rest);
    let total = 0;
    for (let a = 0; a < u.length; a++) {
      u[a]! += rest[a]!;
      total += u[a]!;
    }
    return u.map((value) => value / total);
  }

  #entry(a: number, b: number): number {
    return dot(this.#corners[a]!.weights, this.#corners[b]!.inner) + this.#lift;
  }

  #appendLast(): boolean {
    const last = this.#corners.length - 1;
    return last <= this.#m && this.#factor.append((column) => this.#entry(last, column));
  }

  #factorize(): boolean {
    this.#factor.shrink(0);
    return this.#corners.every((_, a) => this.#factor.append((column) => this.#entry(a, column)));
  }
}
