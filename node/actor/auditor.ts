/**
 * Audits: at a step that is drawn by itself alone, this node makes the next value of every bucket
 * that it holds from its own computations, and uses nothing that others say of them. What they say
 * is compared instead. A difference is a question, which the node decides by its own computation
 * alone: once it is certain that its own memory is sound, whoever said it is refused.
 */
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { packNumbers } from '../../protocol/messages.ts';
import type { Place } from '../../protocol/tree.ts';
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { faultOf } from './faults.ts';
import { sliceKey } from './keys.ts';
import { nameOf, type Said } from './outbox.ts';
import type { Entry } from './reduction.ts';
import type { RehashedEvent, SliceEvent } from './types.ts';

export interface AuditPorts {
  /** Whether this node still lacks the whole next value of a bucket that it holds. */
  needs(bucket: number): boolean;
  /** Resolves a bucket here. */
  open(bucket: number): void;
  /** Takes in a slice of a bucket that is resolved here. */
  file(language: number, bucket: number, place: Place, entry: Entry): void;
  /** A number for one more computation of a unit. */
  attempt(): number;
  /** A node was refused. */
  refused(): void;
}

/** What somebody said of a value, for comparison. */
interface Claim {
  readonly from: string;
  readonly root: Hash;
  readonly print: string;
}

/** Somebody's word that differs from what this node computed. */
interface Question {
  readonly from: string;
  readonly step: number;
  readonly name: ValueKey;
  readonly isProof: boolean;
}

/** What comes so many steps late is still compared: nodes that check everything wait for nobody. */
const AGE_MAX = 6;
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
  readonly #claims = new Map<ValueKey, { readonly step: number; readonly claims: Claim[] }>();
  #questions: Question[] = [];
  /** By node: the first step of which a sum of it was used unchecked. */
  readonly #trusted = new Map<string, number>();

  constructor(context: Context, ports: AuditPorts) {
    this.#context = context;
    this.#ports = ports;
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
    this.#claims.clear();
  }

  /** This node stands at a step, and works on from it where `works`. */
  begin(works: boolean): void {
    const { step } = this.#context;
    this.#computing.clear();
    this.#covered.clear();
    for (const drawnFor of this.#drawn.keys())
      if (drawnFor < step - 1) this.#drawn.delete(drawnFor);
    for (const [name, own] of this.#own) if (own.step < step - AGE_MAX) this.#own.delete(name);
    for (const [name, { step: of }] of this.#claims) if (of < step) this.#claims.delete(name);
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
    this.#computed(keyOf({ kind: 'sum', step, language, level, index, bucket }), printOfSum(entry));
  }

  /** This node says a value. */
  said(message: Said): void {
    if (message.kind === 'sum' || message.step !== this.#context.step) return;
    if (this.covers(message.bucket)) this.#computed(nameOf(message), printOf(message));
  }

  #computed(name: ValueKey, print: string): void {
    const { step, root } = this.#context;
    this.#own.set(name, { step, print });
    const early = this.#claims.get(name);
    this.#claims.delete(name);
    for (const claim of early?.claims ?? []) {
      if (claim.root === root && claim.print !== print) this.#ask(claim.from, step, name);
    }
  }

  /** Somebody says a value: it is compared with what this node computed, or will compute. */
  note(from: string, message: Said, hasPayload: boolean): void {
    const { step } = this.#context;
    const age = step - message.step;
    if (age < -1 || age > AGE_MAX) return;
    if (!this.audits(message.step)) {
      if (message.kind === 'sum' && age === 0) this.#trust(from, message.step);
      return;
    }
    if (faultOf(this.#context, message, hasPayload) !== null) return;
    if (age >= 0 && message.root !== this.#context.stoodAt(message.step)?.root) return;
    const name = nameOf(message);
    const own = this.#own.get(name);
    const print = printOf(message);
    if (own !== undefined) {
      if (own.print !== print) this.#ask(from, message.step, name);
    } else if (age <= 0) {
      const known = this.#claims.get(name) ?? { step: message.step, claims: [] };
      this.#claims.set(name, known);
      if (known.claims.some((claim) => claim.from === from && claim.print === print)) return;
      known.claims.push({ from, root: message.root, print });
    }
  }

  #trust(from: string, step: number): void {
    const first = this.#trusted.get(from);
    if (first === undefined || step < first) this.#trusted.set(from, step);
  }

  /** Somebody's root of a step is not this node's. False: that decides nothing. */
  differs(from: string, step: number): boolean {
    const { believesNobody } = this.#context;
    if (believesNobody) this.#ask(from, step, keyOf({ kind: 'root', step }));
    return believesNobody;
  }

  /** Memory that has rotted shows itself before anybody is blamed. */
  #ask(from: string, step: number, name: ValueKey): void {
    if (this.#context.view.isRefused(from)) return;
    const isSum = name.startsWith('sum ');
    const isProof = isSum || (this.#context.options.audit?.rate ?? 0) >= 1;
    if (this.#questions.some((one) => one.from === from && one.step === step)) return;
    this.#questions.push({ from, step, name, isProof });
    const values = this.#context.stoodAt(step)?.values ?? [];
    this.#context.emit({ kind: 'rehash', step, values });
  }

  /** What is in memory of a step was hashed again. */
  rehashed({ step, wrong }: RehashedEvent): void {
    const asked = this.#questions.filter((question) => question.step === step);
    this.#questions = this.#questions.filter((question) => question.step !== step);
    if (asked.length === 0) return;
    if (wrong.length > 0) {
      const text =
        `step ${step}: bucket ${wrong.join(', ')} in this node's memory is no longer what it ` +
        "was; check this machine's memory";
      this.#context.emit({ kind: 'failed', error: 'MemoryFault', text });
      return;
    }
    for (const question of asked) this.#judge(question);
  }

  #judge({ from, step, name, isProof }: Question): void {
    const what = `${name} is not what this node computed from the same parameters`;
    if (!isProof) {
      const text = `step ${step}: ${what}; ${from} said so, or somebody whose work it used`;
      this.#context.log('warn', text);
      return;
    }
    if (!this.#context.view.refuse(from, `step ${step}: its ${what}`)) return;
    const first = this.#trusted.get(from);
    const earlier =
      first === undefined || first >= step
        ? ''
        : `. Its sums of steps ${first} to ${step - 1} were used unchecked: isogloss verify ` +
          'tells whether the run is right';
    const text = `${from} is refused from now on. Step ${step}: its ${what}${earlier}`;
    this.#context.log('warn', text);
    // The reason is for the other side to read.
    const reason = `your ${name} is not what I computed from the same parameters`;
    this.#context.emit({ kind: 'disconnect', peer: from, reason });
    this.#ports.refused();
  }
}

const printOfSum = ({ outcome, hash, tokens, lossSum }: Omit<Entry, 'key'>): string =>
  `${outcome} ${hash} ${tokens} ${lossSum}`;

/** What is the same for all who are right. */
function printOf(message: Said): string {
  switch (message.kind) {
    case 'sum':
      return printOfSum(message);
    case 'norm':
      return String(message.squaredNorm);
    case 'gram': {
      const { present, gram, losses } = message;
      const numbers = losses.flatMap(({ tokens, lossSum }) => [tokens, lossSum]);
      return hashOf(present, gram, packNumbers(Float64Array.from(numbers)));
    }
    case 'direction':
      return `${message.hash} ${hashOf(message.state)}`;
    case 'update':
      return `${message.published} ${message.optimizer} ${message.aggregator}`;
  }
}
