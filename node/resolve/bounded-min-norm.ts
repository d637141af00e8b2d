/**
 * The point of least norm among the combinations of rows whose weights sum to 1 and keep within
 * bounds: min αᵀGα, low ≤ α ≤ high. Wolfe's algorithm once more, whose points are now the corners
 * of that part of the simplex; the corner that is best for given prices is found by sorting. Where
 * a row is so long that all corners look parallel, bounded-active-set.ts goes on.
 */
import { boundedActiveSet } from './bounded-active-set.ts';
import { Cholesky } from './cholesky.ts';
import { DoubledProducts, difference } from './doubled.ts';
import { certified } from './gap.ts';
import { type MinNorm, minNorm } from './min-norm.ts';
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
/** Steps that neither promise less nor shorten d, after which this is taken for the end. */
const STALLS_MAX = 50;
/** A promise below this share of what it is a difference of is rounding. */
const ROUNDING = 2 ** -48;

/** Solves for m·m finite entries; gap is αᵀGα − min βᵀGα over the weights β that are allowed. */
export function boundedMinNorm(gram: Float64Array, m: number, bounds: Bounds): MinNorm {
  const gapBy = (products: DoubledProducts, weights: Float64Array) =>
    gapIn(products, bounds, weights);
  const proven = (answer: Omit<MinNorm, 'gap'>) =>
    certified(gram, m, answer, (products) => gapBy(products, answer.weights));
  let best = proven(new Search(centred(gram, m), m, bounds).solve());
  // Only where that is not exact, since what it finds elsewhere is promised to the bit.
  for (const startOf of [() => best.weights, () => minNorm(gram, m).weights]) {
    if (best.isExact) break;
    const found = proven(boundedActiveSet(gram, m, bounds, startOf(), gapBy));
    const iterations = best.iterations + found.iterations;
    best = { ...(found.gap < best.gap ? found : best), iterations };
  }
  const { weights, gap, iterations, converged } = best;
  return { weights, gap, iterations, converged };
}

/** The gap of weights that keep the bounds, ≥ 0 also where their sum lacks something of 1. */
export function boundedGap(gram: Float64Array, m: number, bounds: Bounds, weights: Float64Array) {
  return gapIn(new DoubledProducts(gram, m, weights), bounds, weights);
}

function gapIn(products: DoubledProducts, bounds: Bounds, weights: Float64Array): number {
  const prices = weights.map((_, i) => products.inner(i));
  const least = products.sum(cornerOf(bounds, prices));
  return Math.max(0, difference(products.sum(weights), least));
}

/** The corner with the least Σ βᵢ·priceᵢ: the cheapest rows get all that they may. */
export function cornerOf({ low, high }: Bounds, prices: Float64Array): Float64Array {
  const corner = low.slice();
  let rest = 1;
  for (const value of low) rest -= value;
  // Sorting is stable: of equals the lowest index comes first.
  const order = Array.from(prices.keys()).sort((i, j) => prices[i]! - prices[j]!);
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
  #corners: Corner[] = [];
  /** By corner, its row in the table; and the rows that nobody has. */
  #slots: number[] = [];
  readonly #free: number[];
  /** Inner products of corners, (m + 1)². */
  readonly #table: Float64Array;
  /** Of each corner, on the simplex. */
  #shares: Float64Array;
  readonly #factor: Cholesky;

  constructor(gram: Float64Array, m: number, bounds: Bounds) {
    this.#gram = gram;
    this.#m = m;
    this.#bounds = bounds;
    this.#norms = normsOf(gram, m);
    this.#free = Array.from({ length: m + 1 }, (_, slot) => m - slot);
    this.#table = new Float64Array((m + 1) * (m + 1));
    const squares = Float64Array.from({ length: m }, (_, i) => gram[i * m + i]!);
    const first = this.#cornerFor(squares);
    this.#lift = dot(first.weights, first.inner);
    this.#shares = new Float64Array(0);
    this.#factor = new Cholesky(m + 1);
    if (!(this.#lift > 0 && this.#append(first))) this.#corners = [first];
    this.#shares = Float64Array.of(1);
  }

  solve(): Omit<MinNorm, 'gap'> {
    const bound = MAJORS_PER_ROW * this.#m;
    const first = this.#corners[0]!.weights;
    let best = { weights: first, share: Number.POSITIVE_INFINITY };
    let least = Number.POSITIVE_INFINITY;
    /** Steps since the share was last the least, or ‖d‖² by more than rounding. */
    let stalls = 0;
    for (let major = 0; major < bound; major++) {
      const current = this.#mixed();
      const entering = this.#cornerFor(current.inner);
      const square = dot(current.weights, current.inner);
      const promise = square - dot(entering.weights, current.inner);
      // As a share of what it is a difference of, which rows of very different length need.
      const noise = current.size * (entering.size + current.size);
      const share = noise === 0 ? 0 : promise / noise;
      const isShorter = square < least - ROUNDING * current.size * current.size;
      stalls = share < best.share || isShorter ? 0 : stalls + 1;
      if (share < best.share) best = { weights: current.weights, share };
      if (isShorter) least = square;
      const isDone = !(share > ROUNDING);
      if (isDone || stalls > STALLS_MAX || !(this.#lift > 0) || !this.#enter(entering)) {
        return { weights: best.weights, iterations: major, converged: true };
      }
    }
    return { weights: best.weights, iterations: bound, converged: false };
  }

  #cornerFor(prices: Float64Array): Corner {
    const weights = cornerOf(this.#bounds, prices);
    return {
      weights,
      inner: times(this.#gram, this.#m, weights),
      size: dot(weights, this.#norms),
    };
  }

  #mixed(): Corner {
    const weights = new Float64Array(this.#m);
    this.#corners.forEach((corner, k) => {
      for (let i = 0; i < this.#m; i++) weights[i]! += this.#shares[k]! * corner.weights[i]!;
    });
    return {
      weights,
      inner: times(this.#gram, this.#m, weights),
      size: dot(weights, this.#norms),
    };
  }

  /** Adds a corner and goes to the least point of all their hull. False where rounding forbids. */
  #enter(corner: Corner): boolean {
    if (!this.#append(corner)) return false;
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
      this.#shares = moved.filter((_, k) => k !== leaving).map((share) => Math.max(0, share));
      if (!this.#remove(leaving)) return false;
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
    return this.#table[this.#slots[a]! * (this.#m + 1) + this.#slots[b]!]! + this.#lift;
  }

  /** Takes a corner in, with share 0. False where it depends on the others but for rounding. */
  #append(corner: Corner): boolean {
    const slot = this.#free.at(-1);
    if (slot === undefined) return false;
    const width = this.#m + 1;
    this.#corners.forEach((other, k) => {
      const product = dot(corner.weights, other.inner);
      this.#table[slot * width + this.#slots[k]!] = product;
      this.#table[this.#slots[k]! * width + slot] = product;
    });
    this.#table[slot * width + slot] = dot(corner.weights, corner.inner);
    const last = this.#corners.length;
    this.#slots.push(slot);
    if (!this.#factor.append((column) => this.#entry(last, column))) return false;
    this.#free.pop();
    this.#corners.push(corner);
    this.#shares = Float64Array.of(...this.#shares, 0);
    return true;
  }

  /** Lets a corner go; the factor behind it is made anew. False where rounding forbids. */
  #remove(at: number): boolean {
    this.#free.push(this.#slots[at]!);
    this.#slots.splice(at, 1);
    this.#corners.splice(at, 1);
    this.#factor.shrink(at);
    for (let a = at; a < this.#corners.length; a++) {
      if (!this.#factor.append((column) => this.#entry(a, column))) return false;
    }
    return true;
  }
}
