/** What this node says of itself, and what it passes on of others; its words are its heartbeat. */
import type { Standing } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import { toldAmong } from './gossip.ts';
import type { Holdings } from './holdings.ts';
import type { Keeper } from './keeper.ts';
import { changesWork } from './view.ts';

export class Digests {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #keeper: Keeper;
  #beat = 0;
  #begun = false;
  /** Among many: what all were told last; the first word goes round by itself. */
  #toldAll: Standing | null = null;

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
      ...this.#keeper.words,
    };
  }

  /**
   * Among few nodes to all of them. Among many what changes the work goes to all, all else to some
   * of them and to those who hold the same buckets.
   */
  broadcast(): void {
    const { view, self } = this.#context;
    if (!view.pace.isWide) {
      this.send(view.others, view.spread());
      return;
    }
    const { standing } = this;
    const toldAll = this.#toldAll;
    if (toldAll === null || isForAll(toldAll, standing)) {
      this.#toldAll = standing;
      if (toldAll !== null) {
        this.send(view.others);
        return;
      }
    }
    const told = [...this.#holdings.companions, ...toldAmong(view.others, self, this.#beat)];
    this.send([...new Set(told)], view.spread());
  }

  /** There is a connection with a node. Among many it hears of this one soon enough. */
  greet(peer: string): void {
    if (!this.#context.view.pace.isWide) this.send([peer]);
  }

  send(to: readonly string[], about: { id: string; standing: Standing }[] = []): void {
    if (!this.#begun) return;
    this.#beat++;
    this.#context.send(to, { kind: 'digest', standing: this.standing, about });
  }
}

function isForAll(before: Standing, now: Standing): boolean {
  return before.stopAt !== now.stopAt || changesWork(before, now);
}
