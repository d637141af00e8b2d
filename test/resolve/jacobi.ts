/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations: all pairs row by row,
 * until nothing but rounding is left beside the diagonal. Slow, and exact to the last digits that
 * the matrix has; what node/resolve/eigen.ts is checked against.
 */

export interface Eigen {
  /** From the largest to the smallest; of equals, in the order of their columns. */
  readonly values: Float64Array;
  /** Vector v of values[v] is column v: its i-th number at i·n + v. */
  readonly vectors: Float64Array;
}

/** Bound on passes over all pairs; convergence is quadratic, about eight are needed. */
const SWEEPS_MAX = 60;
/** An entry below this share of √(aᵢᵢ·aⱼⱼ), or of the largest, is rounding. */
const NEGLIGIBLE = 2 ** -54;

/** The decomposition of n·n finite numbers whose size is about 1 (unitScaled). */
export function eigenOf(symmetric: Float64Array, n: number): Eigen {
  const a = symmetric.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) if (rotate(a, v, n, p, q)) rotated = true;
    }
    if (!rotated) break;
  }
  const order = Array.from({ length: n }, (_, i) => i);
  order.sort((i, j) => a[j * n + j]! - a[i * n + i]! || i - j);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) vectors[i * n + k] = v[i * n + order[k]!]!;
  }
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/** Turns the plane of p and q so that a[p, q] vanishes. False where it is nothing already. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): boolean {
  const off = a[p * n + q]!;
  const first = a[p * n + p]!;
  const last = a[q * n + q]!;
  if (Math.abs(off) <= NEGLIGIBLE * Math.sqrt(Math.abs(first)) * Math.sqrt(Math.abs(last))) {
    return false;
  }
  const theta = (last - first) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  a[p * n + p] = first - t * off;
  a[q * n + q] = last + t * off;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  for (let i = 0; i < n; i++) {
    if (i !== p && i !== q) {
      const x = a[i * n + p]!;
      const y = a[i * n + q]!;
      a[i * n + p] = c * x - s * y;
      a[p * n + i] = a[i * n + p]!;
      a[i * n + q] = s * x + c * y;
      a[q * n + i] = a[i * n + q]!;
    }
    const x = v[i * n + p]!;
    const y = v[i * n + q]!;
    v[i * n + p] = c * x - s * y;
    v[i * n + q] = s * x + c * y;
  }
  return Math.abs(off) > NEGLIGIBLE * (Math.abs(first) + Math.abs(last));
}
