/**
 * Projection onto the dual cone of the rows: the nearest direction to Aᵀu that harms nobody, as
 * weights v ≥ u with Gv ≥ 0 and (v − u)ᵀGv = 0. With z = v − u these are non-negative least
 * squares. The rows that Aᵀu harms are given weight first; then all rows that are on the wrong
 * side change it at once (block principal pivoting; Kim and Park, SIAM J. Sci. Comput. 33, 2011),
 * which takes three rounds or so. Where that leads nowhere, or rows depend on each other, Lawson
 * and Hanson's active set finds the answer, one row at a time and exact but for rounding.
 *
 * Rows are divided by their norms first, so that their scales cost no digits.
 */
import { PassiveSet } from './passive-set.ts';

/** The answer; its arrays are the solver's own, and good until the next call. */
export interface DualCone {
  /** z ≥ 0, for unit rows. */
  readonly added: Float64Array;
  /** C(u + z), added up from both. */
  readonly inner: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Bound on rows that enter one at a time, as a multiple of k; about k are needed. */
const ENTERING_PER_ROW = 20;
/** Exchanges of all wrong rows at once that need not leave fewer of them. */
const CHANCES = 3;
/** Bound on such exchanges. */
const EXCHANGES_MAX = 50;
/** Harm below this share of what is usual is left to be seen: others often mend it. */
const LITTLE = 0.5;
/** Mark of a row that just left. */
const LEFT = 2;

/** Projections with one matrix: the cosines of k rows. */
export class DualConeSolver {
  readonly #set: PassiveSet;

  constructor(cosines: Float64Array, k: number) {
    this.#set = new PassiveSet(cosines, k);
  }

  /** The projection of Aᵀu, u in units of the rows' norms and ≥ 0. */
  project(u: Float64Array): DualCone {
    this.#set.beginWith(u);
    return this.#solve((row) => u[row]!);
  }

  /** The projection of one unit row. */
  projectRow(row: number): DualCone {
    this.#set.beginWithRow(row);
    return this.#solve((other) => (other === row ? 1 : 0));
  }

  #solve(u: (row: number) => number): DualCone {
    const set = this.#set;
    const exchanges = this.#exchange();
    if (exchanges === 0) this.#warmStart();
    set.addUp();
    if (this.#candidate(null) < 0) return this.#answer(exchanges, true);
    /** Rows whose entry rounding made useless; free again after the next real step. */
    const blocked = new Uint8Array(set.k);
    let square = this.#square(u);
    const bound = exchanges + ENTERING_PER_ROW * set.k;
    for (let iterations = exchanges; iterations < bound; iterations++) {
      const row = this.#candidate(blocked);
      if (row < 0) return this.#answer(iterations, true);
      const passive = set.rows.slice(0, set.count);
      const [added, inner] = [set.added.slice(), set.inner.slice()];
      if (set.push(row) && this.#descend()) {
        set.addUp();
        const shorter = this.#square(u);
        if (shorter < square) {
          square = shorter;
          blocked.fill(0);
          continue;
        }
      }
      set.restore(passive);
      set.added.set(added);
      set.inner.set(inner);
      blocked[row] = 1;
    }
    return this.#answer(bound, false);
  }

  #answer(iterations: number, converged: boolean): DualCone {
    return { added: this.#set.added, inner: this.#set.inner, iterations, converged };
  }

  /** (u + z)ᵀC(u + z). */
  #square(u: (row: number) => number): number {
    const { k, added, inner } = this.#set;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += (u(i) + added[i]!) * inner[i]!;
    return sum;
  }

  /**
   * Exchanges all rows on the wrong side until none is: those that z would be negative for leave,
   * those that d would harm enter. The number of rounds; 0 where that leads nowhere.
   */
  #exchange(): number {
    const set = this.#set;
    const { k, isPassive, inner, target } = set;
    if (!this.#begin()) return 0;
    let fewest = k + 1;
    let chances = CHANCES;
    for (let round = 1; round <= EXCHANGES_MAX; round++) {
      set.aim();
      set.take();
      set.addUp();
      const { harmless } = set;
      let wrong = 0;
      for (let a = 0; a < set.count; a++) if (!(target[a]! > 0)) wrong++;
      for (let i = 0; i < k; i++) if (isPassive[i] === 0 && inner[i]! < harmless) wrong++;
      if (wrong === 0) {
        set.refine();
        set.take();
        return set.isInside ? round : 0;
      }
      if (wrong < fewest) {
        fewest = wrong;
        chances = CHANCES;
      } else if (--chances < 0) return 0;
      if (!this.#change(harmless)) return 0;
    }
    return 0;
  }

  /** Makes passive what Aᵀu harms, and not just a little. False where rows depend on each other. */
  #begin(): boolean {
    const set = this.#set;
    const { k, start } = set;
    let squares = 0;
    let harmed = 0;
    for (let i = 0; i < k; i++) {
      if (!(start[i]! < 0)) continue;
      squares += start[i]! * start[i]!;
      harmed++;
    }
    const little = -LITTLE * Math.sqrt(squares / Math.max(1, harmed));
    set.restore([]);
    for (let i = 0; i < k; i++) {
      if (start[i]! < 0 && start[i]! <= little && !set.push(i)) return false;
    }
    return true;
  }

  /** Makes one exchange. False where rows depend on each other. */
  #change(harmless: number): boolean {
    const set = this.#set;
    const { k, rows, isPassive, inner, target, count } = set;
    let first = 0;
    while (first < count && target[first]! > 0) first++;
    let kept = first;
    for (let a = first; a < count; a++) {
      const row = rows[a]!;
      if (target[a]! > 0) rows[kept++] = row;
      else isPassive[row] = LEFT;
    }
    set.shrink(first);
    for (let a = first; a < kept; a++) if (!set.push(rows[a]!)) return false;
    for (let i = 0; i < k; i++) {
      if (isPassive[i] === LEFT) isPassive[i] = 0;
      else if (isPassive[i] === 0 && inner[i]! < harmless && !set.push(i)) return false;
    }
    return true;
  }

  /** All rows that Aᵀu harms, as long as some want no weight without those. */
  #warmStart(): void {
    const set = this.#set;
    let rows = Array.from({ length: set.k }, (_, i) => i).filter((i) => set.start[i]! < 0);
    for (;;) {
      set.restore(rows);
      set.aim();
      set.refine();
      if (set.isInside) break;
      rows = Array.from(set.rows.subarray(0, set.count)).filter((_, a) => set.target[a]! > 0);
    }
    set.take();
  }

  /** The row that d harms most, by more than rounding; the lowest of equals; −1 for none. */
  #candidate(blocked: Uint8Array | null): number {
    const { k, added, inner, harmless } = this.#set;
    let least = harmless;
    let best = -1;
    for (let i = 0; i < k; i++) {
      if (inner[i]! >= least || added[i]! > 0 || blocked?.[i] === 1) continue;
      least = inner[i]!;
      best = i;
    }
    return best;
  }

  /** To the least point for the passive rows, leaving those whose z would be negative. */
  #descend(): boolean {
    const set = this.#set;
    const { rows, added, target } = set;
    for (;;) {
      set.aim();
      set.refine();
      let step = 1;
      let leaving = -1;
      for (let a = 0; a < set.count; a++) {
        if (target[a]! > 0) continue;
        const z = added[rows[a]!]!;
        const ratio = z === 0 ? 0 : z / (z - target[a]!);
        if (leaving < 0 || ratio < step) {
          step = ratio;
          leaving = a;
        }
      }
      for (let a = 0; a < set.count; a++) {
        const z = added[rows[a]!]!;
        const moved = Math.max(0, z + step * (target[a]! - z));
        added[rows[a]!] = leaving < 0 ? target[a]! : moved;
      }
      if (leaving < 0) return true;
      added[rows[leaving]!] = 0;
      if (!set.remove(leaving)) return false;
    }
  }
}
