/** Refusals: whoever is certain to have been wrong counts as gone for good, and is told why. */
import type { ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';

export class Refusals {
  readonly #context: Context;
  readonly #refused: () => void;
  /** By node: the first step of which a sum of it was used unchecked. */
  readonly #trusted = new Map<string, number>();

  /** `refused` is told of each. */
  constructor(context: Context, refused: () => void) {
    this.#context = context;
    this.#refused = refused;
  }

  /** A sum is used without a look at it. */
  trust(from: string, step: number): void {
    const first = this.#trusted.get(from);
    if (first === undefined || step < first) this.#trusted.set(from, step);
  }

  /** `use` says who used what it got wrong. */
  refuse(from: string, step: number, name: ValueKey, use: string): void {
    const what = `${name} is not what this node computed from the same parameters`;
    if (!this.#context.view.refuse(from, `step ${step}: its ${what}`)) return;
    const first = this.#trusted.get(from);
    const earlier =
      first === undefined || first >= step
        ? ''
        : `. Its sums of steps ${first} to ${step - 1} were used unchecked: isogloss verify ` +
          'tells whether the run is right';
    const text = `${from} is refused from now on. Step ${step}: its ${what}${use}${earlier}`;
    this.#context.log('warn', text);
    // The reason is for the other side to read.
    const reason = `your ${name} is not what I computed from the same parameters`;
    this.#context.emit({ kind: 'disconnect', peer: from, reason });
    this.#refused();
  }
}
