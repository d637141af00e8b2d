/**
 * A liar that stands by its words: the actor behind it knows only what it would have said in
 * honesty, so that questions about the lie reach it as questions about that, and its answers leave
 * as if they were about the lie.
 */
import { agree, type Claim, claimedBy, nameOf, printOf } from '../../protocol/claims.ts';
import type { ClaimedName, MessageOf } from '../../protocol/messages.ts';
import { keyOf } from '../../protocol/values.ts';

interface Words {
  readonly value: ClaimedName;
  readonly print: string;
}

export class Perjury {
  /** By what was said: what would have been. */
  readonly #honest = new Map<string, Words>();
  /** By what would have been said: what it was asked about last. */
  readonly #asked = new Map<string, Words>();

  /** A claim left otherwise than the actor made it. */
  altered(before: Claim, after: Claim): void {
    const words = { value: claimedBy(before), print: printOf(before) };
    this.#honest.set(idOf(after.root, nameOf(after), printOf(after)), words);
  }

  /** Whether a claim is not what the actor made: for whoever watches. */
  isLie(claim: Claim): boolean {
    const print = printOf(claim);
    const name = nameOf(claim);
    const honest = this.#honest.get(idOf(claim.root, name, print));
    if (honest === undefined) return false;
    return keyOf(honest.value) !== name || !agree(honest.print, print);
  }

  /** A question as the actor can answer it. */
  asked(question: MessageOf<'question'>): MessageOf<'question'> {
    const { root, value, print } = question;
    const honest = this.#honest.get(idOf(root, keyOf(value), print));
    if (honest === undefined) return question;
    this.#asked.set(idOf(root, keyOf(honest.value), honest.print), { value, print });
    return { ...question, ...honest };
  }

  /** Its answer, about what was asked. */
  answer(inputs: MessageOf<'inputs'>): MessageOf<'inputs'> {
    const { root, value, print } = inputs;
    return { ...inputs, ...this.#asked.get(idOf(root, keyOf(value), print)) };
  }
}

const idOf = (root: string, name: string, print: string) => `${root} ${name} ${print}`;
