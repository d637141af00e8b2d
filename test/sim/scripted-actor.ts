/** An actor of a few lines, for tests of the world around it: it says where it is, and counts. */
import type { ActorOptions, Effect, Event, EventBody } from '../../node/actor/index.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { Message } from '../../protocol/messages.ts';
import type { ActorLike } from '../../sim/process/index.ts';
import { standingWith } from '../helpers/standing.ts';

const BEAT_MS = 100;
const ROOT = hashOf('root');

export class ScriptedActor implements ActorLike {
  readonly events: Event[] = [];
  readonly self: string;
  readonly #incarnation: number;
  readonly #peers = new Set<string>();
  readonly #beats: number;
  #beat = 0;

  constructor({ self, incarnation }: ActorOptions, beats = 20) {
    this.self = self;
    this.#incarnation = incarnation;
    this.#beats = beats;
  }

  receive(event: Event): Effect[] {
    this.events.push(event);
    switch (event.kind) {
      case 'start':
        return [this.#timer()];
      case 'peerUp':
        this.#peers.add(event.peer);
        return [];
      case 'peerDown':
        this.#peers.delete(event.peer);
        return [];
      case 'timer':
        return this.#say();
      default:
        return [];
    }
  }

  of<Kind extends EventBody['kind']>(kind: Kind): Extract<Event, { kind: Kind }>[] {
    return this.events.filter(
      (event): event is Extract<Event, { kind: Kind }> => event.kind === kind,
    );
  }

  #timer(): Effect {
    return { kind: 'setTimer', timer: 'heartbeat', delayMs: BEAT_MS };
  }

  #say(): Effect[] {
    this.#beat++;
    const end: Effect = { kind: 'finished', step: 1, root: ROOT, stopped: false };
    return [
      { kind: 'send', to: [...this.#peers].sort(), message: this.#digest(), payload: null },
      ...(this.#beat === this.#beats ? [end] : []),
      this.#timer(),
    ];
  }

  #digest(): Message {
    const words = { incarnation: this.#incarnation, beat: this.#beat };
    const standing = standingWith(ROOT, words);
    return { kind: 'digest', standing, vouches: false, about: [] };
  }
}
