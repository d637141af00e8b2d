/** How long the rest of a run takes, from the steps that were seen. It is told the time. */
import type { StepReport } from './types.ts';

/** Steps that the estimate looks back on. */
const STEPS_REMEMBERED = 50;

/** Keeps the times of the last steps. */
export class Pace {
  readonly #seen: { readonly step: number; readonly atMs: number }[] = [];

  /**
   * `atMs`: when the step was done, or `step: 0` (or the resumed one) began. Steps in between that
   * were not seen were not done here: after them it begins anew.
   */
  saw(step: number, atMs: number): void {
    const last = this.#seen.at(-1);
    if (last !== undefined && step !== last.step + 1) this.#seen.length = 0;
    this.#seen.push({ step, atMs });
    if (this.#seen.length > STEPS_REMEMBERED) this.#seen.shift();
  }

  /** Null until two times are known. */
  etaSeconds({ step, steps }: Pick<StepReport, 'step' | 'steps'>): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.step <= first.step) return null;
    const stepSeconds = (last.atMs - first.atMs) / (last.step - first.step) / 1000;
    return stepSeconds * (steps - step);
  }
}
