/**
 * Inquiries: where somebody said what this node found wrong, but may have made it from what others
 * said, this node asks what it was made from, and goes on to whoever was wrong before. Each answer
 * is judged by what this node computed itself; the signatures say who said what was used.
 */
import { agree, nameOf, printOf } from '../../protocol/claims.ts';
import type { ClaimedName, Input, MessageOf } from '../../protocol/messages.ts';
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { Book, Taken } from './book.ts';
import type { Context } from './context.ts';

/** A value that somebody got wrong. */
export interface Wrong {
  readonly from: string;
  readonly step: number;
  /** root(step). */
  readonly root: string;
  readonly value: ClaimedName;
  /** What was said of it. */
  readonly print: string;
  /** Who used it, and what that made wrong: the last first. */
  readonly usedBy: readonly string[];
}

export interface InquiryPorts {
  /** What this node computed of a value itself. */
  own(name: ValueKey): string | undefined;
  /** Whoever said this was wrong, and nobody before it was. */
  convict(wrong: Wrong): void;
  /** No inquiry is open any more. */
  closed(): void;
}

interface Open {
  readonly wrong: Wrong;
  readonly untilMs: number;
}

/** An answer that takes longer is not waited for: whoever was asked may be gone. */
const ANSWER_MS = 4_000;
/** Questions to one node about one step. */
export const QUESTIONS_MAX = 8;
/** Nodes of which each used what the next one said. */
const CHAIN_MAX = 6;

export class Inquiries {
  readonly #context: Context;
  readonly #book: Book;
  readonly #ports: InquiryPorts;
  /** By whom was asked about what. */
  readonly #open = new Map<string, Open>();
  /** However many questions come up at a step, they hold it up only so long. */
  #heldUp = { step: -1, untilMs: 0 };
  /** Whether somebody is to be told that nothing is held up any more. */
  #holds = false;
  /** All that was asked at these steps, so that it is asked once. */
  readonly #asked = new Map<string, number>();

  constructor(context: Context, book: Book, ports: InquiryPorts) {
    this.#context = context;
    this.#book = book;
    this.#ports = ports;
  }

  /** Whether answers are still to come that this node's step is worth waiting for. */
  get holdsUp(): boolean {
    const { nowMs, step } = this.#context;
    const isOfStep = this.#heldUp.step === step && nowMs < this.#heldUp.untilMs;
    return this.#open.size > 0 && isOfStep;
  }

  clear(): void {
    this.#open.clear();
    this.#asked.clear();
  }

  /** Asks whoever said it what it was made from. */
  ask(wrong: Wrong): void {
    const { from, step, root, value, print, usedBy } = wrong;
    const { view, nowMs } = this.#context;
    const id = idOf(wrong);
    if (this.#asked.has(id) || view.isRefused(from)) return;
    const others = [...this.#asked].filter(
      ([one, of]) => of === step && one.startsWith(`${from} `),
    );
    if (others.length >= QUESTIONS_MAX || usedBy.length >= CHAIN_MAX) return;
    this.#asked.set(id, step);
    if (this.#heldUp.step !== this.#context.step) {
      this.#heldUp = { step: this.#context.step, untilMs: nowMs + ANSWER_MS };
    }
    if (from === this.#context.self || !view.isAlive(from)) {
      this.#giveUp(wrong, `${from} can't be asked what it was made from`);
      return;
    }
    this.#open.set(id, { wrong, untilMs: nowMs + ANSWER_MS });
    this.#holds = true;
    this.#context.send([from], { kind: 'question', step, root, value, print });
  }

  /** Somebody says what it made a value from. */
  answered(from: string, message: MessageOf<'inputs'>): void {
    const id = idOf({ from, ...message });
    const wrong = this.#open.get(id)?.wrong;
    if (wrong === undefined) return;
    this.#open.delete(id);
    // It is of before a rewind.
    if (wrong.root !== this.#context.stoodAt(wrong.step)?.root) this.#closeIfDone();
    else if (message.isKnown) this.#judge(wrong, message.inputs);
    else this.#giveUp(wrong, `${from} does not remember what it made it from`);
    this.#closeIfDone();
  }

  #judge(wrong: Wrong, inputs: readonly Input[]): void {
    const { from, step, root, value, usedBy } = wrong;
    let doubtful: Input | null = null;
    let isLed = false;
    for (const input of inputs) {
      // Nobody is told anything by itself.
      if (input.from === from) continue;
      const name = keyOf(input.value);
      const own = this.#ports.own(name);
      if (own !== undefined && agree(own, input.print)) continue;
      if (own !== undefined) {
        isLed = true;
        const { value: before, print } = input;
        const used = [`${from} used it for ${keyOf(value)}`, ...usedBy];
        this.ask({ from: input.from, step, root, value: before, print, usedBy: used });
      } else if (!this.#book.used(step, name, input.print)) doubtful ??= input;
    }
    if (isLed) return;
    const own = this.#usedHereOnly(wrong, inputs);
    if (doubtful !== null) {
      const what = `${keyOf(doubtful.value)}, which ${doubtful.from} said`;
      this.#giveUp(wrong, `${from} made it from ${what} and this node can't check`);
    } else if (own !== undefined) {
      const what = `${nameOf(own.claim)}, which ${own.from} said`;
      this.#giveUp(wrong, `this node made it from ${what} and ${from} did not use`);
    } else if (this.#restsOnOthers(value)) {
      this.#giveUp(wrong, 'what goes into it was not all computed here');
    } else this.#ports.convict(wrong);
  }

  /** Where buckets take Gram and norm parts of each other, this node's own value does too. */
  #restsOnOthers({ kind }: ClaimedName): boolean {
    return this.#context.exchangesParts && kind !== 'sum' && kind !== 'gram';
  }

  /** What this node used and whoever is asked did not, so that either may be wrong. */
  #usedHereOnly({ step, value }: Wrong, inputs: readonly Input[]): Taken | undefined {
    const prints = new Map(inputs.map((one) => [keyOf(one.value), one.print]));
    return this.#book.usedFor(step, value).find(({ claim }) => {
      const print = prints.get(nameOf(claim));
      return print === undefined || !agree(print, printOf(claim));
    });
  }

  /** Nobody is to be blamed for it, as far as this node can tell. */
  #giveUp({ from, step, value }: Wrong, why: string): void {
    const what = `${keyOf(value)} of ${from} is not what this node computed`;
    this.#context.log('warn', `step ${step}: ${what} from the same parameters; ${why}`);
  }

  /** Forgets what is long past, and whom nothing is to be heard of any more. */
  tend(): void {
    const { view, nowMs, step } = this.#context;
    for (const [id, { wrong, untilMs }] of this.#open) {
      if (nowMs < untilMs && view.isAlive(wrong.from)) continue;
      this.#open.delete(id);
      this.#giveUp(wrong, `${wrong.from} does not say what it was made from`);
    }
    for (const [id, of] of this.#asked) {
      if (of < step - STEPS_MAX && !this.#open.has(id)) this.#asked.delete(id);
    }
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#holds || this.holdsUp) return;
    this.#holds = false;
    this.#ports.closed();
  }
}

/** Steps for which it is remembered what was asked. */
const STEPS_MAX = 8;

const idOf = ({ from, root, value, print }: Pick<Wrong, 'from' | 'root' | 'value' | 'print'>) =>
  `${from} ${root} ${keyOf(value)} ${print}`;
