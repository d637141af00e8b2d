/**
 * Whoever carries out an actor's effects does it alike: every script runs in the simulator's world
 * and on running nodes, and sees the same.
 */
import test, { type ExecutionContext } from 'ava';
import {
  type ActorOptions,
  type Effect,
  type Event,
  sliceKey,
  valueKey,
} from '../../node/actor/index.ts';
import type { Message } from '../../protocol/messages.ts';
import { PLATFORMS, type Platform } from './platforms.ts';
import { Script } from './script.ts';

/** Runs a script on every node of a platform; what each node saw, by place. */
async function seenOn<S extends Script>(
  t: ExecutionContext,
  platform: Platform,
  make: (options: ActorOptions, place: number) => S,
): Promise<S[]> {
  const scripts: S[] = [];
  await platform(t, (options, place) => {
    const script = make(options, place);
    scripts[place] = script;
    return script;
  });
  return scripts;
}

class Timers extends Script {
  readonly #startedMs: number[] = [];

  begin({ nowMs }: Event): Effect[] {
    this.#startedMs.push(nowMs);
    return [
      { kind: 'setTimer', timer: 'heartbeat', delayMs: 40 },
      { kind: 'setTimer', timer: 'deadline', delayMs: 60 },
      // In place of the one before.
      { kind: 'setTimer', timer: 'deadline', delayMs: 120 },
    ];
  }

  on(event: Event): Effect[] {
    if (event.kind !== 'timer') return [];
    const afterMs = event.nowMs - this.#startedMs[0]!;
    this.seen.push(event.timer);
    if (this.seen.length === 1) {
      // Node's timers count whole milliseconds.
      this.seen.push(`early: ${afterMs < 39}`);
      return [];
    }
    if (this.seen.length === 3) {
      this.seen.push(`early: ${afterMs < 119}`);
      return [{ kind: 'setTimer', timer: 'heartbeat', delayMs: 100 }];
    }
    return [this.end()];
  }
}

const MESSAGES = 40;

/** The first says much at once; the second looks at what comes. */
class Talk extends Script {
  readonly #place: number;
  #beats: number[] = [];

  constructor(options: ActorOptions, place: number) {
    super(options);
    this.#place = place;
  }

  begin(): Effect[] {
    return [];
  }

  on(event: Event): Effect[] {
    if (event.kind === 'peerUp' && this.#place === 0) return this.#speak(event.peer);
    if (event.kind === 'filed') {
      this.seen.push(`${event.key} ${event.ok ? 'is here' : 'was refused'}`);
      return this.seen.length < 3 ? [] : [{ kind: 'drop', keys: ['good'] }, this.end()];
    }
    if (event.kind !== 'message') return [];
    if (event.message.kind === 'digest') this.#beats.push(event.message.standing.beat);
    else return this.#file(event.message, event.payload);
    if (this.#beats.length === MESSAGES) {
      this.seen.push(`beats ${this.#beats}`);
      return this.seen.length < 3 ? [] : [this.end()];
    }
    return [];
  }

  #speak(peer: string): Effect[] {
    const { root, values } = this.base;
    const update = {
      ...({ kind: 'update', step: 0, root, bucket: 1, outcome: 'tensor' } as const),
      ...{ ...values[1]!, resolution: null },
    };
    const wrong = { ...update, published: 'ab'.repeat(32) };
    const send = (message: Message, payload: string | null): Effect => {
      return { kind: 'send', to: [peer], message, payload };
    };
    return [
      ...Array.from({ length: MESSAGES / 2 }, () => send(this.digest(), null)),
      send(update, valueKey(0, 1)),
      send(wrong, valueKey(0, 1)),
      ...Array.from({ length: MESSAGES / 2 }, () => send(this.digest(), null)),
      this.end(),
    ];
  }

  #file(message: Message, payload: number | null): Effect[] {
    if (message.kind !== 'update' || payload === null) return [];
    const { bucket, published } = message;
    const key = published === this.base.values[bucket]!.published ? 'good' : 'bad';
    return [{ kind: 'file', key, payload, hash: published, bucket }];
  }
}

/** Computes two units, adds them up, and takes their inner products. */
class Numbers extends Script {
  /** Units with numbers, by bucket: a bucket may be absent from a unit. */
  readonly #units = new Map<number, number>();

  begin(): Effect[] {
    return [0, 1].map((unit) => ({
      ...({ kind: 'compute', step: 0, language: 1, unit, attempt: unit } as const),
    }));
  }

  on(event: Event): Effect[] {
    switch (event.kind) {
      case 'slice': {
        const { unit, attempt, bucket, outcome, hash, tokens, lossSum } = event;
        if (outcome === 'tensor') this.#units.set(bucket, (this.#units.get(bucket) ?? 0) + 1);
        this.seen.push(`${unit} ${attempt} ${bucket} ${outcome} ${hash} ${tokens} ${lossSum}`);
        return this.seen.length === 2 * this.base.values.length ? this.#add() : [];
      }
      case 'added':
        this.seen.push(`${event.key} ${event.outcome} ${event.hash}`);
        return [];
      case 'gram':
        this.seen.push(`gram ${[...event.gram]}`);
        return [{ kind: 'load', step: 0 }];
      case 'loaded': {
        const { step, root, previousRoot, values } = event.loaded;
        this.seen.push(`loaded ${step} ${root} ${previousRoot} ${JSON.stringify(values)}`);
        return [this.end()];
      }
      default:
        return [];
    }
  }

  /** Effects are carried out in their order: the rows are there when they are multiplied. */
  #add(): Effect[] {
    const whole = [...this.#units].flatMap(([bucket, units]) => (units === 2 ? [bucket] : []));
    const bucket = Math.min(...whole);
    const of = (unit: number) => sliceKey({ step: 0, language: 1, unit, bucket, attempt: unit });
    const rows = [
      { key: 'sum', tokens: 3 },
      { key: of(1), tokens: 1 },
    ];
    return [
      {
        ...({ kind: 'add', step: 0, language: 1, bucket, key: 'sum' } as const),
        ...{ left: of(0), right: of(1) },
      },
      { kind: 'gram', step: 0, bucket, rows },
    ];
  }
}

/** A checkpoint of what is in memory, and the end of a connection. */
class Partings extends Script {
  readonly #place: number;
  /** They find each other again, and that is no part of it. */
  #hasParted = false;

  constructor(options: ActorOptions, place: number) {
    super(options);
    this.#place = place;
  }

  begin(): Effect[] {
    const { root, values } = this.base;
    return [
      {
        ...({ kind: 'checkpoint', step: 0, root, previousRoot: null, values } as const),
        ...{ buckets: [0, 2], neededFrom: 0 },
      },
    ];
  }

  on(event: Event): Effect[] {
    if (event.kind === 'checkpointed') this.seen.push(`durable ${event.step}`);
    // The first parts once the second has spoken: before that, it may not listen yet.
    if (event.kind === 'peerUp' && this.#place === 1) {
      return [{ kind: 'send', to: [event.peer], message: this.digest(), payload: null }];
    }
    if (event.kind === 'message' && this.#place === 0 && !this.#hasParted) {
      this.#hasParted = true;
      return [{ kind: 'disconnect', peer: event.from, reason: 'the script says so' }];
    }
    if (event.kind === 'peerDown') this.seen.push('parted');
    const isOver = this.seen.includes('durable 0') && this.seen.includes('parted');
    return isOver ? [this.end()] : [];
  }
}

for (const [name, platform] of PLATFORMS) {
  test.serial(`${name}: a timer that is set again replaces the one before`, async (t) => {
    for (const { seen } of await seenOn(t, platform, (options) => new Timers(options))) {
      t.deepEqual(seen, ['heartbeat', 'early: false', 'deadline', 'early: false', 'heartbeat']);
    }
  });

  test.serial(`${name}: messages come once and in order, payloads as they were`, async (t) => {
    const [, listener] = await seenOn(t, platform, (options, place) => new Talk(options, place));
    const beats = Array.from({ length: MESSAGES }, (_, i) => i + 1);
    t.deepEqual(listener!.seen.toSorted(), ['bad was refused', `beats ${beats}`, 'good is here']);
  });

  test.serial(`${name}: what is written becomes durable, and who parts is told`, async (t) => {
    const made = await seenOn(t, platform, (options, place) => new Partings(options, place));
    for (const { seen } of made) {
      t.deepEqual([...new Set(seen)].sort(), ['durable 0', 'parted']);
    }
  });
}

test.serial('numbers in bulk are the same bits wherever they are computed', async (t) => {
  const seen: string[][] = [];
  for (const [, platform] of PLATFORMS) {
    const scripts = await seenOn(t, platform, (options) => new Numbers(options));
    // Which bucket of a unit comes first is each engine's own affair.
    for (const script of scripts) seen.push(script.seen.toSorted());
  }
  const [first] = seen;
  t.true(
    first!.some((line) => line.startsWith('sum tensor')) && first!.at(-2)!.startsWith('loaded 0'),
  );
  for (const other of seen) t.deepEqual(other, first);
});
