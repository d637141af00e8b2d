/**
 * Work is not repeated: while nothing happens to a run, its nodes compute hardly more units than
 * its steps need. Judged over calm steps: no fault is under way, nobody starts, ends or goes back,
 * and all nodes stand within a step. Steps that somebody audits are left out.
 */
import type { Effect } from '../../node/actor/index.ts';
import type { Process } from '../process/index.ts';
import type { World } from '../world.ts';
import type { Checker } from './types.ts';

/** After a disturbance, until work is dealt out anew and what was learned of it forgotten. */
const SETTLE_MS = 20_000;
/** Nodes find each other in the first steps, and learn how fast they are. */
const WARM_UP_STEPS = 1;
/** Without any fault nothing is ever repeated. */
const STEPS_MIN = 3;
/** Long after a fault some step may still be made twice; of fewer steps that would be too much. */
const STEPS_MIN_WITH_FAULTS = 10;
const SHARE_MAX = 1.1;

export const workIsNotRepeated: Checker = (context) => {
  const { auditRate, brokenUnits } = context.world.scenario;
  // What is not finite is computed twice, and where all steps are audited none is left.
  if (context.hasHarm || auditRate >= 1 || brokenUnits > 0) return {};
  const steps = new CalmSteps(context.world);
  const stepsMin = context.world.schedule.length === 0 ? STEPS_MIN : STEPS_MIN_WITH_FAULTS;
  return {
    faultBegan: () => steps.beginFault(),
    faultEnded: () => steps.endFault(),
    started: () => steps.disturb(),
    ended: () => steps.disturb(),
    handled: (running, _event, effects) => steps.note(running, effects),
    finish() {
      const { units, computed, needed } = steps;
      if (steps.judged < stepsMin || computed <= SHARE_MAX * needed) return;
      const text = `${computed} units computed in ${steps.judged} calm steps of ${units} units`;
      context.report('work is not repeated', text);
    },
  };
};

/** Units computed, by step, in steps that were calm from beginning to end. */
class CalmSteps {
  /** Units of one step. */
  readonly units: number;
  judged = 0;
  computed = 0;
  readonly #world: World;
  /** By step, of those that began in the calm that lasts: units computed so far. */
  readonly #open = new Map<number, number>();
  #newest = -1;
  #faults = 0;
  #calmFromMs = 0;

  constructor(world: World) {
    this.#world = world;
    this.units = world.scenario.units.reduce((sum, count) => sum + count, 0);
  }

  get needed(): number {
    return this.judged * this.units;
  }

  beginFault(): void {
    this.#faults++;
    this.disturb();
  }

  endFault(): void {
    this.#faults--;
    this.disturb();
  }

  /** What is under way is not judged. Nothing is before a step was made. */
  disturb(): void {
    this.#open.clear();
    if (this.#newest > 0) this.#calmFromMs = this.#world.clock.nowMs + SETTLE_MS;
  }

  note(running: Process, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'stepped') this.#begin(effect.step);
      else if (effect.kind === 'compute') {
        const computed = this.#open.get(effect.step);
        if (computed !== undefined) this.#open.set(effect.step, computed + 1);
      } else if (effect.kind === 'load' || effect.kind === 'clear') this.disturb();
      // Nobody uses the work of whom it has refused, for good.
      else if (effect.kind === 'disconnect') this.beginFault();
    }
    if (this.#world.scenario.auditRate > 0) this.#leaveOutAudited(running, effects);
  }

  /** Some node stands at a step. */
  #begin(step: number): void {
    if (step <= this.#newest) return;
    this.#newest = step;
    const { nodes, clock } = this.#world;
    const isTogether = nodes.every(
      ({ running }) => running === null || running.step < 0 || running.step >= step - 1,
    );
    if (!isTogether) {
      this.#open.clear();
      return;
    }
    const over = this.#open.get(step - 2);
    this.#open.delete(step - 2);
    if (over !== undefined) {
      this.judged++;
      this.computed += over;
    }
    const isCalm = this.#faults === 0 && clock.nowMs >= this.#calmFromMs;
    if (isCalm && step >= WARM_UP_STEPS) this.#open.set(step, 0);
  }

  /** Whoever audits computes all units at once, and alone for itself. */
  #leaveOutAudited({ lacks }: Process, effects: readonly Effect[]): void {
    const computed = new Map<number, Set<string>>();
    for (const effect of effects) {
      if (effect.kind !== 'compute') continue;
      const names = computed.get(effect.step) ?? new Set();
      computed.set(effect.step, names.add(`${effect.language}.${effect.unit}`));
    }
    const all = this.#world.scenario.units.reduce(
      (sum, count, language) => sum + (lacks.includes(language) ? 0 : count),
      0,
    );
    for (const [step, names] of computed) if (names.size === all) this.#open.delete(step);
  }
}
