/** How long the run stands still for a fault: from its beginning until a new step is reached. */
import type { Fault } from './schedule/faults.ts';
import type { Observer, World } from './world.ts';

/** Faults that take somebody away, for a while or for good. */
const STOPS = new Set<Fault['fault']>([
  'crash',
  'crashInWrite',
  'pause',
  'partition',
  'outOfMemory',
]);

export class RecoveryTimes {
  /** Virtual ms, one a fault. */
  readonly ms: number[] = [];
  readonly #world: World;
  #newest = 0;
  #open: number[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  readonly observer: Observer = {
    faultBegan: ({ fault }) => {
      if (STOPS.has(fault)) this.#open.push(this.#world.clock.nowMs);
    },
    handled: (_running, _event, effects) => {
      for (const effect of effects) {
        if (effect.kind !== 'stepped' || effect.step <= this.#newest) continue;
        this.#newest = effect.step;
        for (const beganMs of this.#open) this.ms.push(this.#world.clock.nowMs - beganMs);
        this.#open = [];
      }
    },
  };
}

/** The value that a share of the sorted ones do not exceed; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
