/** Householder's reflections of a symmetric matrix to a tridiagonal one, and of vectors with it. */

/**
 * A = Q·T·Qᵀ with T tridiagonal, Q a product of reflections I − uuᵀ/h. Overwrites the lower
 * triangle that it is given: u of row i stays at its place, left of the diagonal.
 */
export class Reflections {
  readonly #a: Float64Array;
  readonly #n: number;
  /** By row; 0 where nothing is reflected. */
  readonly #h: Float64Array;
  readonly diagonal: Float64Array;
  /** T[i, i+1]; the last is 0. */
  readonly beside: Float64Array;

  constructor(a: Float64Array, n: number) {
    this.#a = a;
    this.#n = n;
    this.#h = new Float64Array(n);
    this.diagonal = new Float64Array(n);
    this.beside = new Float64Array(n);
    const product = new Float64Array(n);
    for (let i = n - 1; i > 0; i--) this.beside[i - 1] = this.#reduce(i, product);
    for (let i = 0; i < n; i++) this.diagonal[i] = a[i * n + i]!;
  }

  /** Makes row i vanish but for the entry beside the diagonal, and returns that. */
  #reduce(i: number, product: Float64Array): number {
    const a = this.#a;
    const n = this.#n;
    const u = i * n;
    let scale = 0;
    for (let k = 0; k < i - 1; k++) scale += Math.abs(a[u + k]!);
    if (scale === 0) return a[u + i - 1]!;
    scale += Math.abs(a[u + i - 1]!);
    let square = 0;
    for (let k = 0; k < i; k++) {
      const value = a[u + k]! / scale;
      a[u + k] = value;
      square += value * value;
    }
    const last = a[u + i - 1]!;
    const turned = last >= 0 ? -Math.sqrt(square) : Math.sqrt(square);
    const h = square - last * turned;
    a[u + i - 1] = last - turned;
    this.#h[i] = h;
    // p = A·u, of the part above row i; then A ← A − uqᵀ − quᵀ with q = p/h − (uᵀp/2h²)·u.
    for (let j = 0; j < i; j++) {
      const row = j * n;
      const uj = a[u + j]!;
      let sum = a[row + j]! * uj;
      for (let k = 0; k < j; k++) {
        sum += a[row + k]! * a[u + k]!;
        product[k]! += a[row + k]! * uj;
      }
      product[j] = sum;
    }
    let inner = 0;
    for (let j = 0; j < i; j++) {
      product[j]! /= h;
      inner += product[j]! * a[u + j]!;
    }
    const half = inner / (2 * h);
    for (let j = 0; j < i; j++) {
      const row = j * n;
      const uj = a[u + j]!;
      const qj = product[j]! - half * uj;
      product[j] = qj;
      for (let k = 0; k <= j; k++) a[row + k]! -= uj * product[k]! + qj * a[u + k]!;
    }
    return scale * turned;
  }

  /** x ← Qᵀx. */
  forward(x: Float64Array): void {
    for (let i = this.#n - 1; i > 0; i--) this.#reflect(i, x);
  }

  /** x ← Qx. */
  back(x: Float64Array): void {
    for (let i = 1; i < this.#n; i++) this.#reflect(i, x);
  }

  #reflect(i: number, x: Float64Array): void {
    if (this.#h[i] === 0) return;
    const u = i * this.#n;
    let inner = 0;
    for (let k = 0; k < i; k++) inner += this.#a[u + k]! * x[k]!;
    const share = inner / this.#h[i]!;
    for (let k = 0; k < i; k++) x[k]! -= share * this.#a[u + k]!;
  }
}
