/**
 * The buckets that this node takes on because it is to hold them: a whole value first, then one
 * direction after another, beside the work of the step.
 */
import { hashOf, type ValueHashes, valueHash } from '../../protocol/hashes.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { faultOfWhole } from './faults.ts';
import { type Ask, askable, askFor, type Fill, newFill, waitMs } from './fill.ts';
import { follow, keepPublished, leadsTo } from './follow.ts';
import { letGo, offerAway } from './giving-up.ts';
import type { Holdings } from './holdings.ts';
import { stateKey, valueKey } from './keys.ts';
import type { Member } from './member.ts';
import type { Outbox } from './outbox.ts';
import type { PayloadRef, UpdatedEvent } from './types.ts';
import { isScarce, mostUrgent } from './urgency.ts';

export interface FillPorts {
  /** This node holds a bucket that nobody else does. */
  regained(): void;
  /** How long a step takes, in milliseconds; 0 while none was measured. */
  stepMs(): number;
}

export class Fills {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #holdings: Holdings;
  readonly #member: Member;
  readonly #ports: FillPorts;
  readonly #fills = new Map<number, Fill>();
  /** By the key of a direction of an earlier step that is being filed. */
  readonly #filing = new Map<ValueKey, MessageOf<'direction'>>();

  constructor(
    context: Context,
    outbox: Outbox,
    holdings: Holdings,
    member: Member,
    ports: FillPorts,
  ) {
    this.#context = context;
    this.#outbox = outbox;
    this.#holdings = holdings;
    this.#member = member;
    this.#ports = ports;
  }

  reset(): void {
    this.#fills.clear();
    this.#filing.clear();
  }

  has(bucket: number): boolean {
    return this.#fills.has(bucket);
  }

  /** A bucket need not be taken on any more. What is being made or checked of it is here by now. */
  cease(bucket: number): void {
    const fill = this.#fills.get(bucket);
    if (fill === undefined) return;
    const { taking, following } = fill;
    const made = following === null ? null : following.step + 1;
    this.#forget(bucket, fill, taking?.step ?? null, made);
    this.#fills.delete(bucket);
  }

  /** Whether a direction of this node's step is of use to a bucket that is taken on. */
  lacks(bucket: number): boolean {
    const fill = this.#fills.get(bucket);
    return fill?.at === this.#context.step && fill.following === null;
  }

  /** A direction of this node's step. */
  take(message: MessageOf<'direction'>, key: ValueKey | null): void {
    this.#followFill(this.#fills.get(message.bucket)!, message, key);
  }

  /** The optimizer's step on a bucket is done. False when it was not this part's. */
  updated(event: UpdatedEvent): boolean {
    const fill = this.#fills.get(event.bucket);
    if (fill?.following?.step !== event.step) return false;
    this.#filled(fill, event.bucket, event);
    return true;
  }

  /** This node stands at a new step: what was taken on in time counts from now on. */
  stood(): void {
    this.#holdings.caughtUp.clear();
    const { step } = this.#context;
    for (const [bucket, fill] of this.#fills) {
      this.#compare(bucket, fill);
      if (!this.#holdings.isAnnounced(bucket) || step < this.#holdings.from) continue;
      if (fill.at === step) {
        this.#fills.delete(bucket);
        this.#holdings.held.add(bucket);
      } else {
        this.#holdings.retract(bucket);
      }
    }
    letGo(this.#context, this.#holdings);
    this.tend();
  }

  /** Takes on what this node is to hold and does not, gives up what others hold, asks again. */
  tend(): void {
    if (!this.#context.complete) return;
    const due = new Set(this.#holdings.due);
    for (const [bucket, fill] of this.#fills) {
      const isNeeded = due.has(bucket) || (fill.at !== null && isScarce(this.#context, bucket));
      if (isNeeded) continue;
      this.cease(bucket);
      if (this.#holdings.isAnnounced(bucket)) this.#holdings.retract(bucket);
    }
    const fetched = [...this.#fills.values()].filter(({ at }) => at === null).length;
    const lacking = [...due].filter(
      (bucket) => !this.#holdings.held.has(bucket) && !this.#fills.has(bucket),
    );
    for (const bucket of mostUrgent(this.#context, lacking, fetched)) {
      this.#fills.set(bucket, newFill());
    }
    const asks: (Ask | null)[] = [];
    for (const [bucket, fill] of this.#fills) {
      asks.push(this.#advance(bucket, fill));
      this.#promote(bucket, fill);
    }
    askFor(this.#context, asks);
    offerAway(this.#context, this.#holdings, due);
  }

  /** All holders are gone but this node, which did not count yet: it does from now on. */
  #promote(bucket: number, fill: Fill): void {
    if (fill.at !== this.#context.step || this.#holdings.holders(bucket).length > 0) return;
    this.#fills.delete(bucket);
    this.#holdings.caughtUp.delete(bucket);
    this.#holdings.regain(bucket);
    this.#ports.regained();
  }

  /** What is to be asked for of a bucket that is taken on: its value, or the next direction. */
  #advance(bucket: number, fill: Fill): Ask | null {
    const { step, nowMs } = this.#context;
    if (fill.following !== null || fill.taking !== null) return null;
    // A step ahead of this node's parameters: it counts once they are there too.
    if (fill.at !== null && fill.at > step) return null;
    if (fill.at === step) {
      this.#holdings.caughtUp.add(bucket);
      if (!this.#holdings.isAnnounced(bucket)) this.#holdings.announce(bucket, true);
      return null;
    }
    const isAsked =
      fill.askedMs !== null && nowMs - fill.askedMs < waitMs(fill, this.#ports.stepMs());
    if (isAsked && fill.at === null) return null;
    const at = fill.at === null ? undefined : this.#context.stoodAt(fill.at);
    const wantedStep = at === undefined ? step : fill.at!;
    const holders = askable(this.#context, this.#holdings.holders(bucket), wantedStep);
    const from = holders[fill.asked++ % Math.max(1, holders.length)];
    if (from === undefined) return null;
    fill.askedMs = nowMs;
    // Too far behind to be followed: the value anew.
    if (at === undefined) {
      this.#forget(bucket, fill);
      fill.vain++;
    }
    const kind = at === undefined ? 'whole' : 'direction';
    const root = at === undefined ? this.#context.root : at.root;
    return { from, step: wantedStep, root, names: [{ kind, step: wantedStep, bucket }] };
  }

  /** A value that is older than all others here is nobody else's to drop. */
  #forget(bucket: number, fill: Fill, ...alsoAt: (number | null)[]): void {
    const steps = [fill.at, ...alsoAt];
    fill.at = null;
    fill.made = null;
    this.#holdings.caughtUp.delete(bucket);
    for (const at of steps) {
      if (at === null || this.#member.keeps(at)) continue;
      this.#context.drop([valueKey(at, bucket), stateKey(at, this.#context.groupOf[bucket]!)]);
    }
  }

  /** A whole value came; what no honest node can mean costs the peer its streams. */
  whole(from: string, message: MessageOf<'whole'>, payload: PayloadRef | null): void {
    const { step, bucket, root } = message;
    const fault = faultOfWhole(this.#context, message, payload !== null);
    if (fault !== null || payload === null) {
      const reason = `whole of step ${step}, bucket ${bucket}: ${fault}`;
      this.#context.emit({ kind: 'disconnect', peer: from, reason });
      return;
    }
    const fill = this.#fills.get(bucket);
    const stood = this.#context.stoodAt(step);
    if (fill === undefined || fill.at !== null || fill.taking !== null) return;
    if (!this.#context.complete || stood === undefined || stood.root !== root) return;
    fill.taking = { step, from };
    const hashes = stood.values[bucket]!;
    this.#context.emit({ kind: 'take', step, bucket, payload, hashes });
  }

  /** A whole value was checked. */
  taken(step: number, bucket: number, ok: boolean): void {
    const fill = this.#fills.get(bucket);
    if (fill?.taking?.step !== step) return;
    if (!ok) {
      const reason = `value(${step}, ${bucket}) is not the one that its hashes tell of`;
      this.#context.emit({ kind: 'disconnect', peer: fill.taking.from, reason });
    }
    fill.taking = null;
    fill.askedMs = null;
    fill.vain = 0;
    if (ok) fill.at = step;
    askFor(this.#context, [this.#advance(bucket, fill)]);
  }

  /** A direction of an earlier step; false where that is of no use. */
  earlier(message: MessageOf<'direction'>, payload: PayloadRef | null): boolean {
    const { step, bucket, hash } = message;
    const fill = this.#fills.get(bucket);
    if (fill === undefined || fill.at !== step || fill.following !== null) return false;
    if (!leadsTo(this.#context, message)) return false;
    if (payload === null) {
      this.#followFill(fill, message, null);
      return true;
    }
    const key = `${keyOf({ kind: 'direction', step, bucket })} from #${this.#context.nextNumber()}`;
    fill.following = message;
    this.#filing.set(key, message);
    this.#context.emit({ kind: 'file', key, payload, hash: hash!, bucket });
    return true;
  }

  /** Whether the key is one of this part's. */
  filed(key: ValueKey, ok: boolean): boolean {
    const message = this.#filing.get(key);
    if (message === undefined) return false;
    this.#filing.delete(key);
    const fill = this.#fills.get(message.bucket);
    if (fill?.following !== message) {
      if (ok) this.#context.drop([key]);
      return true;
    }
    fill.following = null;
    if (ok) this.#followFill(fill, message, key);
    return true;
  }

  #followFill(fill: Fill, message: MessageOf<'direction'>, key: ValueKey | null): void {
    fill.following = message;
    follow(this.#context, this.#outbox, message, key);
    if (key !== null) return;
    const { step, bucket } = message;
    this.#filled(fill, bucket, { step, ...this.#context.stoodAt(step)!.values[bucket]! });
  }

  #filled(
    fill: Fill,
    bucket: number,
    { step, published, optimizer }: Pick<ValueHashes, 'published' | 'optimizer'> & { step: number },
  ): void {
    const next = step + 1;
    const { state, resolution, outcome } = fill.following!;
    fill.following = null;
    this.#forget(bucket, fill);
    const hashes = { published, optimizer, aggregator: hashOf(state) };
    const found = valueHash(hashes);
    const expected = this.#context.stoodAt(next)?.values[bucket];
    const wrong = expected !== undefined && valueHash(expected) !== found;
    fill.at = wrong ? null : next;
    if (wrong && this.#member.keeps(next)) keepPublished(this.#context, next, bucket);
    fill.made = expected === undefined ? found : null;
    askFor(this.#context, [this.#advance(bucket, fill)]);
    // Whoever resolved it may be gone before its update is here; if it is here, it is the same.
    if (step === this.#context.step) {
      this.#member.made({ bucket, hashes, resolution, kept: outcome === 'kept' });
    }
  }

  /** What was made here before its hash was known may be wrong: then it is asked for anew. */
  #compare(bucket: number, fill: Fill): void {
    const { step, values } = this.#context;
    if (fill.made === null || fill.at !== step) return;
    const isRight = fill.made === valueHash(values[bucket]!);
    fill.made = null;
    if (!isRight) this.#forget(bucket, fill);
  }

  /** Whether a value is read to take on a bucket, or is being made for it. */
  reads(step: number, bucket: number): boolean {
    const fill = this.#fills.get(bucket);
    if (fill === undefined) return false;
    return [fill.at, fill.taking?.step ?? null, (fill.following?.step ?? -2) + 1].includes(step);
  }

  get filling(): readonly number[] {
    return [...this.#fills.keys()];
  }
}
