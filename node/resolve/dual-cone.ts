/**
 * Projection onto the dual cone of the rows: the nearest direction to Aᵀu that harms nobody, as
 * weights v ≥ u with Gv ≥ 0 and (v − u)ᵀGv = 0. With z = v − u these are non-negative least
 * squares, which Lawson and Hanson's active set solves exactly but for rounding; it begins with
 * the rows that Aᵀu harms, less those that then want no weight.
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

/** Projections with one matrix: the cosines of k rows. */
export class DualConeSolver {
  readonly #cosines: Float64Array;
  readonly #k: number;
  readonly #factor: Cholesky;
  readonly #row: Float64Array;
  readonly #target: Float64Array;
  readonly #rest: Float64Array;
  /** Rows whose z may be above 0, in order of entry; the factor is theirs. */
  readonly #passive: Int32Array;
  #count = 0;
  #start: Float64Array;
  #added: Float64Array;

  constructor(cosines: Float64Array, k: number) {
    this.#cosines = cosines;
    this.#k = k;
    this.#factor = new Cholesky(k);
    this.#row = new Float64Array(k);
    this.#target = new Float64Array(k);
    this.#rest = new Float64Array(k);
    this.#passive = new Int32Array(k);
    this.#start = new Float64Array(k);
    this.#added = new Float64Array(k);
  }

  /** The projection of Aᵀu, u in units of the rows' norms and ≥ 0. */
  project(u: Float64Array): DualCone {
    this.#start = times(this.#cosines, this.#k, u);
    this.#added = new Float64Array(this.#k);
    this.#warmStart();
    let inner = this.#inner();
    let square = dot(u, inner) + dot(this.#added, inner);
    /** Rows whose entry rounding made useless; free again after the next real step. */
    const blocked = new Uint8Array(this.#k);
    const bound = ENTERING_PER_ROW * this.#k;
    for (let iterations = 0; iterations < bound; iterations++) {
      const row = this.#candidate(u, inner, blocked);
      if (row < 0) return { added: this.#added, iterations, converged: true };
      const before = { passive: this.#passive.slice(0, this.#count), added: this.#added.slice() };
      if (this.#push(row) && this.#descend()) {
        const next = this.#inner();
        const shorter = dot(u, next) + dot(this.#added, next);
        if (shorter < square) {
          inner = next;
          square = shorter;
          blocked.fill(0);
          continue;
        }
      }
      this.#restore(before.passive);
      this.#added = before.added;
      blocked[row] = 1;
    }
    return { added: this.#added, iterations: bound, converged: false };
  }

  /** All rows that Aᵀu harms, as long as some want no weight without those. */
  #warmStart(): void {
    let rows = Array.from({ length: this.#k }, (_, i) => i).filter((i) => this.#start[i]! < 0);
    for (;;) {
      this.#restore(rows);
      const count = this.#count;
      this.#solve();
      const kept: number[] = [];
      for (let a = 0; a < count; a++) if (this.#target[a]! > 0) kept.push(this.#passive[a]!);
      if (kept.length === count) break;
      rows = kept;
    }
    for (let a = 0; a < this.#count; a++) this.#added[this.#passive[a]!] = this.#target[a]!;
  }

  /** C·(u + z). */
  #inner(): Float64Array {
    const k = this.#k;
    const inner = this.#start.slice();
    for (let a = 0; a < this.#count; a++) {
      const row = this.#passive[a]!;
      const z = this.#added[row]!;
      for (let i = 0; i < k; i++) inner[i]! += z * this.#cosines[row * k + i]!;
    }
    return inner;
  }

  /** The row that d harms most, by more than rounding; the lowest of equals; −1 for none. */
  #candidate(u: Float64Array, inner: Float64Array, blocked: Uint8Array): number {
    let sizes = 0;
    for (let i = 0; i < this.#k; i++) sizes += u[i]! + this.#added[i]!;
    let least = -(this.#k + ROUNDING_EXTRA) * 2 ** -52 * sizes;
    let best = -1;
    for (let i = 0; i < this.#k; i++) {
      if (inner[i]! >= least || this.#added[i]! > 0 || blocked[i] === 1) continue;
      least = inner[i]!;
      best = i;
    }
    return best;
  }

  /** To the least point for the passive rows, leaving those whose z would be negative. */
  #descend(): boolean {
    while (this.#count > 0) {
      this.#solve();
      let step = 1;
      let leaving = -1;
      for (let a = 0; a < this.#count; a++) {
        if (this.#target[a]! > 0) continue;
        const z = this.#added[this.#passive[a]!]!;
        const ratio = z === 0 ? 0 : z / (z - this.#target[a]!);
        if (leaving < 0 || ratio < step) {
          step = ratio;
          leaving = a;
        }
      }
      for (let a = 0; a < this.#count; a++) {
        const row = this.#passive[a]!;
        const z = this.#added[row]!;
        const moved = Math.max(0, z + step * (this.#target[a]! - z));
        this.#added[row] = leaving < 0 ? this.#target[a]! : moved;
      }
      if (leaving < 0) return true;
      this.#added[this.#passive[leaving]!] = 0;
      if (!this.#remove(leaving)) return false;
    }
    return true;
  }

  /** Writes z with (C(u + z))ᵢ = 0 for passive i to #target, once refined. */
  #solve(): void {
    const { length } = this.#passive;
    for (let a = 0; a < this.#count; a++) this.#target[a] = -this.#start[this.#passive[a]!]!;
    this.#factor.solve(this.#target);
    for (let a = 0; a < this.#count; a++) {
      const row = this.#passive[a]! * length;
      let sum = -this.#start[this.#passive[a]!]!;
      for (let b = 0; b < this.#count; b++) {
        sum -= this.#cosines[row + this.#passive[b]!]! * this.#target[b]!;
      }
      this.#rest[a] = sum;
    }
    this.#factor.solve(this.#rest);
    for (let a = 0; a < this.#count; a++) this.#target[a]! += this.#rest[a]!;
  }

  /** Makes a row passive. False, and nothing done, where it depends on those that are. */
  #push(row: number): boolean {
    for (let b = 0; b < this.#count; b++) {
      this.#row[b] = this.#cosines[row * this.#k + this.#passive[b]!]!;
    }
    this.#row[this.#count] = this.#cosines[row * this.#k + row]!;
    if (!this.#factor.appendRow(this.#row)) return false;
    this.#passive[this.#count++] = row;
    return true;
  }

  /** Lets one go; the factor behind it is made anew. False where rounding forbids. */
  #remove(at: number): boolean {
    const behind = this.#passive.slice(at + 1, this.#count);
    this.#count = at;
    this.#factor.shrink(at);
    return behind.every((row) => this.#push(row));
  }

  /** Makes these passive, as far as they do not depend on each other. */
  #restore(rows: ArrayLike<number>): void {
    this.#count = 0;
    this.#factor.shrink(0);
    for (let a = 0; a < rows.length; a++) this.#push(rows[a]!);
  }
}
