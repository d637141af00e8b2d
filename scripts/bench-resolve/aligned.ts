/**
 * Aligned-MTL's definition, G^(1/2)·w = √s·P·p, with 80 decimals: s is the least eigenvalue of G
 * that counts, P the projection onto the space of those that do, p = 1/m. Eigenvectors are found
 * by Jacobi's rotations on big integers; nothing of it comes from node/resolve.
 */
import {
  divided,
  dot,
  type Fixed,
  fromNumber,
  root,
  size,
  times,
  UNIT,
} from '../resolve-fixtures/fixed.ts';

/** Bound on passes over all pairs; convergence is quadratic, about ten are needed. */
const SWEEPS_MAX = 60;
/** Beside the diagonal this is rounding: 60 decimals, of entries up to about 1. */
const NEGLIGIBLE = 10n ** 20n;

interface Eigen {
  /** From the largest to the smallest. */
  readonly values: readonly Fixed[];
  /** One of length 1 for each value. */
  readonly vectors: readonly (readonly Fixed[])[];
}

/** TorchJD's answer is judged after ours on the same matrix. */
const known = new WeakMap<Float64Array, Eigen>();

/**
 * ‖G^(1/2)·w − √s·P·p‖ / (√s·‖p‖) in the space of P: how far d is from the definition's, as a share
 * of how long that is where rows are independent.
 */
export function alignedResidual(gram: Float64Array, weights: ArrayLike<number>): number {
  const m = weights.length;
  const eigen = known.get(gram) ?? eigenOf(scaled(gram, m));
  known.set(gram, eigen);
  // As TorchJD has it: others are rounding of the largest.
  const cut = (eigen.values[0]! * BigInt(m)) / 2n ** 52n;
  const kept = eigen.values.flatMap((value, v) => (value > cut ? [v] : []));
  const least = eigen.values[kept.at(-1)!]!;
  const w = Array.from(weights, fromNumber);
  const p = w.map(() => UNIT / BigInt(m));
  let square = 0n;
  for (const v of kept) {
    const vector = eigen.vectors[v]!;
    const rest = times(root(eigen.values[v]!), dot(vector, w)) - times(root(least), dot(vector, p));
    square += times(rest, rest);
  }
  return Number(divided(root(square), times(root(least), root(dot(p, p))))) / Number(UNIT);
}

/** By the power of two that makes the largest diagonal entry 1 to 2: w is the same. */
function scaled(gram: Float64Array, m: number): Fixed[][] {
  const longest = Math.max(...Array.from({ length: m }, (_, i) => gram[i * m + i]!));
  const factor = 2 ** -Math.floor(Math.log2(longest));
  return Array.from({ length: m }, (_, i) =>
    Array.from({ length: m }, (_, j) => fromNumber(gram[i * m + j]! * factor)),
  );
}

function eigenOf(a: Fixed[][]): Eigen {
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? UNIT : 0n)));
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let rotated = false;
    for (let p = 0; p < a.length; p++) {
      for (let q = p + 1; q < a.length; q++) {
        if (size(a[p]![q]!) < NEGLIGIBLE) continue;
        rotate(a, vectors, p, q);
        rotated = true;
      }
    }
    if (!rotated) return descending(a, vectors);
  }
  throw new Error(`no eigenvectors of ${a.length} rows after ${SWEEPS_MAX} sweeps`);
}

function descending(diagonal: Fixed[][], vectors: Fixed[][]): Eigen {
  const order = [...diagonal.keys()].sort((i, j) => {
    return diagonal[i]![i]! > diagonal[j]![j]! ? -1 : 1;
  });
  return { values: order.map((i) => diagonal[i]![i]!), vectors: order.map((i) => vectors[i]!) };
}

/** Turns the plane of p and q so that a[p][q] vanishes. */
function rotate(a: Fixed[][], vectors: Fixed[][], p: number, q: number): void {
  const [first, last, off] = [a[p]![p]!, a[q]![q]!, a[p]![q]!];
  const theta = divided(last - first, 2n * off);
  const t = divided(theta < 0n ? -UNIT : UNIT, size(theta) + root(times(theta, theta) + UNIT));
  const c = divided(UNIT, root(times(t, t) + UNIT));
  const s = times(t, c);
  for (let i = 0; i < a.length; i++) {
    if (i === p || i === q) continue;
    const [x, y] = [a[p]![i]!, a[q]![i]!];
    a[p]![i] = times(c, x) - times(s, y);
    a[q]![i] = times(s, x) + times(c, y);
    a[i]![p] = a[p]![i]!;
    a[i]![q] = a[q]![i]!;
  }
  a[p]![p] = first - times(t, off);
  a[q]![q] = last + times(t, off);
  a[p]![q] = 0n;
  a[q]![p] = 0n;
  const [x, y] = [vectors[p]!, vectors[q]!];
  vectors[p] = x.map((value, i) => times(c, value) - times(s, y[i]!));
  vectors[q] = x.map((value, i) => times(s, value) + times(c, y[i]!));
}
