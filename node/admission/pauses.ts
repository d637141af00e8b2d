/** How long a node waits before it dials again, after how many attempts and for what reason. */

const FIRST_PAUSE_MS = 500;
/** Doubled no more often than this. */
const DOUBLINGS_MAX = 10;
/** Between attempts at an address that the user gave. */
export const CONFIGURED_PAUSE_MAX_MS = 5_000;
/** Between attempts at a peer that others named. */
export const KNOWN_PAUSE_MAX_MS = 30_000;
/** After a refusal, by either side: somebody has to change something first. */
export const REFUSED_PAUSE_MS = 60_000;

/** In ms, after so many attempts in a row that failed. */
export function pauseAfter(attempts: number, longestMs: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempts, DOUBLINGS_MAX), longestMs);
}
