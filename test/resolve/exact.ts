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
