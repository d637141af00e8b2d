/** What this node says of itself, and what it passes on of others; its words are its heartbeat. */
import { packBuckets } from '../../protocol/bucket-set.ts';
import type { Standing } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import type { Keeper } from './keeper.ts';

export class Digests {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #keeper: Keeper;
  #beat = 0;
  #begun = false;

  constructor(context: Context, holdings: Holdings, keeper: Keeper) {
    this.#context = context;
    this.#holdings = holdings;
    this.#keeper = keeper;
  }

  /** From now on there is something to say. */
  begin(): void {
    this.#begun = true;
  }

  get standing(): Standing {
    const { step, root, previousRoot, complete, activeFrom, leaving, options } = this.#context;
    return {
      ...{ incarnation: options.incarnation, beat: this.#beat },
      ...{ step, root, previousRoot, complete },
      ...this.#holdings.words,
      ...{ activeFrom: leaving ? null : activeFrom, leaving },
      lacks: packBuckets(options.lacks ?? [], options.languages.length),
      ...this.#keeper.words,
    };
  }

  broadcast(): void {
    this.send(this.#context.view.others, this.#context.view.spread());
  }

  send(to: readonly string[], about: { id: string; standing: Standing }[] = []): void {
    if (!this.#begun) return;
    this.#beat++;
    const { view } = this.#context;
    const trusted = to.filter((id) => !view.isRefused(id));
    this.#context.send(trusted, { kind: 'digest', standing: this.standing, about });
  }
}
