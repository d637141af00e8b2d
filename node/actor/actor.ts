/**
 * The actor: one synchronous transition from an event to effects, composed of a worker, an owner
 * and a member part. No I/O, no clock, no randomness: the runtime and the simulator drive the same
 * code.
 */
import { assert } from '../../protocol/assert.ts';
import { Context } from './context.ts';
import { Inbox } from './inbox.ts';
import { Member } from './member.ts';
import { nameOf, Outbox, type Said } from './outbox.ts';
import { Owner } from './owner.ts';
import type { ActorOptions, Effect, Event, EventBody } from './types.ts';
import { sendWants } from './wants.ts';
import { Worker } from './worker.ts';

/** How often a node says where it stands; any other message counts as well. */
const HEARTBEAT_MS = 1_000;
/** A value is wanted again when a step has taken this many times the slowest of the last ones. */
const DEADLINE_FACTOR = 3;
/** The first steps have nothing to be measured by. */
const DEADLINE_UNMEASURED_MS = 10_000;
const DEADLINE_MIN_MS = 500;
const DEADLINE_MAX_MS = 60_000;

type EventOf<Kind extends EventBody['kind']> = Extract<Event, { kind: Kind }>;

export class Actor {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #owner: Owner;
  readonly #worker: Worker;
  readonly #member: Member;
  /** Deadlines passed at this step; each one doubles the next wait. */
  #waits = 0;
  #failed = false;
  /** Peers that went away since they were last asked. */
  readonly #gone = new Set<string>();

  constructor(options: ActorOptions) {
    const { self, members, layout } = options;
    assert(
      members.some(({ id }) => id === self),
      'a node is a member of its own view',
    );
    assert(layout.buckets.length > 0, 'a model has a bucket');
    this.#context = new Context(options);
    this.#outbox = new Outbox(this.#context);
    this.#owner = new Owner(this.#context, this.#outbox, (bucket, hashes, resolution, kept) => {
      this.#member.valueMade(bucket, hashes, resolution, kept);
    });
    this.#worker = new Worker(this.#context, this.#outbox, this.#owner);
    this.#member = new Member(this.#context, this.#outbox, () => this.#begin());
    this.#inbox = new Inbox(this.#context, {
      lacks: (message) => this.#lacks(message),
      take: (message) => this.#take(message),
    });
  }

  /** The step that this node stands at. */
  get step(): number {
    return this.#context.step;
  }

  /** The buckets that this node resolves, ascending. */
  get ownedBuckets(): readonly number[] {
    return this.#context.ownedBuckets;
  }

  /** Handles one event. The effects are to be carried out in order. */
  receive(event: Event): Effect[] {
    this.#context.nowMs = event.nowMs;
    if (!this.#failed) this.#handle(event);
    const effects = this.#context.takeEffects();
    if (effects.some(({ kind }) => kind === 'failed')) this.#failed = true;
    return effects;
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'start':
        this.#context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });
        this.#member.start(event.state);
        this.#inbox.stand();
        this.#setDeadline();
        return;
      case 'message':
        this.#message(event);
        return;
      case 'peerUp':
        this.#member.sendDigest([event.peer]);
        if (this.#gone.delete(event.peer) && this.#member.started) {
          sendWants(this.#context, this.#member, this.#owner, event.peer);
        }
        return;
      case 'peerDown':
        this.#gone.add(event.peer);
        return;
      case 'timer':
        this.#timer(event);
        return;
      case 'stop':
        this.#member.stop();
        return;
      case 'checkpointed':
        this.#member.checkpointed(event.step);
        return;
      case 'filed':
        this.#inbox.filed(event.key, event.ok);
        return;
      default:
        this.#computed(event);
    }
  }

  #computed(event: EventOf<'slice' | 'added' | 'gram' | 'weighed' | 'directed' | 'updated'>): void {
    switch (event.kind) {
      case 'slice':
        this.#worker.slice(event);
        return;
      case 'added':
        if (event.step === this.#context.step) {
          if (this.#owner.added(event) || this.#worker.added(event)) return;
        }
        this.#context.drop([event.key]);
        return;
      case 'gram':
        if (event.step === this.#context.step) this.#owner.gramComputed(event.bucket, event.gram);
        return;
      case 'weighed':
        if (event.step === this.#context.step) this.#owner.weighed(event);
        return;
      case 'directed':
        if (event.step === this.#context.step)
          this.#owner.directed(event.bucket, event.squaredNorm);
        return;
      case 'updated':
        if (event.step === this.#context.step) this.#owner.updated(event);
    }
  }

  #begin(): void {
    this.#waits = 0;
    this.#owner.begin();
    this.#worker.begin();
    this.#inbox.stand();
    this.#setDeadline();
  }

  #message({ from, message, payload }: EventOf<'message'>): void {
    switch (message.kind) {
      case 'digest':
        this.#member.digest(from, message);
        return;
      case 'want':
        this.#outbox.answer(from, message);
        return;
      default:
        this.#member.heardOf(from, message.step);
        this.#inbox.receive(from, message, payload);
    }
  }

  /** Whether a value of the step at hand is still missing here. */
  #lacks(message: Said): boolean {
    if (message.kind === 'update')
      return this.#member.started && this.#member.lacks(message.bucket);
    if (!this.#member.working) return false;
    switch (message.kind) {
      case 'sum':
        return this.#owner.lacks(message.language, message.bucket, message);
      case 'gram':
        return this.#owner.missingGrams().includes(message.bucket);
      case 'norm':
        return this.#owner.missingNorms().includes(message.bucket);
    }
  }

  #take(message: Said): void {
    switch (message.kind) {
      case 'sum': {
        const { language, bucket, outcome, hash, tokens, lossSum } = message;
        const key = outcome === 'tensor' ? nameOf(message) : null;
        this.#owner.file(language, bucket, message, { outcome, key, hash, tokens, lossSum });
        return;
      }
      case 'gram':
        this.#owner.gramReceived(message);
        return;
      case 'norm':
        this.#owner.normReceived(message);
        return;
      case 'update':
        this.#member.valueReceived(message);
    }
  }

  #timer({ timer }: EventOf<'timer'>): void {
    if (timer === 'heartbeat') {
      this.#member.broadcastDigest();
      this.#context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });
      return;
    }
    if (!this.#member.waits) return;
    const waitedS = Math.round((this.#context.nowMs - this.#member.standsSinceMs) / 1000);
    const waitsFor = sendWants(this.#context, this.#member, this.#owner);
    this.#waits++;
    const delayMs = this.#setDeadline();
    if (waitsFor === null) return;
    const { step } = this.#context;
    const againS = Math.ceil(delayMs / 1000);
    const text = `step ${step}: waiting ${waitedS} s for ${waitsFor}; asking again in ${againS} s`;
    this.#context.emit({ kind: 'log', level: 'warn', text });
  }

  #setDeadline(): number {
    const { durationsMs } = this.#member;
    const slowest = Math.max(0, ...durationsMs);
    const base = durationsMs.length === 0 ? DEADLINE_UNMEASURED_MS : DEADLINE_FACTOR * slowest;
    const delayMs = Math.min(
      DEADLINE_MAX_MS,
      Math.max(DEADLINE_MIN_MS, base) * 2 ** Math.min(this.#waits, 8),
    );
    this.#context.emit({ kind: 'setTimer', timer: 'deadline', delayMs });
    return delayMs;
  }
}
