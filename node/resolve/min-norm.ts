/**
 * The point of least norm in the convex hull of m rows, from their Gram matrix: min αᵀGα over the
 * simplex. Two rows have a formula; more take Wolfe's active set (Mathematical Programming 11,
 * 1976), which ends after finitely many changes of the support with the exact answer but for
 * rounding.
 *
 * Where rows are equal the weights are not unique: the lowest index gets them. All rows zero:
 * uniform.
 */
import { boundedActiveSet } from './bounded-active-set.ts';
import { Cholesky } from './cholesky.ts';
import { type Certified, certified, gapIn, gapOf } from './gap.ts';
import { normsOf } from './normalize.ts';
import { centred } from './scale.ts';

/** The answer; α sums to 1 but for rounding. */
export interface MinNorm {
  readonly weights: Float64Array;
  /** αᵀGα − minᵢ(Gα)ᵢ ≥ 0, in units of G. */
  readonly gap: number;
  readonly iterations: number;
  /** False where the search ended at its bound, or `gap` is not small beside a d that is there. */
  readonly converged: boolean;
}

/**
 * Bound on major steps, as a multiple of m; in practice about the size of the support is needed.
 */
const MAJORS_PER_ROW = 10;

/** Rounding of a sum of k products, as a share of the sum of their sizes: k + this, times 2⁻⁵². */
const ROUNDING_EXTRA = 4;

/**
 * Solves for m·m entries that are finite. Never throws; G that is no Gram matrix shows as a gap.
 * Where rows that all but cancel depend on each other, which Wolfe's search can't have in a
 * support, the one for weights within bounds goes on.
 */
export function minNorm(gram: Float64Array, m: number): MinNorm {
  const found = wolfe(gram, m);
  if (found.isExact) return found;
  const bounds = { low: new Float64Array(m), high: new Float64Array(m).fill(1) };
  const answer = boundedActiveSet(gram, m, bounds, found.weights, gapIn);
  const iterations = found.iterations + answer.iterations;
  const other = certified(gram, m, answer, (products) => gapIn(products, answer.weights));
  // Where neither is an answer a smaller gap is none the better: it may harm more languages.
  const isBetter = other.converged && other.gap < found.gap;
  const { weights, gap, converged } = isBetter ? other : found;
  return { weights, gap, iterations, converged };
}

/** The answer of Wolfe's search alone, whose support has a factor. */
export function wolfe(gram: Float64Array, m: number): Certified {
  const scaled = centred(gram, m);
  const proven = (answer: Omit<MinNorm, 'gap'>) =>
    certified(gram, m, answer, (products) => gapIn(products, answer.weights));
  let weights: Float64Array;
  if (diagonalIsZero(gram, m)) weights = new Float64Array(m).fill(1 / m);
  else if (m === 1) weights = Float64Array.of(1);
  else if (m === 2) weights = ofTwo(scaled);
  else {
    const search = new ActiveSet(scaled, m);
    const answer = search.solve();
    const found = proven(answer);
    if (found.converged) return found;
    return proven({ ...answer, weights: search.refined() });
  }
  return proven({ weights, iterations: 0, converged: true });
}

function diagonalIsZero(gram: Float64Array, m: number): boolean {
  for (let i = 0; i < m; i++) if (gram[i * m + i] !== 0) return false;
  return true;
}

/** α₁ = clip((g₂·g₂ − g₁·g₂) / ‖g₁ − g₂‖², 0, 1), without a difference of nearly equal numbers. */
function ofTwo(gram: Float64Array): Float64Array {
  const [first, cross, , second] = gram as unknown as [number, number, number, number];
  const towards1 = second - cross;
  const towards2 = first - cross;
  if (towards2 <= 0) return Float64Array.of(1, 0);
  if (towards1 <= 0) return Float64Array.of(0, 1);
  const sum = towards1 + towards2;
  return Float64Array.of(towards1 / sum, towards2 / sum);
}

/** One search. The support is in order of entry; `#weights` is zero outside it. */
class ActiveSet {
  readonly #gram: Float64Array;
  readonly #m: number;
  /** Added to every entry, so that a support whose affine hull holds 0 has a factor too. */
  readonly #lift: number;
  readonly #norms: Float64Array;
  readonly #factor: Cholesky;
  readonly #row: Float64Array;
  /** The rows that the factor is of. */
  #factored: number[] = [];
  #support: number[];
  #weights: Float64Array;
  #inner: Float64Array;
  #square: number;
  /** Rows that promised a descent that rounding took away; free again after the next real one. */
  readonly #blocked = new Set<number>();

  constructor(gram: Float64Array, m: number) {
    this.#gram = gram;
    this.#m = m;
    let start = 0;
    for (let i = 1; i < m; i++) if (this.#at(i, i) < this.#at(start, start)) start = i;
    this.#lift = this.#at(start, start);
    this.#norms = normsOf(gram, m);
    this.#factor = new Cholesky(m);
    this.#row = new Float64Array(m);
    this.#support = [start];
    this.#weights = new Float64Array(m);
    this.#weights[start] = 1;
    this.#inner = this.#innerOf(this.#weights);
    this.#square = this.#inner[start]!;
    if (this.#lift > 0) this.#refactor();
  }

  solve(): Omit<MinNorm, 'gap'> {
    const bound = MAJORS_PER_ROW * this.#m;
    for (let major = 0; major < bound; major++) {
      const candidate = this.#lift > 0 ? this.#candidate() : null;
      if (candidate === null) {
        return { weights: this.#weights, iterations: major, converged: true };
      }
      if (this.#enter(candidate, (square) => square < this.#square)) this.#blocked.clear();
      else this.#blocked.add(candidate);
    }
    return { weights: this.#weights, iterations: bound, converged: false };
  }

  /**
   * Weights of a smaller gap, if there are: a row that is far longer than d needs a weight that
   * shortens d by less than ‖d‖² shows, and is harmed or left out without it.
   */
  refined(): Float64Array {
    const gap = () => gapOf(this.#gram, this.#m, this.#weights);
    let least = gap();
    for (const row of this.#blocked) if (this.#enter(row, () => gap() < least)) least = gap();
    return this.#weights;
  }

  #at(i: number, j: number): number {
    return this.#gram[i * this.#m + j]!;
  }

  #innerOf(weights: Float64Array): Float64Array {
    const m = this.#m;
    const inner = new Float64Array(m);
    const support = this.#support;
    for (let i = 0; i < m; i++) {
      let sum = 0;
      for (let k = 0; k < support.length; k++) {
        const j = support[k]!;
        sum += this.#gram[i * m + j]! * weights[j]!;
      }
      inner[i] = sum;
    }
    return inner;
  }

  /**
   * The row with the least ⟨gᵢ, d⟩ that is below ‖d‖² by more than rounding; the lowest of
   * equals.
   */
  #candidate(): number | null {
    let best: number | null = null;
    for (let i = 0; i < this.#m; i++) {
      if (this.#blocked.has(i) || this.#weights[i]! > 0) continue;
      if (this.#inner[i]! >= this.#square) continue;
      if (best !== null && this.#inner[i]! >= this.#inner[best]!) continue;
      if (this.#inner[i]! < this.#square - this.#roundingAt(i)) best = i;
    }
    return best;
  }

  /**
   * Bound on the rounding of ⟨gᵢ, d⟩ and ‖d‖², from the sizes of what was added: Σ |Gᵢⱼ|αⱼ, and
   * (Σ αⱼ‖gⱼ‖)², which long rows of little weight are no large part of.
   */
  #roundingAt(i: number): number {
    let inner = 0;
    let size = 0;
    for (const j of this.#support) {
      inner += Math.abs(this.#at(i, j)) * this.#weights[j]!;
      size += this.#norms[j]! * this.#weights[j]!;
    }
    return (this.#support.length + ROUNDING_EXTRA) * 2 ** -52 * (inner + size * size);
  }

  /** One major step. False, with everything as before, where it does not make d better. */
  #enter(row: number, isBetter: (square: number) => boolean): boolean {
    const before = { support: this.#support, weights: this.#weights };
    this.#support = [...this.#support, row];
    this.#weights = this.#weights.slice();
    if (this.#refactor() && this.#descend()) {
      const inner = this.#innerOf(this.#weights);
      let square = 0;
      for (const i of this.#support) square += this.#weights[i]! * inner[i]!;
      if (isBetter(square)) {
        this.#inner = inner;
        this.#square = square;
        return true;
      }
    }
    this.#support = before.support;
    this.#weights = before.weights;
    this.#refactor();
    return false;
  }

  /**
   * Minor steps: to the least point of the support's affine hull, leaving rows where it is
   * outside.
   */
  #descend(): boolean {
    for (;;) {
      const target = this.#affineMinimum();
      let step = 1;
      let leaving = -1;
      this.#support.forEach((row, k) => {
        if (target[k]! > 0) return;
        const weight = this.#weights[row]!;
        const ratio = weight === 0 ? 0 : weight / (weight - target[k]!);
        if (leaving < 0 || ratio < step || (ratio === step && row < this.#support[leaving]!)) {
          step = ratio;
          leaving = k;
        }
      });
      this.#support.forEach((row, k) => {
        const weight = this.#weights[row]!;
        const moved = Math.max(0, weight + step * (target[k]! - weight));
        this.#weights[row] = leaving < 0 ? target[k]! : moved;
      });
      if (leaving < 0) return true;
      this.#weights[this.#support[leaving]!] = 0;
      this.#support = this.#support.filter((_, k) => k !== leaving);
      if (!this.#refactor()) return false;
    }
  }

  /**
   * Weights, which may be negative, of the least point of the affine hull: (G + lift)·u = 1, α =
   * u/Σu.
   */
  #affineMinimum(): Float64Array {
    const size = this.#support.length;
    const u = new Float64Array(size).fill(1);
    this.#factor.solve(u);
    const rest = new Float64Array(size);
    for (let a = 0; a < size; a++) {
      let sum = 1;
      for (let b = 0; b < size; b++) sum -= this.#lifted(a, b) * u[b]!;
      rest[a] = sum;
    }
    this.#factor.solve(rest);
    let total = 0;
    for (let a = 0; a < size; a++) {
      u[a]! += rest[a]!;
      total += u[a]!;
    }
    for (let a = 0; a < size; a++) u[a]! /= total;
    return u;
  }

  #lifted(a: number, b: number): number {
    return this.#at(this.#support[a]!, this.#support[b]!) + this.#lift;
  }

  /** Makes the factor that of the support, keeping the rows that they have in common. */
  #refactor(): boolean {
    let same = 0;
    while (same < this.#factored.length && this.#factored[same] === this.#support[same]) same++;
    this.#factor.shrink(same);
    this.#factored = this.#support.slice(0, same);
    for (let row = same; row < this.#support.length; row++) {
      for (let column = 0; column <= row; column++) this.#row[column] = this.#lifted(row, column);
      if (!this.#factor.appendRow(this.#row)) return false;
      this.#factored.push(this.#support[row]!);
    }
    return true;
  }
}
