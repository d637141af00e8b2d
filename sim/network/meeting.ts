/**
 * How two processes meet at the end of a dial: the real admission on both sides, in real frames,
 * until both have accepted each other or each knows why not. It takes no time of its own. The proof
 * of the network key stands for the handshake as well, which fails by the same key before it.
 */
import {
  Admission,
  HELLO_LIMITS,
  type Hello,
  isAdmissionFrame,
  type LinkFrame,
  labelOf,
  PeerNotAllowedError,
  parseLinkFrame,
  toldRefusal,
} from '../../node/admission/index.ts';
import { assert } from '../../protocol/assert.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { encodeFrame, FrameDecoder, FrameMalformedError } from '../../protocol/wire.ts';

/** What a process brings to a meeting. */
export interface Visitor {
  readonly peerId: string;
  readonly hello: Hello;
  readonly networkKey: Uint8Array;
  /** Whom it lets in; null: everybody who has the key and is of the run. */
  readonly allow: ReadonlySet<string> | null;
  /** Fresh bytes. */
  readonly nonce: Uint8Array;
}

/** By side: why it does not go on with the other; null where both accepted each other. */
export type Parting = readonly [Error, Error] | null;

export function meet(a: Visitor, b: Visitor): Parting {
  const sides = [new Side(a, b), new Side(b, a)] as const;
  for (const side of sides) side.open();
  for (let said = true; said; ) {
    said = false;
    for (const [i, side] of sides.entries()) {
      const chunks = side.takeSaid();
      said ||= chunks.length > 0;
      for (const chunk of chunks) sides[1 - i]!.read(chunk);
    }
  }
  const [first, second] = sides.map(({ error }) => error);
  if (first && second) return [first, second];
  assert(
    sides.every(({ isComplete }) => isComplete),
    'two that meet both accept each other, or both know why not',
  );
  return null;
}

/** One side of a meeting, as node/net's link is while it opens. */
class Side {
  error: Error | null = null;
  readonly #own: Visitor;
  readonly #other: Visitor;
  readonly #admission: Admission;
  readonly #decoder = new FrameDecoder(HELLO_LIMITS);
  #said: Uint8Array[] = [];

  constructor(own: Visitor, other: Visitor) {
    this.#own = own;
    this.#other = other;
    const { peerId: localPeerId, nonce, networkKey, hello } = own;
    const { peerId } = other;
    this.#admission = new Admission({ localPeerId, peerId, nonce, networkKey, hello });
  }

  get isComplete(): boolean {
    return this.#admission.isComplete;
  }

  open(): void {
    const { allow } = this.#own;
    const { peerId } = this.#other;
    if (allow === null || allow.has(peerId)) this.#say(this.#admission.opening());
    else this.#refuse(new PeerNotAllowedError(`${this.#label} is not on the list`, peerId));
  }

  /** What was said since the last call. */
  takeSaid(): readonly Uint8Array[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  read(chunk: Uint8Array): void {
    if (this.error !== null) return;
    try {
      for (const { header } of this.#decoder.push(chunk)) this.#receive(parseLinkFrame(header));
    } catch (error) {
      if (!(error instanceof IsoglossError)) throw error;
      this.#refuse(error);
    }
  }

  get #label(): string {
    return labelOf(this.#other.peerId, this.#admission.theirs?.name);
  }

  #receive(frame: LinkFrame | null): void {
    if (frame?.kind === 'refuse') {
      this.error = toldRefusal(frame, this.#label, this.#own.peerId);
      return;
    }
    if (frame === null || !isAdmissionFrame(frame))
      throw new FrameMalformedError(`${frame?.kind ?? 'an unknown frame'} before both hellos`);
    for (const answer of this.#admission.receive(frame)) this.#say(answer);
  }

  #refuse(error: IsoglossError): void {
    this.error = error;
    this.#say({ kind: 'refuse', error: error.name, message: error.message });
  }

  #say(frame: LinkFrame): void {
    this.#said.push(...encodeFrame(frame, undefined, 'link'));
  }
}
