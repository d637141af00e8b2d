/**
 * When silence means that a node is gone. The accrual detector of Hayashibara et al. (2004) with
 * its normal model: silence of mean + z·σ of the gaps between words is suspect, so that the limit
 * follows each node's own habits and not a setting.
 */

/** Gaps remembered of each node. */
const WINDOW = 32;
/** z: of honest gaps that are normal one in 10¹⁵ is this long. */
const DEVIATIONS = 8;
/** Gaps are never taken for more regular than this, as a share of their mean. */
const DEVIATION_MIN = 0.25;
/** Words of a busy node come thick; it has missed so many regular ones before it is suspected. */
const MISSED_MIN = 3;
/** The longest gap that is learned from, in regular ones. */
const GAP_MAX = 10;

export class Gaps {
  readonly #firstMs: number;
  readonly #gapsMs: number[] = [];

  /** `firstMs`: the gap that is due even where there is nothing to say. */
  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  /** A pause, or a clock that was set ahead, is no habit: it counts for a few words at most. */
  add(gapMs: number): void {
    this.#gapsMs.push(Math.min(gapMs, GAP_MAX * this.#firstMs));
    if (this.#gapsMs.length > WINDOW) this.#gapsMs.shift();
  }

  /** The silence from which on the node is suspected, in milliseconds. */
  get limitMs(): number {
    const gaps = this.#gapsMs.length === 0 ? [this.#firstMs] : this.#gapsMs;
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) * (gap - mean), 0) / gaps.length;
    const deviation = Math.max(Math.sqrt(variance), DEVIATION_MIN * mean);
    return Math.max(mean + DEVIATIONS * deviation, MISSED_MIN * this.#firstMs);
  }
}
