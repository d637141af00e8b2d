/** Exact arithmetic on float64 numbers, by whole numbers in units of 2^−SHIFT; for tests only. */

/** Any float64 times 2^SHIFT is a whole number. */
export const SHIFT = 1074;
const SCRATCH = new DataView(new ArrayBuffer(8));

/** x·2^SHIFT. */
export function whole(x: number): bigint {
  SCRATCH.setFloat64(0, x);
  const bits = SCRATCH.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n);
  return x < 0 ? -size : size;
}

/** The number of 2^−(factors·SHIFT), to about 62 of its bits, and rounded once more. */
export function numberOf(value: bigint, factors: number): number {
  const size = value < 0n ? -value : value;
  const cut = Math.max(0, size.toString(2).length - 62);
  let number = Number(size >> BigInt(cut));
  // In steps, since a power of two this small is no number.
  let exponent = cut - factors * SHIFT;
  for (; exponent < -500; exponent += 500) number *= 2 ** -500;
  return (value < 0n ? -1 : 1) * number * 2 ** exponent;
}

/** ‖d‖², minᵢ ⟨gᵢ, d⟩ and the difference of the two, of weights and G as they are. */
export function exactOf(gram: ArrayLike<number>, weights: ArrayLike<number>) {
  const m = weights.length;
  const w = Array.from(weights, whole);
  const one = whole(1);
  let square = 0n;
  let least: bigint | null = null;
  for (let i = 0; i < m; i++) {
    let inner = 0n;
    for (let j = 0; j < m; j++) inner += whole(gram[i * m + j]!) * w[j]!;
    square += w[i]! * inner;
    if (least === null || inner < least) least = inner;
  }
  const leastDescent = (least ?? 0n) * one;
  return {
    squaredNorm: numberOf(square, 3),
    leastDescent: numberOf(leastDescent, 3),
    gap: numberOf(square - leastDescent, 3),
  };
}

/** Σ (vᵢ − uᵢ)|yᵢ| + Σ vᵢ‖gᵢ‖·maxᵢ(−yᵢ/‖gᵢ‖)₊ with y = Gv; y is exact, and no sum cancels. */
export function exactConeGapOf(
  gram: ArrayLike<number>,
  weights: ArrayLike<number>,
  u: ArrayLike<number>,
): number {
  const m = weights.length;
  let [apart, size, harm] = [0, 0, 0];
  for (let i = 0; i < m; i++) {
    let inner = 0n;
    for (let j = 0; j < m; j++) inner += whole(gram[i * m + j]!) * whole(weights[j]!);
    const y = numberOf(inner, 2);
    const norm = Math.sqrt(gram[i * m + i]!);
    apart += numberOf(whole(weights[i]!) - whole(u[i]!), 1) * Math.abs(y);
    size += weights[i]! * norm;
    if (norm > 0) harm = Math.max(harm, -y / norm);
  }
  return apart + size * harm;
}

/** The largest |wᵢ(Gw)ᵢ − 1|. */
export function exactBalanceGapOf(gram: ArrayLike<number>, weights: ArrayLike<number>): number {
  const m = weights.length;
  const one = 1n << BigInt(3 * SHIFT);
  let most = 0n;
  for (let i = 0; i < m; i++) {
    let inner = 0n;
    for (let j = 0; j < m; j++) inner += whole(gram[i * m + j]!) * whole(weights[j]!);
    const rest = whole(weights[i]!) * inner - one;
    if (rest > most || -rest > most) most = rest < 0n ? -rest : rest;
  }
  return numberOf(most, 3);
}

/** ⌊√value⌋. */
export function wholeRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Digits of a quotient near to 1. */
const QUOTIENT_BITS = 400n;

/**
 * CAGrad's duality gap, for weights d = g₀ + ρ·g_w: ⟨g_w, g₀⟩ + c‖g₀‖·‖g_w‖ for the w that they
 * have, less the least ⟨gᵢ, d⟩, where a d outside the ball is brought back to it. As a share of
 * ‖d‖²; null where they have no w.
 */
export function exactCagradGapOf(
  gram: ArrayLike<number>,
  weights: ArrayLike<number>,
  c: number,
): number | null {
  const m = weights.length;
  const [count, one] = [BigInt(m), whole(1)];
  const g = Array.from({ length: m * m }, (_, at) => whole(gram[at]!));
  const times = (v: readonly bigint[]) =>
    v.map((_, i) => v.reduce((sum, x, j) => sum + g[i * m + j]! * x, 0n));
  const dot = (a: readonly bigint[], b: readonly bigint[]) =>
    a.reduce((sum, x, i) => sum + x * b[i]!, 0n);
  const all = Array.from(weights, whole);
  // Of what is written below times m: so 1/m is a whole number too.
  const mean = times(all.map(() => 1n));
  const meanSquare = mean.reduce((sum, x) => sum + x, 0n);
  const share = whole(1 / m);
  const w = all.map((x) => (x > share ? x - share : 0n));
  const total = w.reduce((sum, x) => sum + x, 0n);
  if (total === 0n || meanSquare <= 0n) return null;
  const radiusSquare = whole(c) ** 2n * meanSquare;
  const best = one * dot(w, mean) + wholeRoot(radiusSquare * dot(w, times(w)));
  const inner = times(all);
  const pulls = inner.map((x, i) => count * x - one * mean[i]!);
  const awaySquare = dot(
    all.map((x) => count * x - one),
    pulls,
  );
  const isOutside = awaySquare > radiusSquare;
  const back = isOutside
    ? wholeRoot((radiusSquare << (2n * QUOTIENT_BITS)) / awaySquare)
    : 1n << QUOTIENT_BITS;
  let least: bigint | null = null;
  for (const [i, pull] of pulls.entries()) {
    const served = one * mean[i]! + ((pull * back) >> QUOTIENT_BITS);
    if (least === null || served < least) least = served;
  }
  const gap = numberOf(best - total * least!, 3) / (m * numberOf(total, 1));
  return gap / numberOf(dot(all, inner), 3);
}
