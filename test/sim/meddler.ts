/** The actor with its effects changed: what a checker must see is done on purpose. */
import { Actor, type ActorOptions, type Effect, type Event } from '../../node/actor/index.ts';
import type { ActorLike } from '../../sim/process/index.ts';

type Meddle = (effects: Effect[], event: Event, actor: Actor) => Effect[];

export class Meddler implements ActorLike {
  readonly #actor: Actor;
  readonly #meddle: Meddle;

  constructor(options: ActorOptions, meddle: Meddle) {
    this.#actor = new Actor(options);
    this.#meddle = meddle;
  }

  get status() {
    return this.#actor.status;
  }

  receive(event: Event): Effect[] {
    return this.#meddle(this.#actor.receive(event), event, this.#actor);
  }
}

/** Makes all actors, that of one node with its effects changed. */
export function meddling(node: string, meddle: Meddle) {
  return (options: ActorOptions): ActorLike =>
    options.self === node ? new Meddler(options, meddle) : new Actor(options);
}
