/**
 * Chance in the simulator: every draw is a pure function of what it is for (a label, and numbers
 * such as link and message number), never of who asks first. Taking one use away changes no other.
 * Thirty-two bits mixed by multiplication, because a SHA-256 a draw would cost more than the event.
 */

/** A seed and a label as one number; made once, kept by whoever draws. */
export type DrawKey = number;

const GOLDEN = 0x9e3779b9;

/** The key for draws of this label under a seed; seeds are told apart up to 2⁵³. */
export function drawKey(seed: number, label: string): DrawKey {
  let key = mix(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0);
  for (let i = 0; i < label.length; i++) key = mix(key, label.charCodeAt(i));
  return key;
}

/** Uniform over all 32-bit integers, for a use that up to four numbers name. */
export function draw32(key: DrawKey, a = 0, b = 0, c = 0, d = 0): number {
  return mix(mix(mix(mix(key, a), b), c), d);
}

/** Uniform over [0, 1), a multiple of 2⁻³². */
export function drawShare(key: DrawKey, a = 0, b = 0, c = 0, d = 0): number {
  return draw32(key, a, b, c, d) / 2 ** 32;
}

/** Uniform over 0 … bound − 1; the bias below 2⁻³² · bound is of no matter here. */
export function drawBelow(key: DrawKey, bound: number, a = 0, b = 0, c = 0, d = 0): number {
  return Math.floor(drawShare(key, a, b, c, d) * bound);
}

/**
 * How a duration is spread about its mean. `heavy` is log-logistic of shape 2 with its tail cut:
 * most are short, one in a hundred takes ten times as long.
 */
export type Spread = 'constant' | 'uniform' | 'heavy';

const HEAVY_MAX = 30;

/** A factor with mean near 1, from a uniform share. */
export function spreadFactor(spread: Spread, share: number): number {
  if (spread === 'constant') return 1;
  if (spread === 'uniform') return 0.5 + share;
  return Math.min(HEAVY_MAX, 0.65 * Math.sqrt(share / (1 - share)));
}

/** Numbers drawn one after another, for generators whose whole output is one use. */
export class Draws {
  readonly #key: DrawKey;
  #count = 0;

  constructor(seed: number, label: string) {
    this.#key = drawKey(seed, label);
  }

  share(): number {
    return drawShare(this.#key, this.#count++);
  }

  /** Uniform over the integers from … to, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from + 1));
  }

  between(from: number, to: number): number {
    return from + this.share() * (to - from);
  }

  chance(share: number): boolean {
    return this.share() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.share() * items.length)]!;
  }

  /** The items in a drawn order. */
  shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item, i) => ({ item, i, at: this.share() }));
    return keyed.sort((x, y) => x.at - y.at || x.i - y.i).map(({ item }) => item);
  }
}

/** Murmur3's finaliser on the sum of both, so that neighbours in either part look unrelated. */
export function mix(key: number, value: number): number {
  let h = (Math.imul(key ^ GOLDEN, 0x85ebca6b) + Math.imul(value | 0, 0xc2b2ae35)) | 0;
  h ^= Math.floor(value / 2 ** 32) | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
