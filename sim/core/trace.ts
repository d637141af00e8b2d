/**
 * What happened, as one running hash: the same seed twice must give the same. Lines are kept only
 * where somebody asks for them.
 */
import type { Effect, Event } from '../../node/actor/index.ts';
import { keyOf } from '../../protocol/values.ts';
import { mix } from './draws.ts';

/** One event that a node was told of, as a line: for tests, capsules and whoever debugs. */
export type TraceLine = string;

export class Trace {
  #low = 0x6a09e667;
  #high = 0xbb67ae85;
  readonly #lines: TraceLine[] | null;

  constructor(keepsLines: boolean) {
    this.#lines = keepsLines ? [] : null;
  }

  get hash(): string {
    const hex = (word: number) => word.toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  get lines(): readonly TraceLine[] {
    return this.#lines ?? [];
  }

  /** A node was told of an event and asked for effects. */
  event(atMs: number, node: number, name: string, event: Event, effects: readonly Effect[]): void {
    this.#add(node + 1, atMs * 1024);
    this.#add(effects.length, wordOf(event.kind));
    if (event.kind === 'message') this.#add(wordOf(event.message.kind), stepOf(event));
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i]!;
      if (effect.kind === 'stepped')
        this.#add(effect.step, Number.parseInt(effect.root.slice(0, 8), 16));
    }
    if (this.#lines === null) return;
    const asked = effects.map(effectText).join(', ');
    this.#lines.push(`${atMs.toFixed(3)} ${name} ${eventText(event)}${asked && ` -> ${asked}`}`);
  }

  /** Something of the world: a fault, a start, an end. */
  world(atMs: number, text: string): void {
    this.#add(text.length, atMs * 1024);
    for (let i = 0; i < text.length; i++) this.#add(0, text.charCodeAt(i));
    this.#lines?.push(`${atMs.toFixed(3)} world ${text}`);
  }

  #add(a: number, b: number): void {
    this.#low = mix(mix(this.#low, a), b);
    this.#high = mix(this.#high, this.#low);
  }
}

const words = new Map<string, number>();

/** A number for a kind: made from its letters, so that it is the same in every process. */
function wordOf(kind: string): number {
  let word = words.get(kind);
  if (word === undefined) {
    word = 0;
    for (let i = 0; i < kind.length; i++) word = mix(word, kind.charCodeAt(i));
    words.set(kind, word);
  }
  return word;
}

function stepOf(event: Extract<Event, { kind: 'message' }>): number {
  return event.message.kind === 'digest' ? event.message.standing.step : event.message.step;
}

/** An event in a few words. */
export function eventText(event: Event): string {
  switch (event.kind) {
    case 'message':
      return `${messageText(event.message)} from ${event.from}`;
    case 'peerUp':
    case 'peerDown':
      return `${event.kind} ${event.peer}`;
    case 'timer':
      return `timer ${event.timer}`;
    case 'slice':
      return `slice ${event.step} ${event.language}.${event.unit} ${event.bucket} ${event.outcome}`;
    case 'filed':
      return `filed ${event.key} ${event.ok}`;
    case 'added':
      return `added ${event.key} ${event.outcome}`;
    case 'weighed':
      return `weighed ${event.step} ${event.group}`;
    case 'gram':
    case 'directed':
    case 'updated':
    case 'taken':
      return `${event.kind} ${event.step} ${event.bucket}`;
    case 'rehashed':
      return `rehashed ${event.step} [${event.wrong}]`;
    case 'checkpointed':
      return `checkpointed ${event.step}`;
    case 'loaded':
      return `loaded ${event.loaded.step}`;
    case 'loadFailed':
      return `loadFailed ${event.step} ${event.reason}`;
    default:
      return event.kind;
  }
}

type Message = Extract<Event, { kind: 'message' }>['message'];

/** A message in a few words. */
export function messageText(message: Message): string {
  switch (message.kind) {
    case 'digest': {
      const { step, root, complete, activeFrom } = message.standing;
      const state = `${complete ? 'complete' : 'gathers'} active ${activeFrom}`;
      return `digest ${step} ${root.slice(0, 8)} ${state}`;
    }
    case 'sum': {
      const { step, language, level, index, bucket, outcome } = message;
      return `sum ${step} ${language}.${level}:${index} ${bucket} ${outcome}`;
    }
    case 'want': {
      const names = message.names.map((name) =>
        name.kind === 'sum'
          ? `sum ${name.step} ${name.language}.${name.level}:${name.index} ${name.bucket}`
          : `${name.kind} ${name.step} ${name.bucket}`,
      );
      return `want ${message.step}${message.compute ? ' compute' : ''} [${names.join('; ')}]`;
    }
    case 'question':
    case 'inputs': {
      const known = message.kind === 'question' || message.isKnown ? '' : ' unknown';
      const count = message.kind === 'inputs' ? ` ${message.inputs.length}${known}` : '';
      return `${message.kind} ${message.step} ${keyOf(message.value)}${count}`;
    }
    default:
      return `${message.kind} ${message.step} ${message.bucket}`;
  }
}

/** An effect in a few words. */
export function effectText(effect: Effect): string {
  switch (effect.kind) {
    case 'send':
      return `send ${messageText(effect.message)} to ${effect.to.join(' ')}`;
    case 'setTimer':
      return `timer ${effect.timer} ${Math.round(effect.delayMs)}`;
    case 'compute':
      return `compute ${effect.step} ${effect.language}.${effect.unit} #${effect.attempt}`;
    case 'file':
    case 'add':
      return `${effect.kind} ${effect.key}`;
    case 'adopt':
    case 'follow':
      return `${effect.kind} ${effect.key} as ${effect.step} ${effect.bucket}`;
    case 'weigh':
    case 'setState':
      return `${effect.kind} ${effect.step} ${effect.group}`;
    case 'take':
    case 'unhold':
    case 'gram':
    case 'direct':
    case 'update':
    case 'keep':
      return `${effect.kind} ${effect.step} ${effect.bucket}`;
    case 'rehash':
      return `rehash ${effect.step}`;
    case 'clear':
      return 'clear';
    case 'left':
      return `left ${effect.step}`;
    case 'drop':
      return `drop ${effect.keys.join('; ')}`;
    case 'checkpoint':
      return `checkpoint ${effect.step} [${effect.buckets}] needed from ${effect.neededFrom}`;
    case 'load':
      return `load ${effect.step}`;
    case 'stepped':
    case 'finished':
      return `${effect.kind} ${effect.step} ${effect.root.slice(0, 8)}`;
    case 'log':
      return `log "${effect.text}"`;
    case 'disconnect':
      return `disconnect ${effect.peer} "${effect.reason}"`;
    case 'failed':
      return `failed ${effect.error} "${effect.text}"`;
  }
}
