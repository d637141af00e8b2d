/**
 * The actor: one synchronous transition from an event to effects, composed of a worker, an owner, a
 * backup, a member and a keeper part. No I/O, no clock, no randomness: the runtime and the
 * simulator drive the same code.
 */
import { assert } from '../../protocol/assert.ts';
import { Composition } from './composition.ts';
import { askForLate, gather, greet, lookAround } from './late.ts';
import { takeLoaded } from './loading.ts';
import { Mail } from './mail.ts';
import { Outcomes } from './outcomes.ts';
import type { Memory, Status } from './status.ts';
import type { ActorOptions, Effect, Event, EventBody } from './types.ts';
import { HEARTBEAT_MS } from './view.ts';

type EventOf<Kind extends EventBody['kind']> = Extract<Event, { kind: Kind }>;

export class Actor {
  readonly #parts: Composition;
  readonly #mail: Mail;
  readonly #outcomes: Outcomes;
  #hasFailed = false;
  #hasLeft = false;
  /** The version of the view that the course was last considered in. */
  #consideredAt = -1;

  constructor(options: ActorOptions) {
    assert(options.layout.buckets.length > 0, 'a model has a bucket');
    assert(options.redundancy >= 1, 'somebody holds each bucket');
    this.#parts = new Composition(options, {
      stood: () => this.#stood(),
      work: () => this.#work(),
      gathers: () => this.#gathers(),
      mixed: () => this.#mixed(),
      abandon: () => this.#abandon(),
      regained: () => this.#regained(),
      refused: () => this.#changed(),
    });
    const isWide = () => this.#parts.context.view.pace.isWide;
    this.#mail = new Mail(this.#parts, {
      heard: (peer) => this.#heard(peer),
      changed: () => {
        // Among many somebody always changes: each heartbeat looks at it.
        if (!isWide() || this.#parts.course.phase !== 'working') this.#changed();
      },
      agreeOnStop: (step) => this.#agreeOnStop(step),
      end: () => this.#end(),
    });
    this.#outcomes = new Outcomes(this.#parts, this.#mail.inbox);
  }

  /** The step that this node stands at, or the one before that which it gathers. */
  get step(): number {
    return this.#parts.context.step;
  }

  /** Whether it stands there. */
  get isComplete(): boolean {
    return this.#parts.context.complete;
  }

  /** Where this node and the others stand, and what is missing, for whoever wants to look. */
  get status(): Status {
    return this.#parts.status;
  }

  /** While values are lost and waited for: where this node goes then, and in how long. */
  get rewind(): Status['rewind'] {
    return this.#parts.course.rewind;
  }

  /** How many values it remembers, for whoever wants to know that it is not too many. */
  get memory(): Memory {
    return { ...this.#parts.memory, received: this.#mail.inbox.size };
  }

  /** Handles one event. The effects are to be carried out in order. */
  receive(event: Event): Effect[] {
    this.#parts.context.nowMs = event.nowMs;
    if (!this.#hasFailed) this.#handle(event);
    const effects = this.#parts.context.takeEffects();
    if (effects.some(({ kind }) => kind === 'failed')) this.#hasFailed = true;
    return effects;
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'start':
        this.#start(event);
        return;
      case 'message':
        this.#mail.receive(event);
        return;
      case 'peerUp':
        this.#parts.context.view.connected(event.peer);
        this.#heard(event.peer);
        if (!this.#parts.context.view.isRefused(event.peer)) greet(this.#parts, event.peer);
        return;
      case 'peerDown':
        this.#parts.context.view.disconnected(event.peer);
        return;
      case 'timer':
        if (event.timer === 'heartbeat') this.#heartbeat();
        else askForLate(this.#parts);
        return;
      case 'stop':
        this.#agreeOnStop(this.#parts.context.step + (this.#parts.member.works ? 1 : 0));
        return;
      case 'leave':
        this.#parts.context.leaving = true;
        this.#parts.holdings.changed();
        this.#changed();
        return;
      case 'checkpointed':
        this.#parts.keeper.checkpointed(event.step);
        this.#parts.member.release();
        this.#parts.digests.broadcast();
        this.#end();
        return;
      case 'loaded':
        takeLoaded(this.#parts, event.loaded, {
          gathers: () => this.#gathers(),
          regained: () => this.#regained(),
        });
        return;
      case 'loadFailed':
        this.#parts.context.log('warn', event.reason);
        this.#parts.course.loadFailed(event.step);
        return;
      default:
        this.#outcomes.receive(event);
    }
  }

  #start({ beginning }: EventOf<'start'>): void {
    const { members, base, disk } = beginning;
    const { view } = this.#parts.context;
    for (const id of members) view.expect(id);
    if (view.pace.isWide) this.#parts.holdings.announceBase();
    this.#parts.keeper.begin(disk);
    this.#parts.course.begin(base.root);
    this.#parts.digests.begin();
    this.#parts.context.activeFrom = 0;
    this.#parts.context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });
    this.#parts.member.standAt({ step: 0, previousRoot: null, ...base });
    this.#parts.course.consider();
  }

  /** Of step 0 this node is to hold its share; of all the rest it keeps what is published. */
  #work(): void {
    const { buckets, step } = this.#parts.context;
    const due = new Set(this.#parts.holdings.due);
    this.#parts.holdings.reset(due);
    for (const bucket of buckets) {
      if (!due.has(bucket)) this.#parts.context.emit({ kind: 'unhold', step, bucket });
    }
    this.#begin();
  }

  /** This node has come to stand at a step. */
  #stood(): void {
    const { step, view } = this.#parts.context;
    if (this.#parts.course.phase === 'settling') return;
    if (this.#parts.course.phase !== 'working') {
      const isUnderWay = view.standings.some(
        ({ standing }) =>
          standing.complete && standing.step >= step && standing.activeFrom !== null,
      );
      this.#parts.course.arrived(isUnderWay && step > 0 ? step + view.pace.noticeSteps : step);
      if (step === 0) {
        this.#work();
        return;
      }
    }
    this.#begin();
  }

  #begin(): void {
    const { slowness, step, view } = this.#parts.context;
    this.#parts.book.begin();
    slowness.stood(step, view.pace.noticeSteps);
    this.#parts.backup.stood();
    this.#parts.keeper.stood();
    this.#parts.member.release();
    this.#parts.digests.broadcast();
    this.#parts.owner.begin();
    this.#parts.worker.begin();
    if (this.#parts.member.works) this.#parts.shares.begin();
    this.#parts.auditor.begin(this.#parts.member.works);
    this.#parts.deadline.start();
    this.#mail.stand();
    this.#end();
  }

  /** What was gathered is not one step: begins to gather again. */
  #mixed(): void {
    this.#parts.context.log(
      'warn',
      'values of different steps came together; gathering them again',
    );
    this.#parts.course.again();
  }

  #gathers(): void {
    this.#mail.inbox.stand();
    gather(this.#parts);
  }

  #abandon(): void {
    this.#parts.keeper.closeWaiting();
    this.#parts.auditor.reset();
    this.#parts.member.abandon();
    this.#parts.owner.begin();
    this.#parts.worker.begin();
    this.#mail.inbox.reset();
    this.#parts.outbox.clear();
    this.#parts.backup.reset();
    this.#parts.holdings.reset([]);
    this.#parts.context.complete = false;
    this.#parts.context.emit({ kind: 'clear' });
  }

  #regained(): void {
    this.#parts.digests.broadcast();
    this.#parts.shares.reopen();
  }

  #heard(peer: string): void {
    if (!this.#parts.context.view.heard(peer)) return;
    this.#parts.context.log('info', `${peer} is back`);
    this.#changed();
  }

  /** Somebody came, went or holds something else: work is dealt out anew where it must be. */
  #changed(): void {
    if (this.#parts.course.phase === 'working') {
      if (this.#parts.member.works && this.#parts.shares.renew()) this.#parts.deadline.hasten();
      if (this.#consideredAt === this.#parts.context.view.version) return;
    }
    this.#consider();
  }

  #consider(): void {
    this.#consideredAt = this.#parts.context.view.version;
    this.#parts.course.consider();
  }

  /** The latest proposal wins that nobody has passed; a node that has passed one says so. */
  #agreeOnStop(step: number): void {
    const hasEnded =
      this.#parts.context.complete && this.#parts.context.step === this.#parts.keeper.last;
    if (!this.#parts.keeper.agreeOnStop(step)) return;
    this.#parts.digests.broadcast();
    this.#parts.member.reconsider();
    if (hasEnded && this.#parts.member.works && this.#parts.course.phase === 'working')
      this.#begin();
    this.#end();
  }

  #end(): void {
    if (this.#parts.course.phase !== 'working') return;
    if (this.#parts.keeper.finishIfDone()) this.#parts.digests.broadcast();
    const { leaving, step } = this.#parts.context;
    if (!leaving || this.#hasLeft || this.#parts.holdings.held.size > 0) return;
    this.#hasLeft = true;
    this.#parts.context.emit({ kind: 'left', step });
  }

  #heartbeat(): void {
    const { view } = this.#parts.context;
    for (const peer of view.suspects()) {
      const silentS = view.silenceMs(peer) / 1000;
      this.#parts.context.log(
        'warn',
        `${peer} is silent for ${silentS.toFixed(1)} s and taken for gone`,
      );
    }
    if (!view.pace.isWide || this.#parts.course.isHeldUp()) {
      this.#changed();
      this.#consider();
    } else if (this.#parts.member.works) this.#parts.shares.renew();
    if (this.#parts.course.phase === 'working') {
      lookAround(this.#parts);
      this.#parts.backup.fills.tend();
      this.#parts.keeper.tend();
    }
    this.#parts.member.tell();
    this.#parts.auditor.tend();
    this.#parts.member.release();
    this.#parts.digests.beat();
    this.#parts.context.emit({ kind: 'setTimer', timer: 'heartbeat', delayMs: HEARTBEAT_MS });
    this.#end();
  }
}
