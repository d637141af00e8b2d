/** How a network is without faults. */
import type { Spread } from '../core/draws.ts';

/** How the network is when all is well. */
export interface Weather {
  /** One-way, in the mean over links. */
  readonly latencyMs: number;
  /** How links differ from each other. */
  readonly spread: Spread;
  /** Up to this much more on each frame. */
  readonly jitterMs: number;
  /** Nodes are dealt out to so many regions. */
  readonly regions: number;
  /** More between two regions. */
  readonly betweenRegionsMs: number;
  /** From one region to another, where that is not the same between all. */
  readonly apartMs?: readonly (readonly number[])[] | undefined;
  /** Each way of each link. */
  readonly bytesPerS: number;
  /** Bytes that may wait in a lane; a frame beyond them is dropped. */
  readonly queueBytesMax: number;
}
