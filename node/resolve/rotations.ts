/** The implicit QL algorithm for a tridiagonal matrix, and what its rotations make of vectors. */

/** An entry below this share of √|dᵢ·dᵢ₊₁| is rounding. */
const NEGLIGIBLE = 2 ** -53;
/** From this turn for one eigenvalue on, below this share of the largest; three are usual. */
const PATIENCE = 30;
/** Bound on turns for one eigenvalue. */
const TURNS_MAX = 100;

/** T = Z·Λ·Zᵀ, Z a product of rotations of neighbours. Overwrites T: the diagonal becomes Λ. */
export class Rotations {
  /** Cosine and sine of each; some 2n² numbers. */
  #angles: Float64Array;
  #count = 0;
  /** By turn: rotations of the places from the second number, downwards to the first. */
  readonly #turns: number[] = [];

  constructor(d: Float64Array, e: Float64Array) {
    const n = d.length;
    this.#angles = new Float64Array(2 * n * n);
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(d[i]!) + Math.abs(e[i]!));
    for (let first = 0; first < n; first++) {
      for (let turn = 0; turn < TURNS_MAX; turn++) {
        const end = endOfBlock(d, e, first, turn < PATIENCE ? 0 : NEGLIGIBLE * largest);
        if (end === first) break;
        this.#turn(d, e, first, end);
      }
    }
  }

  /** One implicit QL step, shifted by Wilkinson, on the block from first to end. */
  #turn(d: Float64Array, e: Float64Array, first: number, end: number): void {
    const angles = this.#room(end - first);
    const theta = (d[first + 1]! - d[first]!) / (2 * e[first]!);
    const root = Math.sqrt(theta * theta + 1);
    let g = d[end]! - d[first]! + e[first]! / (theta + (theta >= 0 ? root : -root));
    let s = 1;
    let c = 1;
    let p = 0;
    let i = end - 1;
    for (; i >= first; i--) {
      const f = s * e[i]!;
      const b = c * e[i]!;
      const r = lengthOf(f, g);
      e[i + 1] = r;
      // The block falls into two.
      if (r === 0) break;
      s = f / r;
      c = g / r;
      g = d[i + 1]! - p;
      const t = (d[i]! - g) * s + 2 * c * b;
      p = s * t;
      d[i + 1] = g + p;
      g = c * t - b;
      angles[2 * this.#count] = c;
      angles[2 * this.#count + 1] = s;
      this.#count++;
    }
    this.#turns.push(i + 1, end - 1);
    d[i + 1]! -= p;
    if (i < first) e[first] = g;
    e[end] = 0;
  }

  /** Memory for so many more. */
  #room(more: number): Float64Array {
    const needed = 2 * (this.#count + more);
    if (needed > this.#angles.length) {
      const larger = new Float64Array(2 * needed);
      larger.set(this.#angles);
      this.#angles = larger;
    }
    return this.#angles;
  }

  /** x ← Zᵀx. */
  forward(x: Float64Array): void {
    const angles = this.#angles;
    let at = 0;
    for (let turn = 0; turn < this.#turns.length; turn += 2) {
      const low = this.#turns[turn]!;
      for (let i = this.#turns[turn + 1]!; i >= low; i--, at += 2) {
        const c = angles[at]!;
        const s = angles[at + 1]!;
        const lower = x[i]!;
        const upper = x[i + 1]!;
        x[i + 1] = s * lower + c * upper;
        x[i] = c * lower - s * upper;
      }
    }
  }

  /** x ← Zx. */
  back(x: Float64Array): void {
    const angles = this.#angles;
    let at = 2 * this.#count - 2;
    for (let turn = this.#turns.length - 2; turn >= 0; turn -= 2) {
      const high = this.#turns[turn + 1]!;
      for (let i = this.#turns[turn]!; i <= high; i++, at -= 2) {
        const c = angles[at]!;
        const s = angles[at + 1]!;
        const lower = x[i]!;
        const upper = x[i + 1]!;
        x[i] = c * lower + s * upper;
        x[i + 1] = c * upper - s * lower;
      }
    }
  }
}

/** The first place from `first` on whose entry beside the diagonal is rounding, or `floor`. */
function endOfBlock(d: Float64Array, e: Float64Array, first: number, floor: number): number {
  let end = first;
  for (; end < d.length - 1; end++) {
    const size = Math.abs(e[end]!);
    if (size <= floor) break;
    const [one, other] = [Math.abs(d[end]!), Math.abs(d[end + 1]!)];
    // The mean is no less than the root of the product, and cheaper.
    if (size > NEGLIGIBLE * (one + other)) continue;
    if (size <= NEGLIGIBLE * Math.sqrt(one) * Math.sqrt(other)) break;
  }
  return end;
}

/** √(x² + y²), whose squares may be too small for numbers. */
function lengthOf(x: number, y: number): number {
  const [a, b] = [Math.abs(x), Math.abs(y)];
  const [more, less] = a > b ? [a, b] : [b, a];
  if (less === 0) return more;
  const ratio = less / more;
  return more * Math.sqrt(1 + ratio * ratio);
}
