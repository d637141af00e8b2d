/**
 * The rows that a projection onto the dual cone gives weight to, their factor, and what follows
 * from both: z with (C(u + z))ᵢ = 0 for those rows, and C(u + z) for all. It decides nothing.
 */
import { Cholesky } from './cholesky.ts';

/** Rounding of a sum of k products, as a share of the sum of their sizes: k + this, times 2⁻⁵². */
const ROUNDING_EXTRA = 4;

/** Of k rows by their cosines C. All arrays are its own, and live as long as it does. */
export class PassiveSet {
  readonly cosines: Float64Array;
  readonly k: number;
  /** The rows, `count` of them, in order of entry; the factor is theirs. */
  readonly rows: Int32Array;
  count = 0;
  /** By row: 1 where it is passive. */
  readonly isPassive: Uint8Array;
  /** C·u. */
  readonly start: Float64Array;
  /** z; 0 for rows that are not passive. */
  readonly added: Float64Array;
  /** C(u + z), as addUp found it. */
  readonly inner: Float64Array;
  /** What z is to be, in the order of `rows`. */
  readonly target: Float64Array;
  /** Σ u. */
  #size = 0;
  readonly #factor: Cholesky;
  readonly #row: Float64Array;
  readonly #rest: Float64Array;

  constructor(cosines: Float64Array, k: number) {
    this.cosines = cosines;
    this.k = k;
    this.rows = new Int32Array(k);
    this.isPassive = new Uint8Array(k);
    this.start = new Float64Array(k);
    this.added = new Float64Array(k);
    this.inner = new Float64Array(k);
    this.target = new Float64Array(k);
    this.#factor = new Cholesky(k);
    this.#row = new Float64Array(k);
    this.#rest = new Float64Array(k);
  }

  /** Makes u what is projected. */
  beginWith(u: Float64Array): void {
    const { cosines, k, start } = this;
    start.fill(0);
    this.#size = 0;
    for (let j = 0; j < k; j++) {
      if (u[j] === 0) continue;
      this.#size += u[j]!;
      for (let i = 0; i < k; i++) start[i]! += u[j]! * cosines[j * k + i]!;
    }
  }

  /** Makes one unit row what is projected. */
  beginWithRow(row: number): void {
    const { cosines, k, start } = this;
    for (let i = 0; i < k; i++) start[i] = cosines[row * k + i]!;
    this.#size = 1;
  }

  /** Makes a row passive. False, and nothing done, where it depends on those that are. */
  push(row: number): boolean {
    const { cosines, k, rows, count } = this;
    const entries = this.#row;
    for (let b = 0; b < count; b++) entries[b] = cosines[row * k + rows[b]!]!;
    entries[count] = cosines[row * k + row]!;
    if (!this.#factor.appendRow(entries)) return false;
    rows[count] = row;
    this.isPassive[row] = 1;
    this.count++;
    return true;
  }

  /** Forgets the rows from `count` on, whose marks stay. */
  shrink(count: number): void {
    this.count = count;
    this.#factor.shrink(count);
  }

  /** Lets one go; the factor behind it is made anew. False where rounding forbids. */
  remove(at: number): boolean {
    const behind = this.rows.slice(at + 1, this.count);
    this.isPassive[this.rows[at]!] = 0;
    this.shrink(at);
    return behind.every((row) => this.push(row));
  }

  /** Makes these passive and no others, as far as they do not depend on each other. */
  restore(rows: ArrayLike<number>): void {
    this.isPassive.fill(0);
    this.shrink(0);
    for (let a = 0; a < rows.length; a++) this.push(rows[a]!);
  }

  /** Writes z with (C(u + z))ᵢ = 0 for passive i to `target`. */
  aim(): void {
    const { start, rows, target, count } = this;
    for (let a = 0; a < count; a++) target[a] = -start[rows[a]!]!;
    this.#factor.solve(target);
  }

  /** Mends the target by what is left of its equations. */
  refine(): void {
    const { cosines, k, rows, target, count } = this;
    const rest = this.#rest;
    for (let a = 0; a < count; a++) {
      const row = rows[a]! * k;
      let sum = -this.start[rows[a]!]!;
      for (let b = 0; b < count; b++) sum -= cosines[row + rows[b]!]! * target[b]!;
      rest[a] = sum;
    }
    this.#factor.solve(rest);
    for (let a = 0; a < count; a++) target[a]! += rest[a]!;
  }

  /** z is the target where rows are passive, 0 elsewhere. */
  take(): void {
    this.added.fill(0);
    for (let a = 0; a < this.count; a++) this.added[this.rows[a]!] = this.target[a]!;
  }

  /** Whether the target is above 0 for all. */
  get isInside(): boolean {
    for (let a = 0; a < this.count; a++) if (!(this.target[a]! > 0)) return false;
    return true;
  }

  /** Adds up `inner` from u and z. */
  addUp(): void {
    const { cosines, k, rows, count, added, inner } = this;
    inner.set(this.start);
    for (let a = 0; a < count; a++) {
      const row = rows[a]! * k;
      const z = added[rows[a]!]!;
      for (let i = 0; i < k; i++) inner[i]! += z * cosines[row + i]!;
    }
  }

  /** What an inner product may be without harm, for rounding: a little below 0. */
  get harmless(): number {
    let sizes = this.#size;
    for (let a = 0; a < this.count; a++) sizes += Math.abs(this.added[this.rows[a]!]!);
    return -(this.k + ROUNDING_EXTRA) * 2 ** -52 * sizes;
  }
}
