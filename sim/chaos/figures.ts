/** What a run of real processes has shown, as numbers; and quantiles. */
import type { Witness } from './witness.ts';

export interface Quantiles {
  readonly count: number;
  /** Null without a sample. */
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface ChaosFigures {
  readonly kills: number;
  readonly restarts: number;
  /** From a kill until another node took the killed one for gone; one sample a node. */
  readonly detectionMs: Quantiles;
  /** Kills after which the node was back before anybody missed it. */
  readonly undetected: number;
  /**
   * From a kill until the second step after it is complete, which is the first that began without
   * the killed node.
   */
  readonly recoveryMs: Quantiles;
  /** From a restart until the node stood where the others were. */
  readonly catchUpMs: Quantiles;
  readonly unitsUsed: number;
  readonly unitsComputed: number;
  /** Null where the run came to no end, or to a wrong one. */
  readonly usedOverComputed: number | null;
  /** Times that a node went back to an older step within one life. */
  readonly rewinds: number;
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
}

/** Nearest rank. */
export function quantiles(samples: readonly number[]): Quantiles {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99) };
}

export function figuresOf(witness: Witness): ChaosFigures {
  const { kills, restarts, reachedMs, gone, used, computed, newest, hasEnded } = witness;
  const detections = kills.map((kill) => detectionsOf(witness, kill));
  const recoveries = kills.flatMap(({ atMs, step }) => {
    const reached = reachedMs[step + 2];
    return reached === undefined ? [] : [reached - atMs];
  });
  // The first step has the engines' warm-up in it.
  const first = Math.min(1, newest);
  const seconds = newest < 0 ? 0 : (reachedMs[newest]! - reachedMs[first]!) / 1000;
  const isWhole = hasEnded && witness.violations.length === 0 && computed > 0;
  return {
    kills: kills.length,
    restarts: restarts.length,
    detectionMs: quantiles(detections.flat()),
    undetected: gone.length === 0 ? kills.length : detections.filter((d) => d.length === 0).length,
    recoveryMs: quantiles(recoveries),
    catchUpMs: quantiles(
      restarts.flatMap(({ atMs, caughtUpMs }) => (caughtUpMs === null ? [] : [caughtUpMs - atMs])),
    ),
    unitsUsed: used,
    unitsComputed: computed,
    usedOverComputed: isWhole ? used / computed : null,
    rewinds: witness.rewinds,
    steps: Math.max(0, newest),
    seconds,
    stepsPerSecond: seconds > 0 ? (newest - first) / seconds : 0,
  };
}

/** How long each other node took to miss the killed one, before it was killed again. */
function detectionsOf(
  { gone, kills }: Witness,
  { node, atMs }: Witness['kills'][number],
): number[] {
  const nextMs =
    kills.find((kill) => kill.node === node && kill.atMs > atMs)?.atMs ?? Number.POSITIVE_INFINITY;
  const first = new Map<string, number>();
  for (const { peer, node: by, atMs: seenMs } of gone) {
    if (peer !== node || seenMs < atMs || seenMs >= nextMs || first.has(by)) continue;
    first.set(by, seenMs - atMs);
  }
  return [...first.values()];
}
