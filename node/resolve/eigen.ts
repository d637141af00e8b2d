/**
 * Eigenvalues of a symmetric matrix, and what a function of it makes of a vector, without ever
 * writing down an eigenvector: Householder's reflections to a tridiagonal matrix, the implicit QL
 * algorithm for that, and a vector goes through the reflections and rotations one by one.
 *
 * Rows are taken in the order of their diagonal entries, the largest last, where both begin: so
 * the small eigenvalues of rows of very different lengths keep most of their digits. Martin,
 * Reinsch and Wilkinson, Handbook for Automatic Computation II, 1971.
 */
import { ascending, descending } from './ranking.ts';
import { Reflections } from './reflections.ts';
import { Rotations } from './rotations.ts';

/** A decomposition VΛVᵀ. */
export interface Eigen {
  /** From the largest to the smallest; of equals, in the order they were found. */
  readonly values: Float64Array;
  /** Vᵀb, in the order of the values. */
  into(b: Float64Array): Float64Array;
  /** V·c. */
  outOf(c: Float64Array): Float64Array;
}

/** The decomposition of n·n finite numbers whose size is about 1 (unitScaled). */
export function eigenOf(symmetric: Float64Array, n: number): Eigen {
  const sizes = new Float64Array(n);
  for (let i = 0; i < n; i++) sizes[i] = symmetric[i * n + i]!;
  const order = ascending(sizes);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = order[i]! * n;
    for (let j = 0; j <= i; j++) a[i * n + j] = symmetric[row + order[j]!]!;
  }
  const reflections = new Reflections(a, n);
  const { diagonal, beside } = reflections;
  const rotations = new Rotations(diagonal, beside);
  const places = descending(diagonal);
  const values = new Float64Array(n);
  for (let v = 0; v < n; v++) values[v] = diagonal[places[v]!]!;
  return {
    values,
    into(b) {
      const x = new Float64Array(n);
      for (let i = 0; i < n; i++) x[i] = b[order[i]!]!;
      reflections.forward(x);
      rotations.forward(x);
      const c = new Float64Array(n);
      for (let v = 0; v < n; v++) c[v] = x[places[v]!]!;
      return c;
    },
    outOf(c) {
      const x = new Float64Array(n);
      for (let v = 0; v < n; v++) x[places[v]!] = c[v]!;
      rotations.back(x);
      reflections.back(x);
      const b = new Float64Array(n);
      for (let i = 0; i < n; i++) b[order[i]!] = x[i]!;
      return b;
    },
  };
}

/** Eigenvalues above this share of the largest count; the others are rounding: n · 2⁻⁵². */
const rankCut = (n: number) => n * 2 ** -52;

/** Number of eigenvalues that count. */
export function rankOf({ values }: Eigen): number {
  const n = values.length;
  const cut = rankCut(n) * Math.max(0, values[0]!);
  let rank = 0;
  while (rank < n && values[rank]! > cut) rank++;
  return rank;
}

/** A part of b in the range that is shorter than this share of b, squared, is rounding. */
const OUTSIDE = 2 ** -60;

/**
 * Σ f(λᵥ)·v·(v·b) over the eigenvalues that count: 1/λ gives the pseudoinverse times b. Zeros
 * where b is orthogonal to all their eigenvectors, but for rounding.
 */
export function applied(eigen: Eigen, f: (value: number) => number, b: Float64Array): Float64Array {
  const { values } = eigen;
  const rank = rankOf(eigen);
  const c = eigen.into(b);
  let part = 0;
  let whole = 0;
  for (let v = 0; v < c.length; v++) {
    const square = c[v]! * c[v]!;
    whole += square;
    if (v < rank) part += square;
    c[v] = v < rank ? c[v]! * f(values[v]!) : 0;
  }
  return part <= OUTSIDE * whole ? new Float64Array(b.length) : eigen.outOf(c);
}
