/**
 * Claims: what a node says of a value that others use. It signs each, so that whoever used it can
 * show later who said it. Frames of claims carry the signature.
 */
import { hashOf } from './hashes.ts';
import {
  type ClaimedName,
  type Input,
  type Message,
  MessageError,
  type MessageOf,
  packNumbers,
  parseMessage,
  type Resolution,
} from './messages.ts';
import { keyOf, type ValueKey } from './values.ts';

/** The messages that bring a value. */
export type Claim =
  | MessageOf<'sum'>
  | MessageOf<'gram'>
  | MessageOf<'norm'>
  | MessageOf<'direction'>
  | MessageOf<'update'>;

/** Bytes of a signature (Ed25519, RFC 8032). */
export const SIGNATURE_BYTES = 64;

/** Who signs for a node, and tells whether others did. */
export interface Seal {
  /** The node's signature of a text, SIGNATURE_BYTES long. */
  sign(text: string): Uint8Array;
  /** Whether a node signed a text. */
  verify(id: string, text: string, signature: Uint8Array): boolean;
}

/** What a frame brought: `signature` comes with claims, and only with them. */
export interface Opened {
  readonly message: Message;
  readonly signature: Uint8Array | null;
}

export function isClaim(message: Message): message is Claim {
  const { kind } = message;
  return (
    kind === 'sum' ||
    kind === 'gram' ||
    kind === 'norm' ||
    kind === 'direction' ||
    kind === 'update'
  );
}

/** The value that a claim brings. */
export function claimedBy(claim: Claim): ClaimedName {
  const { kind, step, bucket } = claim;
  if (kind === 'update') return { kind: 'value', step: step + 1, bucket };
  if (kind !== 'sum') return { kind, step, bucket };
  const { language, level, index } = claim;
  return { kind, step, language, level, index, bucket };
}

/** Its name. */
export function nameOf(claim: Claim): ValueKey {
  if (claim.kind !== 'update') return keyOf(claim);
  return keyOf({ kind: 'value', step: claim.step + 1, bucket: claim.bucket });
}

/** Of claims with vectors, which are hashed: each is asked for several times. */
const prints = new WeakMap<Claim, string>();

/**
 * What a claim says of its value, as one line: the same for all who are right, but that an update
 * may come without how it was resolved; see `agree`. What others may learn from it is in it.
 */
export function printOf(claim: Claim): string {
  switch (claim.kind) {
    case 'sum': {
      const { outcome, hash, tokens, lossSum } = claim;
      return printOfSum(outcome, hash, tokens, lossSum);
    }
    case 'norm':
      return String(claim.squaredNorm);
    default: {
      const known = prints.get(claim);
      if (known !== undefined) return known;
      const print = printOfVectors(claim);
      prints.set(claim, print);
      return print;
    }
  }
}

function printOfVectors(claim: MessageOf<'gram' | 'direction' | 'update'>): string {
  switch (claim.kind) {
    case 'gram':
      return printOfGram(claim);
    case 'direction':
      return `${claim.hash} ${hashOf(claim.state)}${MORE}${printOfResolution(claim.resolution)}`;
    case 'update': {
      const { published, optimizer, aggregator, resolution } = claim;
      const value = `${published} ${optimizer} ${aggregator}`;
      return resolution === null ? value : `${value}${MORE}${printOfResolution(resolution)}`;
    }
  }
}

/** Before what a print may lack. */
const MORE = '; ';

/** Whether two prints can both be right. */
export function agree(one: string, other: string): boolean {
  if (one === other) return true;
  const [value, more] = one.split(MORE);
  const [otherValue, otherMore] = other.split(MORE);
  return value === otherValue && (more === undefined || otherMore === undefined);
}

/** Of a sum: `outcome` and hash of its numbers, tokens below it and their summed −ln p. */
export function printOfSum(
  outcome: string,
  hash: string | null,
  tokens: number,
  lossSum: number,
): string {
  return `${outcome} ${hash} ${tokens} ${lossSum}`;
}

function printOfResolution(resolution: Resolution): string {
  return `${printOfGram(resolution)} ${resolution.squaredNorm}`;
}

function printOfGram({ present, gram, losses }: Pick<Resolution, 'present' | 'gram' | 'losses'>) {
  const numbers = losses.flatMap(({ tokens, lossSum }) => [tokens, lossSum]);
  return hashOf(present, gram, packNumbers(Float64Array.from(numbers)));
}

/** What is signed of a claim. */
export interface Signed {
  /** root(step) of the step that it was made from. */
  readonly root: string;
  readonly name: ValueKey;
  readonly print: string;
}

/** The text that a node signs. Names have the step in them, and are of one run. */
export function textOf(runId: string, { root, name, print }: Signed): string {
  return `isogloss claim\n${runId}\n${root}\n${name}\n${print}`;
}

/** A message as the header of its frame, signed if it is a claim. */
export function seal(runId: string, message: Message, { sign }: Seal): unknown {
  if (!isClaim(message)) return message;
  const { root } = message;
  const text = textOf(runId, { root, name: nameOf(message), print: printOf(message) });
  return { claim: message, signature: sign(text) };
}

/** Reads a frame's header, checks no signature. Throws MessageError for what is no message. */
export function openHeader(header: unknown): Opened {
  if (header === null || typeof header !== 'object' || !('claim' in header)) {
    const message = parseMessage(header);
    if (isClaim(message)) throw new MessageError(`message "${message.kind}": it is not signed`);
    return { message, signature: null };
  }
  const message = parseMessage(header.claim);
  const signature = 'signature' in header ? header.signature : null;
  const isSignature = signature instanceof Uint8Array && signature.length === SIGNATURE_BYTES;
  if (!isClaim(message) || !isSignature)
    throw new MessageError(`message "${message.kind}": a claim and its signature expected`);
  return { message, signature };
}

/**
 * The first of the inputs that its maker has not signed. Whoever lists inputs looks before, and
 * whoever is told them after: no claim's signature is checked until somebody must account for it,
 * since a step brings thousands.
 */
export function forgedIn(
  runId: string,
  { root, inputs }: MessageOf<'inputs'>,
  { verify }: Pick<Seal, 'verify'>,
): Input | undefined {
  return inputs.find(({ value, print, from, signature }) => {
    const text = textOf(runId, { root, name: keyOf(value), print });
    return !verify(from, text, signature);
  });
}

/** What a node says that can't show who was wrong. */
export function withoutInputs(message: MessageOf<'inputs'>): MessageOf<'inputs'> {
  return { ...message, isKnown: false, inputs: [] };
}
