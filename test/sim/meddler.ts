/**
 * A world that is tampered with: an actor whose events or effects are changed, numbers that come
 * out otherwise, or whatever else a node is made of. What a checker must see is done on purpose.
 */
import {
  Actor,
  type ActorOptions,
  type BulkEvent,
  type Effect,
  type Event,
} from '../../node/actor/index.ts';
import type { Mode, Trial } from '../../sim/index.ts';
import type { ActorLike, Carried, Process } from '../../sim/process/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import type { World } from '../../sim/world.ts';
import { CALM } from './scenarios.ts';

type Meddle = (effects: Effect[], event: Event, actor: Actor) => Effect[];
/** What the actor is told in place of an event that everybody else sees as it is. */
type Hear = (event: Event) => Event;

export class Meddler implements ActorLike {
  readonly #actor: Actor;
  readonly #meddle: Meddle;
  readonly #hear: Hear;

  constructor(options: ActorOptions, meddle: Meddle, hear: Hear = (event) => event) {
    this.#actor = new Actor(options);
    this.#meddle = meddle;
    this.#hear = hear;
  }

  get status() {
    return this.#actor.status;
  }

  get rewind() {
    return this.#actor.rewind;
  }

  get memory() {
    return this.#actor.memory;
  }

  receive(event: Event): Effect[] {
    return this.#meddle(this.#actor.receive(this.#hear(event)), event, this.#actor);
  }
}

/** Makes all actors, that of one node with its effects changed. */
export function meddling(node: string, meddle: Meddle, hear?: Hear) {
  return (options: ActorOptions): ActorLike =>
    options.self === node ? new Meddler(options, meddle, hear) : new Actor(options);
}

/** The same, with each effect changed by itself. */
export function eachEffect(change: (effect: Effect) => Effect[]): Meddle {
  return (effects) => effects.flatMap(change);
}

/** Tampers with each process of a node before it starts. */
export function inProcesses(node: string, change: (running: Process) => void) {
  return (world: World): void => {
    world.observers.push({
      started(running) {
        if (running.node.name === node) change(running);
      },
    });
  };
}

/** Changes what a node's numbers in bulk report. */
export function numbersOf(
  node: string,
  change: (result: BulkEvent, effect: Carried) => BulkEvent,
): (world: World) => void {
  return inProcesses(node, ({ bulk }) => {
    const perform = bulk.perform.bind(bulk);
    bulk.perform = (effect, payload) => {
      const result = perform(effect, payload);
      return result === null ? null : change(result, effect);
    };
  });
}

/** The calm trial with some changes. */
export function trialOf(
  changes: Partial<Scenario>,
  schedule: Schedule = [],
  mode: Mode = 'recoverable',
): Trial {
  return { scenario: { ...CALM, ...changes }, schedule, mode, core: null };
}
