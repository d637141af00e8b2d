/**
 * The actor: one synchronous transition from an event to effects, composed of a worker, an owner, a
 * backup, a member and a keeper part. No I/O, no clock, no randomness: the runtime and the simulator
 * drive the same code.
 */
import { assert } from '../../protocol/assert.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { keyOf } from '../../protocol/values.ts';
import { answer } from './answers.ts';
import { Backup } from './backup.ts';
import { Context } from './context.ts';
import { Course } from './course.ts';
import { Deadline } from './deadline.ts';
import { Digests } from './digests.ts';
import { faultOfDigest } from './faults.ts';
import { Holdings, NOTICE_STEPS } from './holdings.ts';
import { Inbox } from './inbox.ts';
import { Keeper } from './keeper.ts';
import { Member } from './member.ts';
import { Outbox, type Said } from './outbox.ts';
import { Owner } from './owner.ts';
import { Shares } from './shares.ts';
import type { ActorOptions, Effect, Event, EventBody, LoadedStep, Status } from './types.ts';
import { HEARTBEAT_MS } from './view.ts';
import { type Asked, sendWants } from './wants.ts';
import { Worker } from './worker.ts';

/** Deadlines of a step after which a holder resolves a bucket although it is another's. */
const TAKE_OVER_WAITS = 2;

type EventOf<Kind extends EventBody['kind']> = Extract<Event, { kind: Kind }>;

export class Actor {
  readonly #context: Context;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #holdings: Holdings;
  readonly #owner: Owner;
  readonly #worker: Worker;
  readonly #member: Member;
  readonly #backup: Backup;
  readonly #keeper: Keeper;
  readonly #course: Course;
  readonly #digests: Digests;
  readonly #deadline: Deadline;
  readonly #shares: Shares;
  #hasFailed = false;
  #hasLeft = false;

  constructor(options: ActorOptions) {
    assert(options.layout.buckets.length > 0, 'a model has a bucket');
    assert(options.redundancy >= 1, 'somebody holds each bucket');
    const context = new Context(options);
    this.#context = context;
    this.#outbox = new Outbox(context);
    this.#holdings = new Holdings(context);
    this.#keeper = new Keeper(context, this.#holdings);
    this.#digests = new Digests(context, this.#holdings, this.#keeper);
    this.#member = new Member(context, this.#outbox, this.#holdings, {
      last: () => this.#keeper.last,
      inUse: () => this.#keeper.writing,
      reads: (step, bucket) => this.#backup.reads(step, bucket),
      learned: (bucket, resolution) => this.#owner.learn(bucket, resolution),
      took: (durationMs) => this.#deadline.took(durationMs),
      stood: () => this.#stood(),
      mixed: () => this.#mixed(),
    });
    this.#owner = new Owner(context, this.#outbox, {
      needs: (bucket) => this.#member.needs(bucket),
      peers: () => context.view.others,
      backups: (bucket) => this.#holdings.followers(bucket),
      resolved: (resolved) => this.#member.resolved(resolved),
    });
    this.#worker = new Worker(context, this.#outbox, {
      owner: (bucket) => this.#holdings.owner(bucket),
      file: (language, bucket, place, entry) => {
        this.#owner.open(bucket);
        if (!this.#owner.resolves(bucket)) return false;
        this.#owner.file(language, bucket, place, entry);
        return true;
      },
    });
    this.#backup = new Backup(context, this.#outbox, this.#holdings, this.#member, () =>
      this.#regained(),
    );
    this.#course = new Course(context, this.#member, this.#keeper, {
      standing: () => this.#digests.standing,
      waits: () => this.#deadline.waits,
      stepMs: () => this.#deadline.stepMs,
      owner: (bucket) => this.#holdings.owner(bucket),
      work: () => this.#work(),
      gathers: () => this.#gathers(),
      abandon: () => this.#abandon(),
    });
    this.#shares = new Shares(context, this.#holdings, this.#owner, this.#worker);
    this.#deadline = new Deadline(context, this.#worker);
    this.#inbox = new Inbox(context, {
      concerns: (message) => this.#concerns(message),
      lacks: (message) => this.#lacks(message),
      take: (message, key) => this.#take(message, key),
    });
  }

  /** The step that this node stands at, or the one before that which it gathers. */
  get step(): number {
    return this.#context.step;
  }

  /** Whether it stands there. */
  get isComplete(): boolean {
    return this.#context.complete;
  }

  /** The buckets whose whole value this node has, ascending. */
  get heldBuckets(): readonly number[] {
    return [...this.#holdings.held].sort((a, b) => a - b);
  }

  /** Where this node and the others stand, and what is missing, for whoever wants to look. */
  get status(): Status {
    const { step, complete, view, buckets } = this.#context;
    const { phase, goal, rewinds } = this.#course;
    return {
      ...{ step, complete, phase, goal: goal?.step ?? null, rewinds },
      held: this.heldBuckets,
      filling: this.#backup.filling,
      owners: buckets.map((bucket) => this.#holdings.owner(bucket)),
      missing: {
        updates: this.#member.missing(),
        whole: this.#member.missingWhole(),
        grams: this.#owner.missingGrams(),
        norms: this.#owner.missingNorms(),
      },
      waits: this.#deadline.waits,
      others: view.all.map(({ id, alive, standing }) => ({
        ...{ id, alive, step: standing?.step ?? null, complete: standing?.complete ?? false },
        silentMs: view.silenceMs(id),
      })),
    };
  }

  /** Handles one event. The effects are to be carried out in order. */
  receive(event: Event): Effect[] {
    this.#context.nowMs = event.nowMs;
    if (!this.#hasFailed) this.#handle(event);
    const effects = this.#context.takeEffects();
    if (effects.some(({ kind }) => kind === 'failed')) this.#hasFailed = true;
    return effects;
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'start':
        this.#start(event);
        return;
      case 'message':
        this.#message(event);
        return;
      case 'peerUp':
        this.#heard(event.peer);
        this.#digests.send([event.peer]);
        return;
      case 'peerDown':
        this.#context.view.disconnected(event.peer);
        return;
      case 'timer':
        if (event.timer === 'heartbeat') this.#heartbeat();
        else this.#deadlinePassed();
        return;
      case 'stop':
        this.#agreeOnStop(this.#context.step + (this.#member.works ? 1 : 0));
        return;
      case 'leave':
        this.#context.leaving = true;
        this.#holdings.changed();
        this.#changed();
        return;
      case 'checkpointed':
        this.#keeper.checkpointed(event.step);
        this.#member.release();
        this.#digests.broadcast();
        this.#end();
        return;
      case 'loaded':
        this.#loaded(event);
        return;
      case 'loadFailed':
        this.#context.log('warn', event.reason);
        this.#course.loadFailed(event.step);
        return;
      default:
        this.#computed(event);
    }
  }

  #start({ beginning }: EventOf<'start'>): void {
    const { members, base, disk } = beginning;
    for (const id of members) this.#context.view.expect(id);
    this.#keeper.begin(disk);
    this.#course.begin(base.root);
    this.#digests.begin();
    this.#context.activeFrom = 0;
    this.#context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });
    this.#member.standAt({ step: 0, root: base.root, previousRoot: null, values: base.values });
    this.#course.consider();
  }

  /** Of step 0 this node is to hold its share; of all the rest it keeps what is published. */
  #work(): void {
    const { buckets, step } = this.#context;
    const due = new Set(this.#holdings.due);
    this.#holdings.reset(due);
    for (const bucket of buckets) {
      if (!due.has(bucket)) this.#context.emit({ kind: 'unhold', step, bucket });
    }
    this.#begin();
  }

  /** This node has come to stand at a step. */
  #stood(): void {
    const { step, view } = this.#context;
    if (this.#course.phase === 'settling') return;
    if (this.#course.phase !== 'working') {
      const isUnderWay = view.standings.some(
        ({ standing }) =>
          standing.complete && standing.step >= step && standing.activeFrom !== null,
      );
      this.#course.arrived(isUnderWay && step > 0 ? step + NOTICE_STEPS : step);
      if (step === 0) {
        this.#work();
        return;
      }
    }
    this.#begin();
  }

  #begin(): void {
    this.#backup.stood();
    this.#keeper.stood();
    this.#member.release();
    this.#digests.broadcast();
    this.#owner.begin();
    this.#worker.begin();
    if (this.#member.works) this.#shares.begin();
    this.#deadline.start();
    this.#inbox.stand();
    this.#end();
  }

  /** What was gathered is not one step: begins to gather again. */
  #mixed(): void {
    this.#context.log('warn', 'values of different steps came together; gathering them again');
    this.#course.again();
  }

  /** Wants what it is to gather, at once and then at every deadline. */
  #gathers(): void {
    this.#deadline.start();
    this.#inbox.stand();
    if (!this.#context.complete) this.#want();
  }

  #abandon(): void {
    this.#owner.begin();
    this.#worker.begin();
    this.#inbox.reset();
    this.#outbox.clear();
    this.#backup.reset();
    this.#holdings.reset([]);
    this.#context.complete = false;
    this.#context.emit({ kind: 'clear' });
  }

  #loaded({ loaded }: EventOf<'loaded'>): void {
    const { goal, phase } = this.#course;
    if (phase === 'working') this.#recalled(loaded);
    if (phase !== 'loading' || goal === null || goal.step !== loaded.step) return;
    if (goal.root !== loaded.root) {
      this.#course.loadFailed(loaded.step);
      return;
    }
    if (loaded.step === 0) {
      this.#context.activeFrom = 0;
      this.#member.standAt(loaded);
      return;
    }
    this.#course.loaded();
    loaded.values.forEach((hashes, bucket) => {
      if (hashes === null || this.#context.complete) return;
      this.#member.made({ bucket, hashes, resolution: null, kept: false });
    });
    if (!this.#context.complete) this.#gathers();
  }

  /** Buckets of this node's step that were lost are here again, from its disk. */
  #recalled({ step, root, values }: LoadedStep): void {
    this.#course.recalled();
    if (step !== this.#context.step || root !== this.#context.root) return;
    values.forEach((hashes, bucket) => {
      if (hashes !== null) this.#holdings.regain(bucket);
    });
    this.#regained();
  }

  #regained(): void {
    this.#digests.broadcast();
    this.#shares.reopen();
  }

  #heard(peer: string): void {
    if (!this.#context.view.heard(peer)) return;
    this.#context.log('info', `${peer} is back`);
    this.#changed();
  }

  /** Somebody came, went or holds something else: work is dealt out anew where it must be. */
  #changed(): void {
    if (this.#course.phase === 'working' && this.#member.works) {
      if (this.#shares.renew()) this.#deadline.hasten();
    }
    this.#course.consider();
  }

  #message({ from, message, payload }: EventOf<'message'>): void {
    this.#heard(from);
    switch (message.kind) {
      case 'digest':
        this.#digest(from, message);
        return;
      case 'want':
        answer(this.#parts, from, message);
        return;
      case 'whole':
        if (payload !== null) this.#backup.whole(message, payload);
        return;
      case 'direction':
        if (message.step < this.#context.step && this.#backup.earlier(message, payload)) return;
        break;
      default:
    }
    this.#inbox.receive(from, message, payload);
  }

  get #parts() {
    return {
      ...{ context: this.#context, outbox: this.#outbox, worker: this.#worker },
      ...{ holdings: this.#holdings, member: this.#member },
    };
  }

  #digest(from: string, message: MessageOf<'digest'>): void {
    const fault = faultOfDigest(this.#context, message);
    if (fault !== null) {
      this.#context.emit({ kind: 'disconnect', peer: from, reason: `digest: ${fault}` });
      return;
    }
    const { standing, about } = message;
    const { view } = this.#context;
    for (const one of about) view.pass(one.id, one.standing);
    if (!view.say(from, standing)) return;
    this.#checkRoot(from, standing);
    if (standing.stopAt !== null) this.#agreeOnStop(standing.stopAt);
    this.#changed();
    this.#member.tell();
    this.#member.release();
    this.#end();
  }

  #checkRoot(peer: string, standing: MessageOf<'digest'>['standing']): void {
    const { step, complete, root } = this.#context;
    if (!complete || !standing.complete || standing.step !== step || standing.root === root) return;
    const text =
      `step ${step}: this node's root is ${root.slice(0, 12)}…, that of ${peer} is ` +
      `${standing.root.slice(0, 12)}…: one of the two computed a wrong value`;
    this.#context.emit({ kind: 'failed', error: 'Divergence', text });
  }

  /** The latest proposal wins that nobody has passed; a node that has passed one says so. */
  #agreeOnStop(step: number): void {
    const hasEnded = this.#context.complete && this.#context.step === this.#keeper.last;
    if (!this.#keeper.agreeOnStop(step)) return;
    this.#digests.broadcast();
    this.#member.reconsider();
    if (hasEnded && this.#member.works && this.#course.phase === 'working') this.#begin();
    this.#end();
  }

  #end(): void {
    if (this.#course.phase !== 'working') return;
    if (this.#keeper.finishIfDone()) this.#digests.broadcast();
    const { leaving, step } = this.#context;
    if (!leaving || this.#hasLeft || this.#holdings.held.size > 0) return;
    this.#hasLeft = true;
    this.#context.emit({ kind: 'left', step });
  }

  #heartbeat(): void {
    const { view } = this.#context;
    for (const peer of view.suspects()) {
      const silentS = view.silenceMs(peer) / 1000;
      this.#context.log('warn', `${peer} is silent for ${silentS.toFixed(1)} s and taken for gone`);
    }
    this.#changed();
    if (this.#course.phase === 'working') this.#backup.tend();
    this.#member.tell();
    this.#member.release();
    this.#digests.broadcast();
    this.#context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });
    this.#end();
  }

  #want(): Asked {
    return sendWants({
      ...{ context: this.#context, member: this.#member, owner: this.#owner },
      ...{ holdings: this.#holdings, workers: this.#shares.workers },
      level: this.#deadline.waits,
      computes: this.#deadline.canTellLate,
      compute: (language, units, bucket) => this.#worker.computeAgain(language, units, bucket),
    });
  }

  #deadlinePassed(): void {
    const { complete, step, nowMs } = this.#context;
    if (complete && !this.#member.works) return;
    const { count, text: waitsFor } = this.#want();
    if (this.#deadline.waits >= TAKE_OVER_WAITS && complete && this.#deadline.canTellLate) {
      for (const bucket of this.#member.missingWhole()) this.#shares.takeOver(bucket);
    }
    const againS = Math.ceil(this.#deadline.passed(count) / 1000);
    this.#course.consider();
    if (count === 0) return;
    const waitedS = Math.round((nowMs - this.#member.standsSinceMs) / 1000);
    const text = `step ${step}: waiting ${waitedS} s for ${waitsFor}; asking again in ${againS} s`;
    this.#context.log('warn', text);
  }

  /** Whether a value of this step or the next can be of use here. */
  #concerns({ kind, bucket }: Said): boolean {
    const { held } = this.#holdings;
    switch (kind) {
      case 'sum':
        return held.has(bucket);
      case 'gram': {
        const group = this.#context.groups[this.#context.groupOf[bucket]!]!;
        return group.some((one) => held.has(one));
      }
      case 'norm':
        return this.#context.options.clips && held.size > 0;
      case 'direction':
        return this.#backup.concerns(bucket);
      case 'update':
        return true;
    }
  }

  /** Whether a value of the step at hand is still missing here. */
  #lacks(message: Said): boolean {
    const { bucket } = message;
    if (message.kind === 'update') {
      const isOfUse = this.#context.complete || message.outcome === 'tensor';
      return isOfUse && this.#course.phase !== 'loading' && this.#member.lacks(bucket);
    }
    if (!this.#member.works) return false;
    switch (message.kind) {
      case 'sum':
        this.#owner.open(bucket);
        return this.#owner.lacks(message.language, bucket, message);
      case 'gram':
        return this.#owner.lacksGram(bucket);
      case 'norm':
        return this.#owner.lacksNorm(bucket);
      case 'direction':
        return this.#backup.lacks(bucket);
    }
  }

  #take(message: Said, key: string | null): void {
    switch (message.kind) {
      case 'sum': {
        const { language, bucket, outcome, hash, tokens, lossSum } = message;
        this.#owner.file(language, bucket, message, { outcome, key, hash, tokens, lossSum });
        return;
      }
      case 'gram':
        this.#owner.gramReceived(message);
        return;
      case 'norm':
        this.#owner.normReceived(message);
        return;
      case 'direction':
        this.#backup.take(message, key);
        return;
      case 'update':
        this.#member.received(message, key);
    }
  }

  #computed(event: Exclude<EventOf<'slice' | 'filed' | 'taken'>, never> | BulkEventOfStep): void {
    switch (event.kind) {
      case 'slice':
        this.#worker.slice(event);
        return;
      case 'filed':
        if (!this.#backup.filed(event.key, event.ok)) this.#inbox.filed(event.key, event.ok);
        return;
      case 'taken':
        this.#backup.taken(event.step, event.bucket, event.ok);
        return;
      default:
        if (this.#course.phase !== 'loading') this.#resolvedPart(event);
    }
  }

  #resolvedPart(event: BulkEventOfStep): void {
    const isOfStep = event.step === this.#context.step && this.#context.complete;
    switch (event.kind) {
      case 'added':
        if (isOfStep && (this.#owner.added(event) || this.#worker.added(event))) return;
        this.#context.drop([event.key]);
        return;
      case 'gram':
        if (isOfStep) this.#owner.gramComputed(event.bucket, event.gram);
        return;
      case 'weighed':
        if (isOfStep) this.#owner.weighed(event);
        return;
      case 'directed':
        if (isOfStep && this.#owner.directed(event.bucket, event.hash, event.squaredNorm)) return;
        this.#dropDirection(event.step, event.bucket);
        return;
      case 'updated':
        this.#updated(event, isOfStep);
    }
  }

  /** Unless it was said, by this node or to it: then the outbox lets go of it. */
  #dropDirection(step: number, bucket: number): void {
    const key = keyOf({ kind: 'direction', step, bucket });
    if (this.#outbox.get(key) === undefined) this.#context.drop([key]);
  }

  #updated(event: EventOf<'updated'>, isOfStep: boolean): void {
    if (!event.finite) {
      const { layer } = this.#context.options.layout.buckets[event.bucket]!;
      const text =
        `step ${event.step}: the update of bucket ${event.bucket} (${layer}) has numbers that ` +
        'are not finite; lower optimizer.learningRate or set optimizer.clipNorm';
      this.#context.emit({ kind: 'failed', error: 'NonFiniteUpdate', text });
      return;
    }
    if (this.#backup.updated(event) || !isOfStep || !this.#member.needs(event.bucket)) return;
    this.#owner.updated(event);
  }
}

type BulkEventOfStep = EventOf<'added' | 'gram' | 'weighed' | 'directed' | 'updated'>;
