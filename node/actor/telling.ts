/**
 * Telling: when a value that was made here may leave. It is held back until each other holder in
 * the view stands at the step that it was made from, and nobody moves on to what it holds back: so
 * any holder that lives can compute the next value alone (design, section 5).
 */
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import { valueKey } from './keys.ts';
import type { Outbox } from './outbox.ts';

/** A value made from params(step). */
interface Untold {
  readonly step: number;
  readonly bucket: number;
  /** Whether everybody is to be told of it, as its owner does; else it may only be asked for. */
  readonly says: boolean;
}

export class Telling {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #holdings: Holdings;
  readonly #untold = new Map<ValueKey, Untold>();

  constructor(context: Context, outbox: Outbox, holdings: Holdings) {
    this.#context = context;
    this.#outbox = outbox;
    this.#holdings = holdings;
  }

  clear(): void {
    this.#untold.clear();
  }

  /** The next value of a bucket was made here. */
  made(bucket: number, says: boolean): void {
    const { step } = this.#context;
    this.#untold.set(valueKey(step + 1, bucket), { step, bucket, says });
  }

  /** Whether a value is not to leave yet. */
  holdsBack(name: ValueKey): boolean {
    const untold = this.#untold.get(name);
    return untold !== undefined && this.#isAwaited(untold);
  }

  /** Whether this node would go ahead of a living holder if it went on now. */
  get isAhead(): boolean {
    return [...this.#untold.values()].some((untold) => this.#isAwaited(untold));
  }

  /** Says what may leave by now, if there is somebody to hear it; whether anything may. */
  tell(): boolean {
    const { view, step } = this.#context;
    let mayLeave = false;
    for (const [name, untold] of this.#untold) {
      if (this.#isAwaited(untold)) continue;
      mayLeave = true;
      const isHeard = untold.says && view.others.length > 0;
      if (isHeard || untold.step < step - 1) this.#untold.delete(name);
      if (isHeard) this.#outbox.repeat(view.others, name);
    }
    return mayLeave;
  }

  /** Whether a living holder does not stand at the value's step yet, or has yet to say so. */
  #isAwaited({ step, bucket }: Untold): boolean {
    const { view } = this.#context;
    if (view.isAboutToHear) return true;
    return this.#holdings.otherHolders(bucket).some((id) => view.standing(id)!.step < step);
  }
}
