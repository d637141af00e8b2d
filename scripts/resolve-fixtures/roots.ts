/**
 * Problems whose answers are irrational, with 80 decimals: CAGrad's dual on every face of the
 * simplex, and the balanced weights of Nash-MTL and FairGrad by Newton's method. Nothing of it
 * comes from node/resolve.
 */
import {
  divided,
  dot,
  type Fixed,
  fromNumber,
  innerOf,
  NOTHING,
  root,
  size,
  solve,
  times,
  UNIT,
} from './fixed.ts';

/** W of CAGrad for c = over/under; zeros where d = 0, being Pareto stationary. */
export function cagrad(gram: bigint[][], over: bigint, under: bigint): Fixed[] {
  const m = gram.length;
  const u = gram.map(() => UNIT / BigInt(m));
  const h = innerOf(gram, u);
  const squareOfMean = dot(u, h);
  if (squareOfMean < NOTHING) return u;
  const squareOfRadius = (squareOfMean * over * over) / (under * under);
  for (let face = 1; face < 2 ** m; face++) {
    const rows = [...gram.keys()].filter((i) => (face >> i) & 1);
    const matrix = rows.map((i) => [...rows.map((j) => gram[i]![j]! * UNIT), UNIT]);
    matrix.push([...rows.map(() => UNIT), 0n]);
    const base = solve(matrix, [...rows.map(() => 0n), UNIT]);
    const turn = solve(matrix, [...rows.map((i) => -h[i]!), 0n]);
    if (base === null || turn === null) continue;
    const wide = (values: Fixed[]) =>
      gram.map((_, i) => (rows.includes(i) ? values[rows.indexOf(i)]! : 0n));
    const [a, b] = [wide(base), wide(turn)];
    const q = dot(a, innerOf(gram, a));
    const left = squareOfRadius - dot(b, innerOf(gram, b));
    if (left < NOTHING || q < NOTHING) continue;
    const sigma = root(divided(q, left));
    const w = a.map((value, i) => value + times(sigma, b[i]!));
    if (w.some((value) => value < -NOTHING)) continue;
    const prices = innerOf(gram, w).map((value, i) => value + times(sigma, h[i]!));
    const least = prices.toSorted((x, y) => (x < y ? -1 : 1))[0]!;
    if (dot(w, prices) - least > NOTHING * 10n ** 10n) continue;
    return u.map((share, i) => share + divided(w[i]!, sigma));
  }
  return gram.map(() => 0n);
}

/**
 * α > 0 with (Gα)ᵢ^a · αᵢ^b = 1: Nash-MTL for a = b = 1, FairGrad's alpha is a/b. By damped Newton
 * steps from what a long descent in float64 leaves; throws where they end nowhere.
 */
export function balanced(gram: bigint[][], a: number, b: number): Fixed[] {
  let alpha = descended(gram, b / a).map(fromNumber);
  let last = residuals(gram, alpha, a, b);
  for (let step = 0; step < 400 && last !== null; step++) {
    if (largest(last) < NOTHING) return alpha;
    const change = newtonChange(gram, alpha, last, a, b);
    for (let share = UNIT; share > 0n; share /= 2n) {
      const next = alpha.map((value, i) => times(value, UNIT + times(share, change[i]!)));
      const rest = residuals(gram, next, a, b);
      if (rest === null || largest(rest) >= largest(last)) continue;
      alpha = next;
      last = rest;
      break;
    }
  }
  throw new Error('Newton found no weights');
}

/** Relative changes of α, for a·log(Gα) + b·log α = 0. */
function newtonChange(gram: bigint[][], alpha: Fixed[], rest: Fixed[], a: number, b: number) {
  const inner = innerOf(gram, alpha);
  const matrix = gram.map((row, i) =>
    row.map((entry, j) => {
      const part = divided(entry * alpha[j]!, inner[i]!) * BigInt(a);
      return i === j ? part + BigInt(b) * UNIT : part;
    }),
  );
  const change = solve(
    matrix,
    rest.map((value) => -value),
  );
  if (change === null) throw new Error('a Newton system is singular');
  return change;
}

const largest = (values: Fixed[]) => values.map(size).toSorted((x, y) => (x < y ? 1 : -1))[0]!;

/** (Gα)^a·α^b − 1, to first order the logarithm; null where a side is not positive. */
function residuals(gram: bigint[][], alpha: Fixed[], a: number, b: number): Fixed[] | null {
  const inner = innerOf(gram, alpha);
  if ([...inner, ...alpha].some((value) => value <= 0n)) return null;
  return inner.map((value, i) => {
    let product = UNIT;
    for (let k = 0; k < a; k++) product = times(product, value);
    for (let k = 0; k < b; k++) product = times(product, alpha[i]!);
    return product - UNIT;
  });
}

/**
 * One weight after the other to where Gᵢᵢx + rest = x^(−p): coordinate descent on the convex
 * problem.
 */
function descended(gram: bigint[][], p: number): number[] {
  const G = gram.map((row) => row.map(Number));
  const x = G.map((row, i) => row[i]! ** (-1 / (1 + p)));
  for (let sweep = 0; sweep < 3000; sweep++) {
    for (let i = 0; i < x.length; i++) {
      const rest = G[i]!.reduce((sum, entry, j) => (j === i ? sum : sum + entry * x[j]!), 0);
      let [low, high] = [1e-30, 1e10];
      while (high > low * (1 + 2 ** -50)) {
        const middle = Math.sqrt(low * high);
        if (G[i]![i]! * middle + rest < middle ** -p) low = middle;
        else high = middle;
      }
      x[i] = low;
    }
  }
  return x;
}
