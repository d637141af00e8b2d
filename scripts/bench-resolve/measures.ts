/**
 * How far weights are from solving their method's problem, computed from the weights and G alone
 * and the same for whoever found them. All are relative: 0 is exact, 1 is no answer at all.
 */

/** G·w. */
export function innerProducts(gram: Float64Array, weights: ArrayLike<number>): Float64Array {
  const m = weights.length;
  return Float64Array.from({ length: m }, (_, i) => {
    let inner = 0;
    for (let j = 0; j < m; j++) inner += gram[i * m + j]! * weights[j]!;
    return inner;
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

export const squareOf = (gram: Float64Array, weights: ArrayLike<number>) =>
  Math.max(0, dot(weights, innerProducts(gram, weights)));

/** (Σ |wᵢ|·‖gᵢ‖)²: what the rounding of ‖d‖² is measured against. */
export function sizeOf(gram: Float64Array, weights: ArrayLike<number>): number {
  const m = weights.length;
  let size = 0;
  for (let i = 0; i < m; i++) size += Math.abs(weights[i]!) * Math.sqrt(gram[i * m + i]!);
  return size * size;
}

/** ‖d‖² below this share of its size is rounding. */
export const ROUNDING = 2 ** -40;

/** Measured against ‖d‖², or against its size where d is 0 but for rounding. */
function relative(error: number, gram: Float64Array, weights: ArrayLike<number>): number {
  const square = squareOf(gram, weights);
  const size = sizeOf(gram, weights);
  if (error <= 0) return 0;
  return error / (square > ROUNDING * size ? square : size);
}

/** Min-norm: (αᵀGα − minᵢ(Gα)ᵢ) / ‖d‖². From 1 on d is no descent for all. */
export function minNormGap(gram: Float64Array, weights: ArrayLike<number>): number {
  const inner = exactInnerProducts(gram, weights);
  return relative(dot(weights, inner) - Math.min(...inner), gram, weights);
}

/**
 * Min-norm and CAGrad: ⟨gᵢ, d⟩ is no less than where w > 0, the largest violation in unit rows.
 * The gap can't be smaller than rounding, which grows with the longest row; this doesn't.
 */
export function descentResidual(
  gram: Float64Array,
  weights: ArrayLike<number>,
  w: ArrayLike<number>,
): number {
  const m = weights.length;
  const inner = innerProducts(gram, weights);
  const level = dot(w, inner);
  const size = Math.sqrt(sizeOf(gram, weights));
  let worst = 0;
  for (let i = 0; i < m; i++) {
    const norm = Math.sqrt(gram[i * m + i]!);
    // A row shorter than d falls short by at most ‖d‖².
    const scale = Math.max(norm, Math.sqrt(Math.abs(level))) * size;
    if (scale > 0) worst = Math.max(worst, (level - inner[i]!) / scale);
  }
  return worst;
}

/**
 * CAGrad: max over ‖d − g₀‖ ≤ c‖g₀‖ of minᵢ⟨gᵢ, d⟩ lies between that minimum and uᵀGw + φ√(wᵀGw)
 * for any w of the simplex; the gap between the two, relative to the latter.
 */
export function cagradGap(gram: Float64Array, weights: ArrayLike<number>, c: number): number {
  const w = addedToMean(weights);
  const uniform = new Float64Array(weights.length).fill(1 / weights.length);
  const phi = c * Math.sqrt(squareOf(gram, uniform));
  const upper = dot(uniform, innerProducts(gram, w)) + phi * Math.sqrt(squareOf(gram, w));
  const lower = Math.min(...innerProducts(gram, weights));
  return upper <= lower ? 0 : (upper - lower) / Math.max(Math.abs(upper), Math.abs(lower));
}

/** The simplex's w in W = u + s·w; u where W adds nothing to it, as where an answer is zeros. */
export function addedToMean(weights: ArrayLike<number>): Float64Array {
  const m = weights.length;
  const added = Float64Array.from(weights, (weight) => Math.max(0, weight - 1 / m));
  const total = added.reduce((sum, value) => sum + value, 0);
  return added.map((value) => (total > 0 ? value / total : 1 / m));
}

/** Nash, and FairGrad at 1: wᵢ⟨gᵢ, d⟩ is the same for all; the largest deviation from the mean. */
export function bargainResidual(gram: Float64Array, weights: ArrayLike<number>): number {
  const shares = exactInnerProducts(gram, weights).map((inner, i) => inner * weights[i]!);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.max(...shares.map((share) => Math.abs(share / mean - 1)));
}

/**
 * G·w in twice the digits, rounded once: where rows nearly cancel the rounding of a plain sum is
 * more than what is measured. Products are split as Dekker does.
 */
function exactInnerProducts(gram: Float64Array, weights: ArrayLike<number>): Float64Array {
  const m = weights.length;
  return Float64Array.from({ length: m }, (_, i) => {
    let sum = 0;
    let low = 0;
    for (let j = 0; j < m; j++) {
      const [a, b] = [gram[i * m + j]!, weights[j]!];
      const product = a * b;
      const next = sum + product;
      const taken = next - sum;
      low += sum - (next - taken) + (product - taken) + productError(a, b, product);
      sum = next;
    }
    return sum + low;
  });
}

function productError(a: number, b: number, product: number): number {
  const high = (x: number) => {
    const split = (2 ** 27 + 1) * x;
    return split - (split - x);
  };
  const [aHigh, bHigh] = [high(a), high(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** The dual cone: w ≥ u, Gw ≥ 0, (w − u)ᵀGw = 0; the largest violation in unit rows. */
export function dualConeResidual(
  gram: Float64Array,
  weights: ArrayLike<number>,
  preference: ArrayLike<number>,
): number {
  const m = weights.length;
  const inner = innerProducts(gram, weights);
  const size = Math.sqrt(sizeOf(gram, weights));
  if (size === 0) return 0;
  let worst = 0;
  for (let i = 0; i < m; i++) {
    const norm = Math.sqrt(gram[i * m + i]!);
    if (norm === 0) continue;
    const projected = inner[i]! / (norm * size);
    const above = ((weights[i]! - preference[i]!) * norm) / size;
    worst = Math.max(worst, -projected, -above, Math.abs(above * projected));
  }
  return worst;
}

/**
 * UPGrad: each of the projections that it adds up is the one of its row onto the dual cone, and the
 * weights are their sum; the largest violation, the former in units of each projection's own size.
 */
export function projectionsResidual(
  gram: Float64Array,
  weights: ArrayLike<number>,
  projections: readonly ArrayLike<number>[],
): number {
  const m = weights.length;
  const each = projections.map((projection, row) => {
    const preference = Float64Array.from({ length: m }, (_, i) => (i === row ? 1 / m : 0));
    return dualConeResidual(gram, projection, preference);
  });
  const rest = Float64Array.from(weights, (weight, i) =>
    projections.reduce((left, projection) => left - projection[i]!, weight),
  );
  return Math.max(...each, Math.sqrt(sizeOf(gram, rest) / sizeOf(gram, weights)));
}

/** IMTL-G: ⟨gᵢ, d⟩/‖gᵢ‖ is the same for all; the largest difference in units of d's size. */
export function projectionSpread(gram: Float64Array, weights: ArrayLike<number>): number {
  const m = weights.length;
  const projections = innerProducts(gram, weights).map(
    (inner, i) => inner / Math.sqrt(gram[i * m + i]!),
  );
  const spread = Math.max(...projections) - Math.min(...projections);
  return spread / Math.sqrt(sizeOf(gram, weights));
}
