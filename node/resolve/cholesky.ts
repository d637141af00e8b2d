/**
 * The Cholesky factor of a matrix that grows and shrinks by one row, as an active set does. After a
 * removal the rows behind it are factored anew, so that rounding doesn't pile up.
 */

/** A pivot below this share of its diagonal entry is rounding: the row depends on those before. */
const PIVOT_MIN = 2 ** -48;

export class Cholesky {
  readonly #capacity: number;
  /** Row i of the lower triangle at i·capacity. */
  readonly #factor: Float64Array;
  /** 1 / the diagonal: a quotient costs as much as ten products. */
  readonly #inverse: Float64Array;
  readonly #row: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#factor = new Float64Array(capacity * capacity);
    this.#inverse = new Float64Array(capacity);
    this.#row = new Float64Array(capacity);
  }

  /** Forgets the rows from `size` on. */
  shrink(size: number): void {
    this.#size = size;
  }

  /**
   * Appends the row of `entry(0) … entry(size)`, the last being its diagonal. False, and nothing
   * done, where the matrix would not be positive definite.
   */
  append(entry: (column: number) => number): boolean {
    for (let j = 0; j <= this.#size; j++) this.#row[j] = entry(j);
    return this.appendRow(this.#row);
  }

  /** The same with the row's entries in an array, which is left as it was. */
  appendRow(entries: Float64Array): boolean {
    const L = this.#factor;
    const inverse = this.#inverse;
    const capacity = this.#capacity;
    const size = this.#size;
    const row = size * capacity;
    const diagonal = entries[size]!;
    let pivot = diagonal;
    for (let j = 0, other = 0; j < size; j++, other += capacity) {
      let sum = entries[j]!;
      for (let k = 0; k < j; k++) sum -= L[row + k]! * L[other + k]!;
      const value = sum * inverse[j]!;
      L[row + j] = value;
      pivot -= value * value;
    }
    if (!(pivot > PIVOT_MIN * diagonal)) return false;
    const root = Math.sqrt(pivot);
    L[row + size] = root;
    inverse[size] = 1 / root;
    this.#size++;
    return true;
  }

  /** Replaces b, of `size` numbers, by the solution x of L·Lᵀ·x = b. */
  solve(b: Float64Array): void {
    const L = this.#factor;
    const inverse = this.#inverse;
    const capacity = this.#capacity;
    const size = this.#size;
    for (let i = 0, row = 0; i < size; i++, row += capacity) {
      let sum = b[i]!;
      for (let k = 0; k < i; k++) sum -= L[row + k]! * b[k]!;
      b[i] = sum * inverse[i]!;
    }
    // Row by row here too: columns of a factor lie far apart in memory.
    for (let i = size - 1; i >= 0; i--) {
      const row = i * capacity;
      const value = b[i]! * inverse[i]!;
      b[i] = value;
      for (let k = 0; k < i; k++) b[k]! -= L[row + k]! * value;
    }
  }
}
