/**
 * Who computes and who resolves at the step at hand: dealt out when it begins, and only what has
 * lost its node is dealt out again, so that a view that changes in the middle moves no other work.
 */
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import type { Owner } from './owner.ts';
import type { Worker } from './worker.ts';

export interface SharesParts {
  readonly context: Context;
  readonly holdings: Holdings;
  readonly owner: Owner;
  readonly worker: Worker;
}

export class Shares {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #owner: Owner;
  readonly #worker: Worker;
  readonly #waits: () => number;
  /** By bucket that falls to this node: deadlines of the step that had passed when it did. */
  readonly #mine = new Map<number, number>();
  #workers: string[][] = [];
  #owners: (string | null)[] = [];
  #version = -1;

  /** `waits`: deadlines that have passed at this step. */
  constructor({ context, holdings, owner, worker }: SharesParts, waits: () => number) {
    this.#context = context;
    this.#holdings = holdings;
    this.#owner = owner;
    this.#worker = worker;
    this.#waits = waits;
  }

  /** By language and unit: who is to compute it. */
  get workers(): readonly (readonly string[])[] {
    return this.#workers;
  }

  /**
   * Deadlines that have passed since a bucket falls to this node, which is how often its sums were
   * asked for; null where it is another's.
   */
  waitsFor(bucket: number): number | null {
    const since = this.#mine.get(bucket);
    return since === undefined ? null : this.#waits() - since;
  }

  /** Deals out the step that this node stands at. */
  begin(): void {
    const { buckets, view, step } = this.#context;
    this.#version = view.version;
    this.#mine.clear();
    this.#owners = buckets.map((bucket) => this.#holdings.owner(bucket));
    for (const bucket of this.#holdings.owned) {
      this.#mine.set(bucket, 0);
      this.#owner.open(bucket);
    }
    this.#workers = this.#context.placement(step).workers.map((row) => [...row]);
    this.#takeOn();
  }

  /** Whoever others have left behind has its next value of them: no unit is computed for it. */
  #takeOn(): void {
    if (!this.#holdings.areMade) this.#worker.takeOn(this.#workers);
  }

  /** Deals out again what has lost its node. Whether anything falls to this one. */
  renew(): boolean {
    const { view } = this.#context;
    if (view.version === this.#version) return false;
    this.#version = view.version;
    const owns = this.#renewOwners();
    const works = this.#renewWorkers();
    // What was left to others may fall to this node again, now that they are gone or went back.
    if (!works) this.#takeOn();
    return works || owns;
  }

  /** What this node holds has changed: it may resolve more. */
  reopen(): void {
    this.#renewOwners();
  }

  #renewOwners(): boolean {
    let mine = false;
    for (const bucket of this.#context.buckets) {
      const owner = this.#holdings.owner(bucket);
      if (owner === this.#owners[bucket]) continue;
      this.#owners[bucket] = owner;
      if (owner === null) continue;
      if (owner !== this.#context.self) {
        this.#mine.delete(bucket);
        this.#worker.resend(bucket, owner);
      } else {
        mine = true;
        this.takeOver(bucket);
      }
    }
    return mine;
  }

  /** This node resolves a bucket from now on, with what it has computed for it. */
  takeOver(bucket: number): void {
    if (!this.#mine.has(bucket)) this.#mine.set(bucket, this.#waits());
    this.#owner.open(bucket);
    if (this.#owner.resolves(bucket)) this.#worker.fileSaid(bucket);
  }

  /** Takes on the units of those who have left this step behind, as far as they are this node's. */
  relieve(): boolean {
    return this.#renewWorkers();
  }

  #renewWorkers(): boolean {
    const { step, self } = this.#context;
    const anew = this.#context.placement(step).workers;
    let mine = false;
    this.#workers.forEach((row, language) => {
      row.forEach((worker, unit) => {
        if (this.#isHere(worker)) return;
        const next = anew[language]![unit]!;
        // Whoever has the text may have kept its sums, though it is two steps on.
        const falls = this.#isHere(next) || !this.#context.hasText(self, language);
        row[unit] = falls ? next : self;
        if (row[unit] === self) mine = true;
      });
    });
    if (mine) this.#takeOn();
    return mine;
  }

  /** Whether a node can compute at this step: two steps on, or gathering, it lacks parameters. */
  #isHere(id: string): boolean {
    const { view, step, self } = this.#context;
    if (id === self) return true;
    if (view.standing(id)?.complete === false) return false;
    const at = view.stepOf(id);
    return at !== null && at <= step + 1;
  }
}
