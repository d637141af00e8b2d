/**
 * Quadratic problems by trying every face in exact arithmetic: least norm, least norm within
 * bounds, and projection onto the dual cone. Nothing of it comes from node/resolve.
 */
import {
  dot,
  innerOf,
  minus,
  ONE,
  plus,
  type Rational,
  rational,
  solve,
  times,
  ZERO,
} from './rational.ts';

const NONE = 'no face is optimal';

/** The first face whose affine minimum is inside it and whose optimality all rows confirm. */
export function leastNorm(gram: bigint[][]): { alpha: Rational[]; square: Rational } {
  const m = gram.length;
  const bounds = { low: Array<Rational>(m).fill(ZERO), high: null };
  const alpha = boundedLeastNorm(gram, bounds);
  return { alpha, square: dot(alpha, innerOf(gram, alpha)) };
}

interface Bounds {
  readonly low: readonly Rational[];
  /** Null: nothing but the sum bounds from above. */
  readonly high: readonly Rational[] | null;
}

/** min αᵀGα, Σα = 1, low ≤ α ≤ high: every row is free, at its low end, or at its high one. */
export function boundedLeastNorm(gram: bigint[][], { low, high }: Bounds): Rational[] {
  const m = gram.length;
  const states = high === null ? 2 : 3;
  for (let face = 0; face < states ** m; face++) {
    const state = gram.map((_, i) => Math.floor(face / states ** i) % states);
    const fixed = state.map((at, i) => (at === 0 ? low[i]! : at === 2 ? high![i]! : ZERO));
    const free = [...state.keys()].filter((i) => state[i] === 1);
    const used = fixed.reduce(plus);
    const pull = innerOf(gram, fixed);
    const matrix = free.map((i) => [...free.map((j) => rational(gram[i]![j]!)), ONE]);
    matrix.push([...free.map(() => ONE), free.length === 0 ? ONE : ZERO]);
    const right = [...free.map((i) => minus(ZERO, pull[i]!)), minus(ONE, used)];
    const solution = solve(matrix, right);
    if (solution === null) continue;
    if (free.length === 0 && minus(ONE, used).over !== 0n) continue;
    const alpha = fixed.slice();
    free.forEach((row, k) => {
      alpha[row] = solution[k]!;
    });
    const outside = alpha.some(
      (value, i) =>
        minus(value, low[i]!).over < 0n || (high !== null && minus(high[i]!, value).over < 0n),
    );
    if (!outside && isOptimal(gram, alpha, { low, high })) return alpha;
  }
  throw new Error(NONE);
}

/** Whoever could give weight has no lower a price than whoever could take it. */
function isOptimal(gram: bigint[][], alpha: Rational[], { low, high }: Bounds): boolean {
  const prices = innerOf(gram, alpha);
  return alpha.every((giver, i) => {
    if (minus(giver, low[i]!).over <= 0n) return true;
    return alpha.every((taker, j) => {
      if (high !== null && minus(high[j]!, taker).over <= 0n) return true;
      return minus(prices[j]!, prices[i]!).over >= 0n;
    });
  });
}

/** v ≥ u with Gv ≥ 0 and (v − u)ᵀGv = 0: every set of rows may be those that are added to. */
export function dualCone(gram: bigint[][], u: readonly Rational[]): Rational[] {
  const m = gram.length;
  const start = innerOf(gram, [...u]);
  for (let face = 0; face < 2 ** m; face++) {
    const rows = [...gram.keys()].filter((i) => (face >> i) & 1);
    const matrix = rows.map((i) => rows.map((j) => rational(gram[i]![j]!)));
    const z = solve(
      matrix,
      rows.map((i) => minus(ZERO, start[i]!)),
    );
    if (z === null || z.some(({ over }) => over < 0n)) continue;
    const v = [...u];
    rows.forEach((row, k) => {
      v[row] = plus(v[row]!, z[k]!);
    });
    if (innerOf(gram, v).every(({ over }) => over >= 0n)) return v;
  }
  throw new Error(NONE);
}

export const directionOf = (rows: number[][], weights: Rational[]) =>
  rows[0]!.map((_, j) =>
    rows.reduce(
      (sum, row, i) => plus(sum, times(rational(BigInt(row[j]!)), weights[i]!)),
      ZERO as Rational,
    ),
  );
