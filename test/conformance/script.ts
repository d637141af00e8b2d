/** An actor that follows a script, and writes down what comes of its effects. */
import type { ActorOptions, Effect, Event, EventBody } from '../../node/actor/index.ts';
import type { ActorLike } from '../../node/runtime/index.ts';
import type { Message } from '../../protocol/messages.ts';

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
    const none = new Uint8Array(1);
    const standing = {
      ...{ incarnation: 1, beat: ++this.#beat, step: 0, root: this.base.root, previousRoot: null },
      ...{ complete: true, has: none, held: none, heldFrom: 0, heldBefore: none, activeFrom: 0 },
      ...{ slowness: null, slownessFrom: 0, slownessBefore: null, durable: [], stopAt: null },
      ...{ leaving: false, lacks: none, done: false, finished: false },
    };
    return { kind: 'digest', standing, about: [] };
  }
}
