/** What this node says of itself, and what it passes on of others; its words are its heartbeat. */
import { packBuckets } from '../../protocol/bucket-set.ts';
import type { MessageOf, Standing } from '../../protocol/messages.ts';
import type { Context } from './context.ts';
import { toldAmong } from './gossip.ts';
import type { Holdings } from './holdings.ts';
import type { Keeper } from './keeper.ts';
import type { View } from './view.ts';

export class Digests {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #keeper: Keeper;
  #beat = 0;
  /** Heartbeats among many. */
  #beats = 0;
  #begun = false;
  /** Among many: what all were told last; the first word they hear as they connect. */
  #toldAll: Standing | null = null;
  #greeting: MessageOf<'digest'> | null = null;

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
      ...this.#context.slowness.words,
      lacks: packBuckets(options.lacks ?? [], options.languages.length),
      ...this.#keeper.words,
    };
  }

  /**
   * Something has changed here. Among few nodes all are told; among many those who hold the same
   * buckets, and the others with the next beat, unless it changes whom they ask for work.
   */
  broadcast(): void {
    const { view } = this.#context;
    if (!view.pace.isWide) this.send(view.others, view.spread());
    else this.send(this.#isForAll() ? view.others : this.#holdings.companions);
  }

  /** The heartbeat. Among many it goes to some others at a time, and passes on more words. */
  beat(): void {
    const { view, self } = this.#context;
    const doubted = doubtedIn(view);
    if (doubted.length > 0) this.send(doubted);
    if (!view.pace.isWide || this.#isForAll()) {
      this.broadcast();
      return;
    }
    const told = [...this.#holdings.companions, ...toldAmong(view.others, self, this.#beats++)];
    this.send([...new Set(told)], view.spread());
  }

  /** Whether all must hear of it at once. */
  #isForAll(): boolean {
    const { standing } = this;
    const before = this.#toldAll;
    const isForAll = before !== null && changesPlan(before, standing);
    if (before === null || isForAll) this.#toldAll = standing;
    return isForAll;
  }

  /** There is a connection with a node: it is told where this one stands. */
  greet(peer: string): void {
    if (!this.#context.view.pace.isWide) {
      this.send([peer]);
      return;
    }
    // Many connect at once: until there is more to say, all of them get the same word.
    if (!this.#begun) return;
    if (this.#greeting?.standing.beat !== this.#beat) {
      this.#beat++;
      this.#greeting = this.#digest([]);
      this.#toldAll ??= this.#greeting.standing;
    }
    this.#context.send([peer], this.#greeting);
  }

  send(to: readonly string[], about: { id: string; standing: Standing }[] = []): void {
    if (!this.#begun) return;
    this.#beat++;
    const { view } = this.#context;
    const trusted = to.filter((id) => !view.isRefused(id));
    this.#context.send(trusted, this.#digest(about));
  }

  #digest(about: { id: string; standing: Standing }[]): MessageOf<'digest'> {
    const { believesNobody, leaving } = this.#context;
    const vouches = believesNobody && !leaving;
    return { kind: 'digest', standing: this.standing, vouches, about };
  }
}

/**
 * Nodes that are taken for gone although the connection with them holds. They may think the same of
 * this one, after a jump of clocks or a long pause: somebody has to speak first.
 */
function doubtedIn({ all }: View): string[] {
  return all
    .filter(({ alive, connected, refused }) => !alive && connected && refused === null)
    .map(({ id }) => id);
}

/**
 * Whether others turn to somebody else for work after the second of two words of one node, or may
 * have waited for it to end the run.
 */
function changesPlan(before: Standing, now: Standing): boolean {
  return (
    before.complete !== now.complete ||
    before.activeFrom !== now.activeFrom ||
    before.leaving !== now.leaving ||
    before.stopAt !== now.stopAt ||
    before.done !== now.done ||
    before.has.some((byte, i) => byte !== now.has[i])
  );
}
