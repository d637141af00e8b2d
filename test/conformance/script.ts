/** An actor that follows a script, and writes down what comes of its effects. */
import type { ActorOptions, Effect, Event, EventBody } from '../../node/actor/index.ts';
import type { ActorLike } from '../../node/runtime/index.ts';
import type { Message } from '../../protocol/messages.ts';
import { standingWith } from '../helpers/standing.ts';

type EventOf<Kind extends EventBody['kind']> = Extract<Event, { kind: Kind }>;
export type Start = EventOf<'start'>['beginning'];

export abstract class Script implements ActorLike {
  readonly step = 0;
  readonly isComplete = true;
  /** What happened, told alike wherever it did. */
  readonly seen: string[] = [];
  readonly self: string;
  protected base!: Start['base'];
  #beat = 0;

  constructor({ self }: ActorOptions) {
    this.self = self;
  }

  get status(): never {
    throw new Error('a script has no status');
  }

  receive(event: Event): Effect[] {
    if (event.kind !== 'start') return this.on(event);
    this.base = event.beginning.base;
    const { root, values } = this.base;
    const stepped = { kind: 'stepped', step: 0, root, values, resolutions: [] } as const;
    return [stepped, ...this.begin(event)];
  }

  protected abstract begin(event: EventOf<'start'>): Effect[];
  protected abstract on(event: Event): Effect[];

  protected end(): Effect {
    return { kind: 'finished', step: 0, root: this.base.root, stopped: false };
  }

  /** The next digest, with a beat of its own. */
  protected digest(): Message {
    const standing = standingWith(this.base.root, { beat: ++this.#beat });
    return { kind: 'digest', standing, vouches: false, about: [] };
  }
}
