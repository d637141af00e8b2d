/**
 * Projection onto the dual cone of the rows: the nearest direction to Aᵀu that harms nobody, as
 * weights v ≥ u with Gv ≥ 0 and (v − u)ᵀGv = 0. With z = v − u these are non-negative least
 * squares, which Lawson and Hanson's active set solves exactly but for rounding.
 *
 * Rows are divided by their norms first, so that their scales cost no digits.
 */
import { Cholesky } from './cholesky.ts';
import { dot, times } from './products.ts';

export interface DualCone {
  /** z ≥ 0, for unit rows. */
  readonly added: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Bound on rows that enter, as a multiple of k; about k are needed. */
const ENTERING_PER_ROW = 20;
/** Rounding of a sum of k products, as a share of the sum of their sizes: k + this, times 2⁻⁵². */
const ROUNDING_EXTRA = 4;

/** Solves for the cosines of k rows and u in units of their norms; u ≥ 0. */
export function projectOntoDualCone(cosines: Float64Array, k: number, u: Float64Array): DualCone {
  return new ActiveSet(cosines, k, u).solve();
}

class ActiveSet {
  readonly #cosines: Float64Array;
  readonly #k: number;
  readonly #u: Float64Array;
  /** C·u, which the right-hand sides are parts of. */
  readonly #start: Float64Array;
  readonly #factor: Cholesky;
  #added: Float64Array;
  /** Rows whose z may be above 0, in order of entry; the factor is theirs. */
  #passive: number[] = [];
  /** C·(u + z). */
  #inner: Float64Array;
  #square: number;

  constructor(cosines: Float64Array, k: number, u: Float64Array) {
    this.#cosines = cosines;
    this.#k = k;
    this.#u = u;
    this.#factor = new Cholesky(k);
    this.#added = new Float64Array(k);
    this.#start = times(cosines, k, u);
    this.#inner = this.#start;
    this.#square = dot(u, this.#start);
  }

  solve(): DualCone {
    const bound = ENTERING_PER_ROW * this.#k;
    /** Rows whose entry rounding made useless; free again after the next real step. */
    const blocked = new Set<number>();
    for (let step = 0; step < bound; step++) {
      const row = this.#candidate(blocked);
      if (row === null) return { added: this.#added, iterations: step, converged: true };
      if (this.#enter(row)) blocked.clear();
      else blocked.add(row);
    }
    return { added: this.#added, iterations: bound, converged: false };
  }

  /** The row that d harms most, by more than rounding; the lowest of equals. */
  #candidate(blocked: ReadonlySet<number>): number | null {
    let sizes = 0;
    for (let i = 0; i < this.#k; i++) sizes += this.#u[i]! + this.#added[i]!;
    let least = -(this.#k + ROUNDING_EXTRA) * 2 ** -52 * sizes;
    let best: number | null = null;
    for (let i = 0; i < this.#k; i++) {
      if (this.#inner[i]! >= least || this.#added[i]! > 0 || blocked.has(i)) continue;
      least = this.#inner[i]!;
      best = i;
    }
    return best;
  }

  /** Lets a row in, others out. False, with everything as before, where d gets no shorter. */
  #enter(row: number): boolean {
    const before = { passive: this.#passive, added: this.#added };
    this.#passive = [...this.#passive, row];
    this.#added = this.#added.slice();
    const last = this.#passive.length - 1;
    if (this.#factor.append((column) => this.#entry(last, column)) && this.#descend()) {
      const v = this.#added.map((z, i) => z + this.#u[i]!);
      const inner = times(this.#cosines, this.#k, v);
      const square = dot(v, inner);
      if (square < this.#square) {
        this.#inner = inner;
        this.#square = square;
        return true;
      }
    }
    this.#passive = before.passive;
    this.#added = before.added;
    this.#factorize(0);
    return false;
  }

  /** To the least point for the passive rows, leaving those whose z would be negative. */
  #descend(): boolean {
    while (this.#passive.length > 0) {
      const target = this.#least();
      let step = 1;
      let leaving = -1;
      this.#passive.forEach((row, at) => {
        if (target[at]! > 0) return;
        const z = this.#added[row]!;
        const ratio = z === 0 ? 0 : z / (z - target[at]!);
        if (leaving < 0 || ratio < step) {
          step = ratio;
          leaving = at;
        }
      });
      this.#passive.forEach((row, at) => {
        const z = this.#added[row]!;
        this.#added[row] = leaving < 0 ? target[at]! : Math.max(0, z + step * (target[at]! - z));
      });
      if (leaving < 0) return true;
      this.#added[this.#passive[leaving]!] = 0;
      this.#passive = this.#passive.filter((_, at) => at !== leaving);
      if (!this.#factorize(leaving)) return false;
    }
    return true;
  }

  /** z with (C(u + z))ᵢ = 0 for passive i, once refined. */
  #least(): Float64Array {
    const z = Float64Array.from(this.#passive, (row) => -this.#start[row]!);
    this.#factor.solve(z);
    const rest = Float64Array.from(this.#passive, (row, a) => {
      let sum = -this.#start[row]!;
      for (let b = 0; b < z.length; b++) sum -= this.#entry(a, b) * z[b]!;
      return sum;
    });
    this.#factor.solve(rest);
    return z.map((value, a) => value + rest[a]!);
  }

  #entry(a: number, b: number): number {
    return this.#cosines[this.#passive[a]! * this.#k + this.#passive[b]!]!;
  }

  /** Makes the factor that of the passive rows; the first `same` are in it. */
  #factorize(same: number): boolean {
    this.#factor.shrink(same);
    for (let a = same; a < this.#passive.length; a++) {
      if (!this.#factor.append((column) => this.#entry(a, column))) return false;
    }
    return true;
  }
}
