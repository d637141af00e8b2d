/**
 * Holdings: which node has the whole value of which bucket, who of them resolves it, and which
 * buckets this node has and announces. What it takes on or lets go of counts from a named later
 * step, so that all nodes change over at the same one.
 */
import { areSame, meets, packBuckets } from '../../protocol/bucket-set.ts';
import type { Standing } from '../../protocol/messages.ts';
import { bucketItem, rendezvousOrder } from '../../protocol/placement.ts';
import type { Context } from './context.ts';
import { countsAsHolder, follows, reallyHolds } from './words.ts';

export class Holdings {
  readonly #context: Context;
  /** Buckets whose whole value at this node's step is here. */
  readonly held = new Set<number>();
  /** Buckets that are being taken on, and whose whole value at this step is here. */
  readonly caughtUp = new Set<number>();
  /** What it held at the step before, as far as it is still here. */
  #heldBefore = new Set<number>();
  /** What is announced for steps from `#from` on, and for those before. */
  #announced = new Set<number>();
  #before = new Set<number>();
  #from = 0;
  #owners: { version: number; step: number; owners: (string | null)[] } | null = null;
  /** By bucket: the other nodes that have it, in the view of this version. */
  #having: { version: number; ids: (readonly string[] | undefined)[] } = { version: -1, ids: [] };
  #companions: { version: number; mine: Uint8Array; ids: readonly string[] } | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Begins anew with these buckets, which count at once. */
  reset(buckets: Iterable<number>): void {
    this.held.clear();
    this.caughtUp.clear();
    for (const bucket of buckets) this.held.add(bucket);
    this.#announced = new Set(this.held);
    this.#before = new Set(this.held);
    this.#from = 0;
    this.#heldBefore.clear();
    this.changed();
  }

  /**
   * Everybody has all of step 0. Where words travel slowly this says so from the start, so that the
   * owner of a bucket is the one that it falls to, whether or not it works already.
   */
  announceBase(): void {
    this.#announced = new Set(this.#context.buckets);
    this.#before = this.#announced;
    this.changed();
  }

  /** Owners are to be found anew. */
  changed(): void {
    this.#owners = null;
  }

  /**
   * Announces a bucket that is whole here, or that is to go, from a later step on. While another
   * change has yet to count it does not, and is to be asked again: it would put that one off.
   */
  announce(bucket: number, has: boolean): void {
    const from = this.#context.step + this.#context.view.pace.noticeSteps;
    if (!this.isSettled && this.#from !== from) return;
    this.#settleAnnounced();
    if (this.#announced.has(bucket) === has) return;
    if (has) this.#announced.add(bucket);
    else this.#announced.delete(bucket);
    this.#from = from;
    this.changed();
  }

  /** Whether a bucket is announced for later steps. */
  isAnnounced(bucket: number): boolean {
    return this.#announced.has(bucket);
  }

  /** Remembers what is held as this node moves on. */
  moveOn(): void {
    this.#heldBefore = new Set(this.held);
  }

  /** Whether the whole value of a step is here: of this node's step or the one before. */
  hasWhole(step: number, bucket: number): boolean {
    if (!this.#context.complete) return false;
    if (step === this.#context.step) return this.held.has(bucket);
    return step === this.#context.step - 1 && this.#heldBefore.has(bucket);
  }

  /** A bucket that nobody else holds is here again: it counts at once. */
  regain(bucket: number): void {
    this.held.add(bucket);
    this.#announced.add(bucket);
    this.#before.add(bucket);
    this.changed();
  }

  /** Takes back what was announced: the bucket is not here after all. */
  retract(bucket: number): void {
    this.#announced.delete(bucket);
    this.#before.delete(bucket);
    this.changed();
  }

  /** The step at which the last change counts. */
  get from(): number {
    return this.#from;
  }

  /** Whether the last change counts by now, so that there may be another. */
  get isSettled(): boolean {
    return this.#context.step >= this.#from;
  }

  #settleAnnounced(): void {
    if (this.isSettled) this.#before = new Set(this.#announced);
  }

  /** Whether this node counts as a holder of a bucket for what is about its step. */
  counts(bucket: number): boolean {
    if (!this.held.has(bucket)) return false;
    return (this.isSettled ? this.#announced : this.#before).has(bucket);
  }

  /** Buckets that are here but announced no longer, for any step to come. */
  get leaving(): number[] {
    return this.isSettled ? [...this.held].filter((bucket) => !this.#announced.has(bucket)) : [];
  }

  get words(): Pick<Standing, 'has' | 'held' | 'heldFrom' | 'heldBefore'> {
    const { bucketCount } = this.#context;
    return {
      has: packBuckets([...this.held, ...this.caughtUp], bucketCount),
      held: packBuckets(this.#announced, bucketCount),
      heldFrom: this.#from,
      heldBefore: packBuckets(this.isSettled ? this.#announced : this.#before, bucketCount),
    };
  }

  /** The other nodes that have buckets which this one has. */
  get companions(): readonly string[] {
    const { view, bucketCount } = this.#context;
    const mine = packBuckets([...this.held, ...this.caughtUp], bucketCount);
    const known = this.#companions;
    if (known?.version === view.version && areSame(known.mine, mine)) return known.ids;
    const ids: string[] = [];
    for (const { id, standing } of view.standings) if (meets(mine, standing.has)) ids.push(id);
    this.#companions = { version: view.version, mine, ids };
    return ids;
  }

  /** The nodes as they are preferred for a bucket: its place first, then all others. */
  order(bucket: number): string[] {
    const placed = this.#placed(bucket);
    const ids = [this.#context.self, ...this.#context.view.others];
    const rest = rendezvousOrder(
      ids.filter((id) => !placed.includes(id)),
      bucketItem(this.#context.options.runId, bucket),
    );
    return [...placed, ...rest];
  }

  /** Nodes that count as holders of a bucket at this node's step, as they are preferred. */
  holders(bucket: number): string[] {
    const placed = this.#placed(bucket).filter((id) => this.#isHolder(id, bucket));
    const { view, step } = this.#context;
    const rest: string[] = [];
    for (const { id, standing } of view.standings) {
      if (countsAsHolder(standing, bucket, step) && !placed.includes(id)) rest.push(id);
    }
    if (this.counts(bucket) && !placed.includes(this.#context.self)) rest.push(this.#context.self);
    const item = bucketItem(this.#context.options.runId, bucket);
    return [...placed, ...(rest.length > 1 ? rendezvousOrder(rest, item) : rest)];
  }

  #placed(bucket: number): readonly string[] {
    return this.#context.placement(this.#context.step).holders[bucket]!;
  }

  #isHolder(id: string, bucket: number): boolean {
    const { view, step, self } = this.#context;
    if (id === self) return this.counts(bucket);
    const standing = view.standing(id);
    return standing !== null && view.isAlive(id) && countsAsHolder(standing, bucket, step);
  }

  /** The other nodes that have a bucket's whole value at the step that they stand at. */
  otherHolders(bucket: number): readonly string[] {
    const { standings, version } = this.#context.view;
    if (this.#having.version !== version) this.#having = { version, ids: [] };
    const { ids } = this.#having;
    const known = ids[bucket];
    if (known !== undefined) return known;
    const having: string[] = [];
    for (const { id, standing } of standings) if (reallyHolds(standing, bucket)) having.push(id);
    ids[bucket] = having;
    return having;
  }

  /** Nodes that have moved on with a bucket: its next value is there, and the direction to it. */
  movedOn(bucket: number): string[] {
    const { view, step } = this.#context;
    return view.standings
      .filter(({ standing }) => standing.step > step && reallyHolds(standing, bucket))
      .map(({ id }) => id);
  }

  /** Whether all of the next step is with nodes that have moved on: nobody is to make it. */
  get areMade(): boolean {
    const { isBehind, believesNobody, buckets } = this.#context;
    if (!isBehind || believesNobody) return false;
    return buckets.every((bucket) => this.movedOn(bucket).length > 0);
  }

  /**
   * The other nodes that need the directions of a bucket. Among many all announce the base from the
   * start: of those that do not have a bucket only the ones that it falls to will.
   */
  followers(bucket: number): string[] {
    const { view, step } = this.#context;
    const falls = (id: string) => !view.pace.isWide || this.#placed(bucket).includes(id);
    return view.standings.flatMap(({ id, standing }) => {
      if (standing.step < step - 1 || !follows(standing, bucket)) return [];
      return reallyHolds(standing, bucket) || falls(id) ? [id] : [];
    });
  }

  /** Who resolves a bucket, the first that announces it; null where nobody does. */
  owner(bucket: number): string | null {
    const { view, step } = this.#context;
    const known = this.#owners;
    if (known === null || known.version !== view.version || known.step !== step) {
      this.#owners = { version: view.version, step, owners: [] };
    }
    const { owners } = this.#owners!;
    const found = owners[bucket];
    if (found !== undefined && found !== null) return found;
    const first = this.#placed(bucket).find((id) => this.#isHolder(id, bucket));
    const owner = first ?? this.holders(bucket)[0] ?? null;
    owners[bucket] = owner;
    return owner;
  }

  owns(bucket: number): boolean {
    return this.owner(bucket) === this.#context.self;
  }

  get owned(): number[] {
    return this.#context.buckets.filter((bucket) => this.owns(bucket));
  }

  /** Buckets that this node is to hold, as things stand. */
  get due(): number[] {
    const { self } = this.#context;
    const { holders } = this.#context.placement(this.#context.step);
    return this.#context.buckets.filter((bucket) => holders[bucket]!.includes(self));
  }
}
