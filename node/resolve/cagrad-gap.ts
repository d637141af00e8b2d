/**
 * How far weights are from solving CAGrad: the duality gap of a d that has to be as far from the
 * mean as it may be. Where d nearly cancels, a distance that is off in its tenth digit is a large
 * share of ‖d‖²; so all is added up in twice the digits.
 */
import { type Doubled, DoubledProducts, difference, plus, rootOf, times } from './doubled.ts';
import { exponentOf, powerOfTwo } from './scale.ts';

/** The problem, and a w on the simplex: d is `factor`·(g₀ + ρ·g_w) with ρ‖g_w‖ = c‖g₀‖. */
export interface CagradProblem {
  readonly gram: Float64Array;
  readonly k: number;
  /** Of the mean, g₀. */
  readonly u: Float64Array;
  readonly w: Float64Array;
  readonly c: number;
  readonly factor: number;
}

export interface CagradGap {
  /**
   * ⟨g_w, g₀⟩ + φ‖g_w‖, which nobody does better than, less the least ⟨gᵢ, d⟩, d brought back to
   * the ball where it is outside; for `factor` 1, and times its square.
   */
  readonly gap: number;
  /** Whether it is rounding beside ‖d‖². */
  readonly isExact: boolean;
  /** By what share of c‖g₀‖ the distance from the mean misses it. */
  readonly missed: number;
}

/** A larger share of ‖d‖² is worth another answer. */
const EXACT = 2 ** -40;

/** What answers of one w are measured by. */
export class CagradMeasure {
  /** c‖g₀‖/‖g_w‖; null where g_w has no length. */
  readonly rho: number | null;
  readonly #problem: CagradProblem;
  readonly #ofMean: DoubledProducts;
  readonly #mean: Doubled;
  /** The distance from the mean, times `factor`. */
  readonly #radius: Doubled;
  /** What the worst served language can have at most, times `factor`. */
  readonly #best: Doubled;

  constructor(problem: CagradProblem) {
    const { gram, k, u, w, c, factor } = problem;
    this.#problem = problem;
    this.#ofMean = new DoubledProducts(gram, k, u);
    this.#mean = this.#ofMean.sum(u);
    const phi = times([c, 0], rootOf(this.#mean));
    const length = rootOf(new DoubledProducts(gram, k, w).sum(w));
    this.rho = length[0] > 0 ? phi[0] / length[0] : null;
    this.#radius = times([factor, 0], phi);
    const near = nearness(Math.max(length[0], this.#radius[0]));
    const most = times(near.downOnce(this.#radius), near.downOnce(length));
    const ofW = times([factor, 0], near.down(this.#ofMean.sum(w)));
    this.#best = near.up(plus(ofW, most));
  }

  /** Of the weights of d. */
  gapOf(weights: Float64Array): CagradGap {
    const { gram, k, u, factor } = this.#problem;
    const products = new DoubledProducts(gram, k, weights);
    const square = products.sum(weights);
    const away = this.#distanceOf(square, products.sum(u));
    const missing = difference(away, this.#radius);
    const beyond = missing > 0 ? missing / away[0] : 0;
    let most = 0;
    for (let i = 0; i < k; i++) {
      const pull = products.inner(i) - factor * this.#ofMean.inner(i);
      most = Math.max(most, products.above(this.#best, i) + beyond * pull);
    }
    const gap = factor * most;
    return {
      gap,
      isExact: gap <= EXACT * square[0],
      missed: Math.abs(missing) / this.#radius[0],
    };
  }

  /** ‖d − f·g₀‖ by ‖d‖² and ⟨d, g₀⟩. */
  #distanceOf(square: Doubled, inner: Doubled): Doubled {
    const factor: Doubled = [this.#problem.factor, 0];
    const near = nearness(Math.sqrt(this.#mean[0]));
    const cross = times([-2, 0], near.down(inner));
    const rest = times(factor, plus(times(factor, near.down(this.#mean)), cross));
    return near.upOnce(rootOf(plus(near.down(square), rest)));
  }
}

/** Squares of about `length`², brought near to 1 and back: so their products have a range. */
function nearness(length: number) {
  const half = Math.max(-1000, Math.min(1000, exponentOf(length)));
  const [less, more] = [powerOfTwo(-half), powerOfTwo(half)];
  const by =
    (first: number, second: number) =>
    ([high, low]: Doubled): Doubled => [high * first * second, low * first * second];
  return { down: by(less, less), up: by(more, more), downOnce: by(less, 1), upOnce: by(more, 1) };
}
