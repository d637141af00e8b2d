/**
 * The world: nodes, network, time, and a schedule of faults that happen to them. A run of it is a
 * pure function of scenario and schedule.
 */
import { Actor, type ActorOptions, type Effect, type Event } from '../node/actor/index.ts';
import { defined } from '../protocol/assert.ts';
import { VirtualClock } from './core/clock.ts';
import { drawKey, drawShare } from './core/draws.ts';
import { Trace } from './core/trace.ts';
import { Doors } from './doors.ts';
import type { SimModel } from './models/index.ts';
import { Network, type WireFrame } from './network/index.ts';
import {
  type ActorLike,
  Process,
  type ProcessEnd,
  SimNode,
  type Witness,
} from './process/index.ts';
import type { Scenario } from './scenario.ts';
import { beginFault } from './schedule/apply.ts';
import { comersOf, type Fault, faultText, type Schedule } from './schedule/faults.ts';

/** Nodes start within this. */
const START_MS = 200;
/** A process that was killed by its own machine is started again after this. */
const REVIVAL_MS = 2_000;
/** Hundreds of times as many as come due in a seed. */
const ENTRIES_MAX = 20_000_000;
/** Machines' clocks begin at different times. */
const CLOCK_ORIGIN_MS_MAX = 1e8;

/** Who watches what happens; each method where it is of use. */
export interface Observer {
  readonly handled?: Witness['handled'];
  readonly sent?: Witness['sent'];
  readonly performed?: Witness['performed'];
  readonly loaded?: Witness['loaded'];
  readonly pruned?: Witness['pruned'];
  readonly ended?: Witness['ended'];
  readonly started?: (running: Process) => void;
  /** Two processes let each other in, where it is watched whether they may. */
  readonly admitted?: (first: Process, second: Process) => void;
  /** A node and somebody else did not come together. */
  readonly turnedAway?: (node: SimNode, error: Error) => void;
  readonly faultBegan?: (fault: Fault) => void;
  readonly faultEnded?: (fault: Fault) => void;
  /** The codec threw what is no error of ours. */
  readonly untyped?: (to: string, error: unknown) => void;
}

export interface WorldOptions {
  readonly scenario: Scenario;
  readonly schedule: Schedule;
  readonly model: SimModel;
  readonly observers: readonly Observer[];
  /** The nodes that must come to the end; null: all that did not go for good. */
  readonly core: readonly string[] | null;
  /** Left out: the actor itself. */
  readonly createActor?: (options: ActorOptions) => ActorLike;
  readonly keepsLines?: boolean;
  /** A run in which more comes due goes round in circles; left out: ample for a seed's. */
  readonly entriesMax?: number;
}

/** Why a run of the world is over. */
export type WorldEnd = 'tooMuch' | 'finished' | 'outOfTime' | 'nothingDue' | 'halted' | 'allGone';

export class World {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly nodes: readonly SimNode[];
  readonly trace: Trace;
  readonly scenario: Scenario;
  readonly schedule: Schedule;
  readonly model: SimModel;
  readonly observers: Observer[];
  /** Events that actors handled. */
  events = 0;
  readonly #doors: Doors;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #createActor: (options: ActorOptions) => ActorLike;
  readonly #core: ReadonlySet<string> | null;
  readonly #entriesMax: number;
  #halted = false;
  #mayBeDone = false;

  constructor(options: WorldOptions) {
    const { scenario, schedule, model } = options;
    this.scenario = scenario;
    this.schedule = schedule;
    this.model = model;
    this.observers = [...options.observers];
    this.#core = options.core === null ? null : new Set(options.core);
    this.clock = new VirtualClock(scenario.tieSalt);
    this.trace = new Trace(options.keepsLines ?? false);
    this.#entriesMax = options.entriesMax ?? ENTRIES_MAX;
    this.#createActor = options.createActor ?? ((actorOptions) => new Actor(actorOptions));
    this.#doors = new Doors(this);
    const names = [...new Set([...scenario.nodes, ...comersOf(schedule)])];
    const originKey = drawKey(scenario.seed, 'clock origins');
    this.nodes = names.map((name, i) => {
      const originMs = drawShare(originKey, i) * CLOCK_ORIGIN_MS_MAX;
      const node = new SimNode(i, name, scenario.seed, scenario.slowness[i] ?? 1, originMs);
      scenario.at.forEach((at, language) => {
        if (at?.includes(name) === false) node.lacks.add(language);
      });
      return node;
    });
    this.#indexes = new Map(names.map((name, i) => [name, i]));
    this.network = this.#openNetwork();
    this.#plan();
  }

  #openNetwork(): Network {
    const { seed, weather } = this.scenario;
    return new Network({
      clock: this.clock,
      seed,
      nodes: this.nodes.length,
      founders: this.scenario.nodes.length,
      weather,
      deliver: (from, to, _frame, opened) => {
        this.nodes[to]!.running?.deliver(this.nodes[from]!.name, opened);
      },
      meet: (a, b) => this.#doors.meet(a, b),
      strangerAnswered: (node, peer) => this.#doors.strangerAnswered(node, peer),
      peerUp: (node, peer) => this.#peer('peerUp', node, peer),
      peerDown: (node, peer) => this.#peer('peerDown', node, peer),
      untyped: (_from, to, error) => {
        for (const observer of this.observers) observer.untyped?.(this.nodes[to]!.name, error);
      },
    });
  }

  /** In a turn of its own: it may come of what a process is about to do. */
  #peer(kind: 'peerUp' | 'peerDown', node: number, peer: number): void {
    const { running } = this.nodes[node]!;
    this.clock.after(0, () => running?.receive({ kind, peer: this.nodes[peer]!.name }));
  }

  /** Starts and faults, in the order of their times. */
  #plan(): void {
    const startKey = drawKey(this.scenario.seed, 'starts');
    this.scenario.nodes.forEach((name, i) => {
      this.clock.at(drawShare(startKey, i) * START_MS, () => this.join(this.node(name)));
    });
    this.schedule.forEach((fault, id) => {
      this.clock.atFirst(fault.atMs, id, () => this.#begin(fault, id));
    });
  }

  #begin(fault: Fault, id: number): void {
    this.trace.world(this.clock.nowMs, `begins: ${faultText(fault)}`);
    for (const observer of this.observers) observer.faultBegan?.(fault);
    const heal = beginFault(this, fault, id);
    if (fault.durationMs === null) return;
    this.clock.after(fault.durationMs, () => {
      this.trace.world(this.clock.nowMs, `ends: ${fault.fault}`);
      heal();
      for (const observer of this.observers) observer.faultEnded?.(fault);
      this.#mayBeDone = true;
    });
  }

  node(name: string): SimNode {
    return this.nodes[defined(this.#indexes.get(name), `node ${name}`)]!;
  }

  /** When the last fault that heals is healed. */
  get settledMs(): number {
    return Math.max(0, ...this.schedule.map(({ atMs, durationMs }) => atMs + (durationMs ?? 0)));
  }

  /** When the run must be over: units begun under stragglers may all be with one node. */
  get dueMs(): number {
    const { patienceMs, units, timing, slowness } = this.scenario;
    const factors = this.schedule.map((one) => (one.fault === 'stragglers' ? one.args.factor : 0));
    const stepUnits = units.reduce((sum, count) => sum + count, 0);
    const unitMs = timing.computeMs * Math.max(1, ...slowness);
    return this.settledMs + patienceMs + Math.max(0, ...factors) * stepUnits * unitMs;
  }

  /** Whether the run is not over before this node has finished. */
  mustEnd({ isMember, name }: SimNode): boolean {
    return isMember && (this.#core === null || this.#core.has(name));
  }

  /** A node takes part from now on. */
  join(node: SimNode): void {
    node.isStarted = true;
    if (node.isGone) return;
    this.startProcess(node);
  }

  startProcess(node: SimNode): void {
    if (node.running !== null || node.downs > 0) return;
    const { clock, scenario, model, network } = this;
    const running = new Process(node, {
      clock,
      seed: scenario.seed,
      timing: scenario.timing,
      isAdmitted: this.#doors.admits(node),
      auditRate: scenario.auditRate,
      model,
      createActor: this.#createActor,
      members: scenario.nodes,
      indexOf: (name) => this.#indexes.get(name),
      send: (to, channel, frame, readyMs) => this.#send(node, to, channel, frame, readyMs),
      disconnect: (peer) => network.connections.refuse(node.index, peer),
      witness: this.#witness,
      end: (ended, why) => this.endProcess(ended, why),
    });
    node.running = running;
    this.trace.world(clock.nowMs, `start ${running.incarnation} of ${node.name}`);
    if (!running.isWaiting) for (const observer of this.observers) observer.started?.(running);
    running.start();
    if (running.isAlive) network.connections.start(node.index);
  }

  #send(node: SimNode, to: number, channel: 'control' | 'bulk', frame: WireFrame, readyMs: number) {
    this.network.send(node.index, to, channel, frame, readyMs);
  }

  /** The process on a node is gone. */
  endProcess(running: Process, why: ProcessEnd): void {
    const { node } = running;
    if (node.running !== running) return;
    running.isAlive = false;
    node.running = null;
    this.trace.world(this.clock.nowMs, `end of ${node.name}: ${why.kind}`);
    const hasPower = why.kind === 'killed' && why.power;
    this.network.connections.stop(node.index, !hasPower);
    if (!running.isWaiting) for (const observer of this.observers) observer.ended?.(running, why);
    if (hasPower) node.disk.losePower();
    if (why.kind !== 'killed' && why.kind !== 'refused') node.isGone = true;
    else if (node.downs === 0) this.clock.after(REVIVAL_MS, () => this.#revive(node));
    this.#mayBeDone = true;
  }

  #revive(node: SimNode): void {
    if (node.isMember) this.startProcess(node);
  }

  readonly #witness: Witness = {
    handled: (running, event, effects) => this.#handled(running, event, effects),
    sent: (running, message, to) => {
      for (const observer of this.observers) observer.sent?.(running, message, to);
    },
    performed: (running, effect, result, cause) => {
      for (const observer of this.observers) observer.performed?.(running, effect, result, cause);
    },
    loaded: (running, checkpoint) => {
      for (const observer of this.observers) observer.loaded?.(running, checkpoint);
    },
    pruned: (running, steps, neededFrom) => {
      for (const observer of this.observers) observer.pruned?.(running, steps, neededFrom);
    },
    ended: () => {},
  };

  #handled(running: Process, event: Event, effects: readonly Effect[]): void {
    this.events++;
    const { node } = running;
    this.trace.event(this.clock.nowMs, node.index, node.name, event, effects);
    for (const observer of this.observers) observer.handled?.(running, event, effects);
    if (effects.some(({ kind }) => kind === 'finished')) this.#mayBeDone = true;
  }

  /** Ends the run at this event. */
  halt(): void {
    this.#halted = true;
  }

  /** Lets happen what happens, until all nodes have finished or their time is up. */
  run(untilMs = Number.POSITIVE_INFINITY): WorldEnd {
    const limitMs = Math.min(untilMs, this.dueMs);
    for (;;) {
      if (this.clock.fired > this.#entriesMax) return 'tooMuch';
      if (!this.clock.step(limitMs)) {
        return this.clock.pending === 0 ? 'nothingDue' : 'outOfTime';
      }
      if (this.#halted) return 'halted';
      // Before all have started nobody is done, and nobody gone.
      if (!this.#mayBeDone || this.clock.nowMs <= START_MS) continue;
      this.#mayBeDone = false;
      const members = this.nodes.filter((node) => this.mustEnd(node));
      if (members.length === 0) return 'allGone';
      if (members.every(({ running }) => running !== null && running.finishedAt !== null)) {
        return 'finished';
      }
    }
  }
}
