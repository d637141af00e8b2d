/**
 * One start of a node: an actor and its numbers in bulk, whose effects are carried out on virtual
 * time. What node/runtime does with threads, timers and streams happens here in place.
 */
import type { Effect, Event, EventBody, TimerName } from '../../node/actor/index.ts';
import { Refusals } from '../../node/admission/index.ts';
import { forgedIn, isClaim, withoutInputs } from '../../protocol/claims.ts';
import type { Message, MessageOf } from '../../protocol/messages.ts';
import { type DrawKey, drawKey, drawShare } from '../core/draws.ts';
import { listSteps } from '../disk/index.ts';
import type { BulkPort } from '../models/index.ts';
import { type OpenedFrame, type Sender, WireFrame } from '../network/index.ts';
import { Computing } from './computing.ts';
import { alterSend } from './harm.ts';
import type { SimNode } from './node.ts';
import type { ActorLike, Carried, ProcessPorts } from './ports.ts';
import { simulatedSeal } from './seal.ts';
import type { Difference } from './statements.ts';
import { Storage } from './storage.ts';
import { Workbench } from './workbench.ts';

type SendEffect = Extract<Effect, { kind: 'send' }>;

/** The runtime's word for the payload at hand; there is only one at a time. */
const PAYLOAD = 1;

export class Process {
  readonly node: SimNode;
  readonly incarnation: number;
  /** Languages whose text was not there when it started. */
  readonly lacks: readonly number[];
  readonly actor: ActorLike;
  readonly bulk: BulkPort;
  readonly ports: ProcessPorts;
  isAlive = true;
  /** In what it differs from the processes of the run. */
  readonly differences: ReadonlySet<Difference>;
  /** The step that it stands at, −1 before it has begun. */
  step = -1;
  /** Its root. */
  root = '';
  finishedAt: number | null = null;
  /** The last reason that it gave for waiting. */
  lastWarning = '';
  /** Whose frames these are. */
  readonly sender: Sender;
  readonly #storage: Storage;
  readonly #timers = new Map<TimerName, number>();
  readonly #noiseKey: DrawKey;
  readonly #refusals = new Refusals();
  #payload: Uint8Array | null = null;
  readonly #computing: Computing;
  readonly #bulkWork: Workbench;
  #events = 0;
  /** The last message without a payload. */
  #said: { message: Message; frame: WireFrame } | null = null;
  /** What came while it was paused. */
  #backlog: (() => void)[] = [];

  constructor(node: SimNode, ports: ProcessPorts) {
    this.node = node;
    this.ports = ports;
    this.incarnation = ++node.incarnation;
    this.bulk = ports.model.createBulk();
    const { incarnation } = this;
    this.lacks = [...node.lacks].sort((a, b) => a - b);
    this.differences = new Set(node.differences);
    // Who is nobody's friend takes nobody's word.
    const rate = node.isSybil ? 1 : ports.auditRate;
    const audit = { rate, secret: `secret of ${node.name}, seed ${ports.seed}` };
    const own = { self: node.name, incarnation, lacks: this.lacks, audit };
    this.actor = ports.createActor({ ...ports.model.actor, ...own });
    this.sender = { runId: ports.model.actor.runId, own: simulatedSeal(node.name) };
    this.#storage = new Storage(this);
    this.#computing = new Computing(this, (slice) => this.#handle(slice, null));
    this.#bulkWork = new Workbench(ports.clock, () => node.slowFactor);
    this.#noiseKey = drawKey(ports.seed, `clock ${node.name}`);
  }

  /** Whether it was not let in yet: it does not begin before, as node/cli's does not. */
  get isWaiting(): boolean {
    return !this.ports.isAdmitted;
  }

  /**
   * Loads the base and tells the actor what the disk has, synced as a running node does first;
   * unless it waits for others who will not let it in. Whoever belongs to the run has nothing to
   * wait for: all know each other.
   */
  start(): void {
    if (this.isWaiting) return;
    this.#refusals.end();
    const { model, members } = this.ports;
    this.node.disk.syncFolder('');
    const base = model.loadBase(this.bulk);
    const expected = members.includes(this.node.name) ? members : [...members, this.node.name];
    const beginning = { members: expected, base, disk: listSteps(this.node.disk) };
    this.receive({ kind: 'start', beginning });
  }

  /** It and a peer, which its user named, did not come together. */
  turnedAway(peer: string, error: Error): void {
    this.whenAwake(() => {
      this.#refusals.add({ error, peerId: peer, configured: peer });
      if (this.#refusals.isFatal) this.ports.end(this, { kind: 'refused', error });
    });
  }

  /** A frame has come in. */
  deliver(from: string, opened: OpenedFrame): void {
    const { signature, payload } = opened;
    let { message } = opened;
    if (message.kind === 'inputs' && this.#isForged(message)) {
      this.ports.disconnect(this.ports.indexOf(from)!);
      return;
    }
    if (message.kind === 'question') message = this.node.perjury.asked(message);
    const ref = payload === undefined ? null : PAYLOAD;
    this.receive({ kind: 'message', from, message, signature, payload: ref }, payload ?? null);
  }

  /** Tells the actor, now or when the process is awake again. */
  receive(body: EventBody, payload: Uint8Array | null = null): void {
    if (this.isWaiting) return;
    this.whenAwake(() => this.#handle(body, payload));
  }

  whenAwake(run: () => void): void {
    if (!this.isAlive) return;
    if (this.node.pauses > 0 || this.#backlog.length > 0) this.#backlog.push(run);
    else run();
  }

  /** The machine's speed has changed. */
  changeSpeed(): void {
    this.#computing.reconsider();
    this.#bulkWork.reconsider();
  }

  /** Handles what came while it was paused. */
  wake(): void {
    while (this.isAlive && this.node.pauses === 0 && this.#backlog.length > 0) {
      this.#backlog.shift()!();
    }
  }

  #handle(body: EventBody, payload: Uint8Array | null): void {
    if (!this.isAlive) return;
    const { clock, witness } = this.ports;
    const share = drawShare(this.#noiseKey, this.incarnation, this.#events++);
    const event = { nowMs: this.node.clock.read(clock.nowMs, share), ...body } as Event;
    try {
      const effects = this.actor.receive(event);
      witness.handled(this, event, effects);
      this.#payload = payload;
      for (const effect of effects) {
        this.#carryOut(effect, event);
        if (!this.isAlive) return;
      }
    } catch (error) {
      this.ports.end(this, { kind: 'threw', error });
    }
  }

  #carryOut(effect: Effect, cause: Event): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect);
        return;
      case 'setTimer':
        this.#setTimer(effect.timer, effect.delayMs);
        return;
      case 'compute':
        this.#computing.add(effect);
        return;
      case 'checkpoint':
        this.#storage.write(effect);
        return;
      case 'load':
        this.#storage.load(effect.step);
        return;
      case 'stepped':
        this.step = effect.step;
        this.root = effect.root;
        return;
      case 'log':
        if (effect.level === 'warn') this.lastWarning = effect.text;
        return;
      case 'disconnect': {
        // A liar parts with nobody who still listens.
        if (this.node.isSybil) return;
        const peer = this.ports.indexOf(effect.peer);
        if (peer !== undefined) this.ports.disconnect(peer);
        return;
      }
      case 'finished':
        this.finishedAt = effect.step;
        return;
      case 'left':
        this.ports.end(this, { kind: 'left' });
        return;
      case 'failed':
        this.ports.end(this, { kind: 'failed', text: `${effect.error}: ${effect.text}` });
        return;
      default:
        this.#perform(effect, cause);
    }
  }

  #send(effect: SendEffect): void {
    const { witness, clock, indexOf, model } = this.ports;
    witness.sent(this, effect.message, effect.to);
    const { payload: key } = effect;
    const bytes = key === null ? null : this.bulk.encoded(key);
    const nominal = key === null ? undefined : model.nominalBytes(key);
    const channel = key === null ? 'control' : 'bulk';
    const readyMs = key === null ? clock.nowMs : this.#bulkWork.freeAtMs;
    let frame: WireFrame | null = null;
    for (const name of effect.to) {
      const to = indexOf(name);
      if (to === undefined) continue;
      const altered =
        this.node.harms.length === 0 ? undefined : alterSend(this.node, effect, bytes, to);
      if (altered === null) continue;
      if (altered !== undefined) {
        this.node.lies++;
        if (isClaim(effect.message) && isClaim(altered.message))
          this.node.perjury.altered(effect.message, altered.message);
        const sender = { ...this.sender, nominalBytes: nominal };
        const other = new WireFrame(altered.message, altered.payload, sender);
        this.ports.send(to, channel, other, readyMs);
        continue;
      }
      frame ??= this.#frameOf(effect.message, bytes, nominal);
      this.ports.send(to, channel, frame, readyMs);
    }
  }

  /** What is said to one after another in the same words is the same bytes. */
  #frameOf(message: Message, bytes: Uint8Array | null, nominal: number | undefined): WireFrame {
    if (bytes !== null)
      return new WireFrame(message, bytes, { ...this.sender, nominalBytes: nominal });
    if (this.#said?.message !== message) {
      let said = message;
      // A liar answers about its lie; what is listed and was not signed proves nothing.
      if (said.kind === 'inputs') said = this.node.perjury.answer(said);
      if (said.kind === 'inputs' && this.#isForged(said)) said = withoutInputs(said);
      this.#said = { message, frame: new WireFrame(said, null, this.sender) };
    }
    return this.#said.frame;
  }

  #isForged(message: MessageOf<'inputs'>): boolean {
    return forgedIn(this.sender.runId, message, this.sender.own) !== undefined;
  }

  #setTimer(timer: TimerName, delayMs: number): void {
    const generation = (this.#timers.get(timer) ?? 0) + 1;
    this.#timers.set(timer, generation);
    this.ports.clock.after(Math.max(0, delayMs) / this.node.clock.rate, () => {
      this.whenAwake(() => {
        if (this.#timers.get(timer) === generation) this.receive({ kind: 'timer', timer });
      });
    });
  }

  /** What is in memory of its parameters has changed under it. */
  readParametersAgain(): void {
    this.#computing.readParametersAgain();
  }

  #perform(effect: Carried, cause: Event): void {
    const { timing, witness } = this.ports;
    if (effect.kind === 'clear') this.#computing.clear();
    const takesPayload = effect.kind === 'file' || effect.kind === 'take';
    const result = this.bulk.perform(effect, takesPayload ? this.#payload : null);
    witness.performed(this, effect, result, cause);
    if (this.bulk.size > this.node.valuesMax) {
      this.ports.end(this, { kind: 'killed', power: false });
      return;
    }
    if (result === null) return;
    this.#bulkWork.add(timing.bulkMs + 0.001, () => this.receive(result));
  }
}
