/**
 * Who computes and who resolves at the step at hand: dealt out when it begins, and only what has
 * lost its node is dealt out again, so that a view that changes in the middle moves no other work.
 */
import type { Context } from './context.ts';
import type { Holdings } from './holdings.ts';
import type { Owner } from './owner.ts';
import type { Worker } from './worker.ts';

export class Shares {
  readonly #context: Context;
  readonly #holdings: Holdings;
  readonly #owner: Owner;
  readonly #worker: Worker;
  #workers: string[][] = [];
  #owners: (string | null)[] = [];
  #version = -1;

  constructor(context: Context, holdings: Holdings, owner: Owner, worker: Worker) {
    this.#context = context;
    this.#holdings = holdings;
    this.#owner = owner;
    this.#worker = worker;
  }

  /** By language and unit: who is to compute it. */
  get workers(): readonly (readonly string[])[] {
    return this.#workers;
  }

  /** Deals out the step that this node stands at. */
  begin(): void {
    const { buckets, view, step } = this.#context;
    this.#version = view.version;
    this.#owners = buckets.map((bucket) => this.#holdings.owner(bucket));
    for (const bucket of this.#holdings.owned) this.#owner.open(bucket);
    this.#workers = this.#context.placement(step).workers.map((row) => [...row]);
    this.#worker.takeOn(this.#workers);
  }

  /** Deals out again what has lost its node. Whether anything falls to this one. */
  renew(): boolean {
    const { view } = this.#context;
    if (view.version === this.#version) return false;
    this.#version = view.version;
    const owns = this.#renewOwners();
    return this.#renewWorkers() || owns;
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
      if (owner !== this.#context.self) this.#worker.resend(bucket, owner);
      else {
        mine = true;
        this.takeOver(bucket);
      }
    }
    return mine;
  }

  /** This node resolves a bucket from now on, with what it has computed for it. */
  takeOver(bucket: number): void {
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
    if (mine) this.#worker.takeOn(this.#workers);
    return mine;
  }

  /** Whether a node can still compute at this step: two steps on, its parameters are gone. */
  #isHere(id: string): boolean {
    const { view, step, self } = this.#context;
    if (id === self) return true;
    const at = view.stepOf(id);
    return at !== null && at <= step + 1;
  }
}
