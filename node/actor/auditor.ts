/**
 * Audits: at a step that is drawn by itself alone, this node makes the next value of every bucket
 * that it holds from its own computations, and uses nothing that others say of them. What they say
 * is compared instead. A difference is a question, which the node decides by its own computation
 * alone: once it is certain that its own memory is sound, whoever said it is asked what it was made
 * from, and whoever was wrong first is refused.
 */
import {
  agree,
  type Claim,
  claimedBy,
  nameOf,
  printOf,
  printOfSum,
} from '../../protocol/claims.ts';
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import type { ClaimedName, MessageOf } from '../../protocol/messages.ts';
import type { Place } from '../../protocol/tree.ts';
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { AuditPorts } from './audit-ports.ts';
import type { Book } from './book.ts';
import type { Context } from './context.ts';
import { type Doubt, Doubts } from './doubts.ts';
import { faultOf } from './faults.ts';
import { Inquiries, type Wrong } from './inquiries.ts';
import { sliceKey } from './keys.ts';
import type { Entry } from './reduction.ts';
import { Refusals } from './refusals.ts';
import type { RehashedEvent, SliceEvent } from './types.ts';

/** What somebody said of a value, for comparison. */
interface Word {
  readonly from: string;
  readonly root: Hash;
  readonly print: string;
  /** Whether the one who said it answers for all that it says. */
  readonly isVouched: boolean;
}

/** Somebody's word that differs from what this node computed; a root is of many values. */
interface Question extends Doubt {
  readonly word: Word;
  readonly value: ClaimedName | 'root';
}

/** What comes so many steps late is still compared: nodes that check everything wait for nobody. */
const AGE_MAX = 6;
/** Words of one node on one value: who says more has said enough. */
const WORDS_MAX = 2;
/** Digits of a hash that a draw looks at. */
const DRAW_DIGITS = 13;

export class Auditor {
  readonly #context: Context;
  readonly #ports: AuditPorts;
  /** By step of late: what was drawn, since every message asks. */
  readonly #drawn = new Map<number, boolean>();
  /** Buckets of the step at hand that are made from this node's own work alone. */
  #covered = new Set<number>();
  /** Computations under way, by attempt: slices that are still to come. */
  readonly #computing = new Map<number, number>();
  /** By name, of this step and some before: what this node computed. */
  readonly #own = new Map<ValueKey, { readonly step: number; readonly print: string }>();
  /** By name, of this step and the next: what others said before it was computed here. */
  readonly #words = new Map<ValueKey, { readonly step: number; readonly words: Word[] }>();
  /** Nodes that said they make every value themselves. */
  readonly #vouching = new Set<string>();
  readonly #doubts: Doubts<Question>;
  readonly #book: Book;
  readonly #inquiries: Inquiries;
  readonly #refusals: Refusals;

  constructor(context: Context, book: Book, ports: AuditPorts) {
    this.#context = context;
    this.#ports = ports;
    this.#book = book;
    this.#doubts = new Doubts(context);
    this.#refusals = new Refusals(context, () => ports.refused());
    this.#inquiries = new Inquiries(context, book, {
      own: (name) => this.#own.get(name)?.print,
      convict: (wrong) => this.#convict(wrong),
      closed: () => ports.settled(),
    });
  }

  get size(): number {
    let size = this.#own.size + this.#doubts.size + this.#drawn.size;
    for (const { words } of this.#words.values()) size += words.length;
    return size;
  }

  /** Whether answers are still to come that may say who was wrong; others wait for nothing. */
  get asks(): boolean {
    return !this.#context.believesNobody && this.#inquiries.holdsUp;
  }

  /** Whether this node audits a step; nobody else can tell. */
  audits(step: number): boolean {
    const { rate, secret } = this.#context.options.audit ?? { rate: 0, secret: '' };
    if (rate <= 0 || rate >= 1) return rate >= 1;
    let isDrawn = this.#drawn.get(step);
    if (isDrawn === undefined) {
      const drawn = hashOf('audit\n', secret, '\n', this.#context.options.runId, `\n${step}`);
      isDrawn = Number.parseInt(drawn.slice(0, DRAW_DIGITS), 16) / 16 ** DRAW_DIGITS < rate;
      this.#drawn.set(step, isDrawn);
    }
    return isDrawn;
  }

  /** Leaves the step at hand: what was computed for it is of no use. */
  reset(): void {
    this.#covered.clear();
    this.#computing.clear();
    this.#own.clear();
    this.#words.clear();
    this.#doubts.clear();
    this.#inquiries.clear();
    this.#book.clear();
  }

  /** This node stands at a step, and works on from it where `works`. */
  begin(works: boolean): void {
    const { step } = this.#context;
    this.#computing.clear();
    this.#covered.clear();
    for (const drawnFor of this.#drawn.keys())
      if (drawnFor < step - 1) this.#drawn.delete(drawnFor);
    for (const [name, own] of this.#own) if (own.step < step - AGE_MAX) this.#own.delete(name);
    for (const [name, { step: of }] of this.#words) if (of < step) this.#words.delete(name);
    if (works && this.audits(step)) this.#audit();
  }

  #audit(): void {
    const { step, buckets, options, self } = this.#context;
    for (const bucket of buckets) {
      if (!this.#ports.needs(bucket)) continue;
      this.#covered.add(bucket);
      this.#ports.open(bucket);
    }
    if (this.#covered.size === 0) return;
    options.languages.forEach(({ unitsPerStep }, language) => {
      if (!this.#context.hasText(self, language)) return;
      for (let unit = 0; unit < unitsPerStep; unit++) {
        const attempt = this.#ports.attempt();
        this.#computing.set(attempt, this.#context.bucketCount);
        this.#context.emit({ kind: 'compute', step, language, unit, attempt });
      }
    });
  }

  /**
   * It takes too long: the node goes on as one that does not audit this step. Others may wait for
   * what only it holds, and some audits less are what a rate below 1 allows for. At rate 1 it
   * insists, unless it lacks text, and nobody may have kept what came of that.
   */
  giveUp(): void {
    const { options, lacksText } = this.#context;
    if (lacksText || (options.audit?.rate ?? 0) < 1) this.#covered.clear();
  }

  /** Whether nothing that others say of a bucket's next value is used. */
  covers(bucket: number): boolean {
    return this.#covered.has(bucket);
  }

  /** Whether sums of a language are not taken from others either. */
  coversSum(language: number, bucket: number): boolean {
    return this.#covered.has(bucket) && this.#context.hasText(this.#context.self, language);
  }

  /** A slice is computed; false where it was not for an audit. */
  slice(event: SliceEvent): boolean {
    const left = this.#computing.get(event.attempt);
    if (left === undefined || event.step !== this.#context.step) return false;
    if (left > 1) this.#computing.set(event.attempt, left - 1);
    else this.#computing.delete(event.attempt);
    const { language, unit, bucket, outcome, hash, tokens, lossSum } = event;
    const key = outcome === 'tensor' ? sliceKey(event) : null;
    const entry: Entry = { outcome, key, hash, tokens, lossSum };
    if (this.covers(bucket)) this.#ports.file(language, bucket, { level: 0, index: unit }, entry);
    else if (key !== null) this.#context.drop([key]);
    return true;
  }

  /** The sum under a place of a bucket that is resolved here. */
  summed(language: number, bucket: number, { level, index }: Place, entry: Entry): void {
    if (!this.coversSum(language, bucket)) return;
    const { step } = this.#context;
    const { outcome, hash, tokens, lossSum } = entry;
    const value = { kind: 'sum', step, language, level, index, bucket } as const;
    this.#computed(value, printOfSum(outcome, hash, tokens, lossSum));
  }

  /** This node says a value. */
  said(claim: Claim): void {
    if (claim.kind === 'sum' || claim.step !== this.#context.step) return;
    // It was read from a disk, and not computed.
    if (claim.kind === 'update' && claim.resolution === null) return;
    if (this.covers(claim.bucket)) this.#computed(claimedBy(claim), printOf(claim));
  }

  #computed(value: ClaimedName, print: string): void {
    const { step, root } = this.#context;
    const name = keyOf(value);
    this.#own.set(name, { step, print });
    const early = this.#words.get(name);
    this.#words.delete(name);
    for (const word of early?.words ?? []) {
      if (word.root === root && !agree(word.print, print)) this.#ask(word, step, value);
    }
  }

  /** A node says whether it answers for all that it says; it may come back otherwise. */
  vouches(from: string, does: boolean): void {
    if (does) this.#vouching.add(from);
    else this.#vouching.delete(from);
  }

  /** Somebody says a value: it is compared with what this node computed, or will compute. */
  note(from: string, claim: Claim, hasPayload: boolean): void {
    const { step } = this.#context;
    const age = step - claim.step;
    if (age < -1 || age > AGE_MAX) return;
    if (!this.audits(claim.step)) {
      if (claim.kind === 'sum' && age === 0) this.#refusals.trust(from, claim.step);
      return;
    }
    if (faultOf(this.#context, claim, hasPayload) !== null) return;
    const { root } = claim;
    if (age >= 0 && root !== this.#context.stoodAt(claim.step)?.root) return;
    const name = nameOf(claim);
    const own = this.#own.get(name);
    const word = { from, root, print: printOf(claim), isVouched: this.#vouching.has(from) };
    if (own !== undefined) {
      if (!agree(own.print, word.print)) this.#ask(word, claim.step, claimedBy(claim));
    } else if (age <= 0) {
      const known = this.#words.get(name) ?? { step: claim.step, words: [] };
      this.#words.set(name, known);
      const said = known.words.filter((one) => one.from === from);
      if (said.length >= WORDS_MAX || said.some((one) => one.print === word.print)) return;
      known.words.push(word);
    }
  }

  /** Somebody's root of a step is not this node's. False: that decides nothing. */
  differs(from: string, step: number, root: Hash): boolean {
    const { believesNobody } = this.#context;
    const isVouched = this.#vouching.has(from);
    const word = { from, root: '', print: root, isVouched };
    if (believesNobody && isVouched) this.#ask(word, step, 'root');
    return believesNobody;
  }

  /** Memory that has rotted shows itself before anybody is blamed. */
  #ask(word: Word, step: number, value: Question['value']): void {
    const { from, print } = word;
    if (this.#context.view.isRefused(from)) return;
    this.#doubts.add({ from, step, said: `${nameOfQuestion(step, value)} ${print}`, word, value });
  }

  /** What is in memory of a step was hashed again. */
  rehashed({ step, wrong }: RehashedEvent): void {
    const asked = this.#doubts.answered(step);
    if (asked.length === 0) return;
    if (wrong.length > 0) {
      const text =
        `step ${step}: bucket ${wrong.join(', ')} in this node's memory is no longer what it ` +
        "was; check this machine's memory";
      this.#context.emit({ kind: 'failed', error: 'MemoryFault', text });
      return;
    }
    for (const { word, value } of asked) {
      const { from, root, print } = word;
      if (value !== 'root' && root !== this.#context.stoodAt(step)?.root) continue;
      if (value === 'root' || (word.isVouched && this.#context.believesNobody)) {
        this.#refusals.refuse(from, step, nameOfQuestion(step, value), '');
      } else this.#inquiries.ask({ from, step, root, value, print, usedBy: [] });
    }
  }

  /** Somebody says from what it made a value. */
  answered(from: string, message: MessageOf<'inputs'>): void {
    this.#inquiries.answered(from, message);
  }

  /** Time has passed. */
  tend(): void {
    this.#doubts.tend();
    this.#inquiries.tend();
  }

  #convict({ from, step, value, usedBy }: Wrong): void {
    this.#refusals.refuse(from, step, keyOf(value), usedBy.map((use) => `; ${use}`).join(''));
  }
}

const nameOfQuestion = (step: number, value: Question['value']): ValueKey =>
  keyOf(value === 'root' ? { kind: 'root', step } : value);
