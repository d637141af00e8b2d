/** The schedule that nobody had to write: a random node is killed every so often, and restarted. */
import { createStream } from '../../protocol/random.ts';
import type { FaultOf, Schedule } from './faults.ts';

/** As a supervisor restarts a process that died. */
export const RESTART_MS = 1_000;

export interface KillOptions {
  readonly seed: number;
  readonly nodes: readonly string[];
  readonly everyMs: number;
  /** No kill at this time or later. */
  readonly untilMs: number;
}

/** The same seed draws the same nodes, whatever `untilMs` is. */
export function killSchedule({ seed, nodes, everyMs, untilMs }: KillOptions): Schedule {
  const kills: FaultOf<'crash'>[] = [];
  for (let atMs = everyMs; atMs < untilMs; atMs += everyMs) {
    const victim = nodes[createStream('chaos kill', seed, kills.length).nextBelow(nodes.length)]!;
    const args = { power: false, disk: 'kept' } as const;
    kills.push({ fault: 'crash', atMs, durationMs: RESTART_MS, nodes: [victim], args });
  }
  return kills;
}
