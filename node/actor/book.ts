/**
 * The book: for the last steps, what this node said and what of others went into it, each with its
 * maker's signature. Whoever finds one of its values wrong asks for that, so that the one who was
 * wrong is refused, and not the one who used it.
 */
import { type Claim, claimedBy, nameOf, printOf } from '../../protocol/claims.ts';
import {
  type ClaimedName,
  INPUTS_MAX,
  type Input,
  type MessageOf,
} from '../../protocol/messages.ts';
import { contains } from '../../protocol/tree.ts';
import { keyOf, type ValueKey } from '../../protocol/values.ts';
import type { Context } from './context.ts';
import { QUESTIONS_MAX } from './inquiries.ts';

/** Steps that are remembered, the one at hand among them. */
const STEPS = 6;
/**
 * Answers to one node about one step. An answer is much longer than its question, and takes a look
 * at all that was used; a node that goes back, or begins anew, has forgotten what it asked.
 */
const ANSWERS_MAX = 2 * QUESTIONS_MAX;

/** A claim of somebody else that was used here. */
export interface Taken {
  readonly from: string;
  readonly claim: Claim;
  readonly signature: Uint8Array;
}

/** One step, from when this node came to stand at it. */
interface Page {
  readonly said: Map<ValueKey, Claim>;
  /** By name; a bucket that is taken on again can have its direction from two. */
  readonly taken: Map<ValueKey, Taken[]>;
  /** Buckets whose next value came from a disk: nobody signed what it was made from. */
  readonly read: Set<number>;
  /** By node: questions of it that were answered. */
  readonly answered: Map<string, number>;
}

export class Book {
  readonly #context: Context;
  readonly #pages = new Map<number, Page>();
  /** By node: questions about steps without a page, since this node came to stand at its step. */
  readonly #strange = new Map<string, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  get size(): number {
    let size = 0;
    for (const { said, taken } of this.#pages.values()) size += said.size + taken.size;
    return size;
  }

  /** This node works on from a step, or gathers the one after it. */
  begin(): void {
    const { step } = this.#context;
    for (const old of this.#pages.keys()) {
      if (old <= step - STEPS || old > step) this.#pages.delete(old);
    }
    const page = { said: new Map(), taken: new Map(), read: new Set<number>() };
    this.#pages.set(step, { ...page, answered: new Map() });
    this.#strange.clear();
  }

  /** This node said a value, or may be asked for it. */
  said(claim: Claim, name: ValueKey): void {
    this.#pages.get(claim.step)?.said.set(name, claim);
  }

  /** A value of somebody else is used here. */
  took(taken: Taken): void {
    const page = this.#pages.get(taken.claim.step);
    const name = nameOf(taken.claim);
    page?.taken.set(name, [...(page.taken.get(name) ?? []), taken]);
  }

  /** The next value of a bucket was read from a disk. */
  read(bucket: number): void {
    this.#pages.get(this.#context.step)?.read.add(bucket);
  }

  /** Whether this node used a value, and only as it was said in these words. */
  used(step: number, name: ValueKey, print: string): boolean {
    const taken = this.#pages.get(step)?.taken.get(name) ?? [];
    return taken.length > 0 && taken.every(({ claim }) => printOf(claim) === print);
  }

  /** What others said and this node made a value from, or may have. */
  usedFor(step: number, value: ClaimedName): readonly Taken[] {
    const { exchangesParts } = this.#context;
    const taken = this.#pages.get(step)?.taken.values() ?? [];
    return [...taken].flat().filter(({ claim }) => mayBeIn(claim, value, exchangesParts));
  }

  /**
   * What this node made a value from, if it has said it in the words that it is asked about. Null:
   * the node that asks has had answers enough.
   */
  answer(from: string, question: MessageOf<'question'>): MessageOf<'inputs'> | null {
    const { step, root, value, print } = question;
    const answered = this.#pages.get(step)?.answered ?? this.#strange;
    const count = (answered.get(from) ?? 0) + 1;
    if (count > ANSWERS_MAX) return null;
    answered.set(from, count);
    const about = { kind: 'inputs', step, root, value, print } as const;
    const unknown = { ...about, isKnown: false, inputs: [] };
    const page = this.#pages.get(step);
    const said = page?.said.get(keyOf(value));
    if (page === undefined || said?.root !== root || printOf(said) !== print) return unknown;
    if (page.read.has(value.bucket)) return unknown;
    const taken = this.usedFor(step, value);
    if (taken.length > INPUTS_MAX) return unknown;
    return { ...about, isKnown: true, inputs: taken.map(inputOf) };
  }

  /** Everything that was remembered is of no use any more. */
  clear(): void {
    this.#pages.clear();
    this.#strange.clear();
  }
}

function inputOf({ from, claim, signature }: Taken): Input {
  return { value: claimedBy(claim), print: printOf(claim), from, signature };
}

/**
 * Whether a value can have been made from a claim. Rather too much than too little: whoever lists
 * a wrong input is not the one to be blamed.
 */
function mayBeIn(claim: Claim, value: ClaimedName, exchangesParts: boolean): boolean {
  // Gram and norm parts of one bucket, and so the sums that they were made from, go into others.
  if (value.kind !== 'sum') return exchangesParts || claim.bucket === value.bucket;
  if (claim.kind !== 'sum') return false;
  const isSameRow = claim.bucket === value.bucket && claim.language === value.language;
  return isSameRow && (contains(value, claim) || contains(claim, value));
}
