/**
 * The order in which two nodes come to trust each other: nonces, proofs of the network key, hellos,
 * then each side's word that it accepts the other's. A small state machine, no streams or clocks.
 */
import { FrameMalformedError } from '../../protocol/wire.ts';
import { NetworkKeyError } from './errors.ts';
import { compareHellos, type Hello, isProven, type LinkFrame, proofOf } from './hello.ts';

export interface AdmissionInput {
  readonly localPeerId: string;
  readonly peerId: string;
  /** Fresh random bytes. */
  readonly nonce: Uint8Array;
  readonly networkKey: Uint8Array | undefined;
  readonly hello: Hello;
}

export type AdmissionFrame = Extract<LinkFrame, { kind: 'nonce' | 'proof' | 'hello' | 'accept' }>;

export function isAdmissionFrame(frame: LinkFrame): frame is AdmissionFrame {
  return ['nonce', 'proof', 'hello', 'accept'].includes(frame.kind);
}

export class Admission {
  /** The other side's hello, once its proof held and its values agreed with ours. */
  theirs: Hello | null = null;
  /** Whether both sides have accepted each other. */
  isComplete = false;
  readonly #input: AdmissionInput;
  #next: AdmissionFrame['kind'] | 'nothing' = 'nonce';
  #theirNonce = new Uint8Array();

  constructor(input: AdmissionInput) {
    this.#input = input;
  }

  /** What this side says first. */
  opening(): LinkFrame {
    return { kind: 'nonce', nonce: this.#input.nonce };
  }

  /**
   * What to answer. Throws FrameMalformedError for a frame out of order, NetworkKeyError,
   * ProtocolVersionError, RunMismatchError, RedundancyMismatchError or NumericsClassError for a
   * peer that doesn't belong.
   */
  receive(frame: AdmissionFrame): LinkFrame[] {
    if (frame.kind !== this.#next)
      throw new FrameMalformedError(`${frame.kind} where ${this.#next} was due`);
    const { networkKey, hello, peerId } = this.#input;
    switch (frame.kind) {
      case 'nonce': {
        this.#next = 'proof';
        this.#theirNonce = new Uint8Array(frame.nonce);
        const proof = networkKey ? proofOf(networkKey, this.#proofInput(true)) : null;
        return [{ kind: 'proof', proof }, hello];
      }
      case 'proof':
        this.#next = 'hello';
        if (isProven(networkKey, frame.proof, this.#proofInput(false))) return [];
        throw new NetworkKeyError(peerId);
      case 'hello': {
        this.#next = 'accept';
        const mismatch = compareHellos(hello, frame, peerId);
        if (mismatch !== null) throw mismatch;
        this.theirs = frame;
        return [{ kind: 'accept' }];
      }
      case 'accept':
        this.#next = 'nothing';
        this.isComplete = true;
        return [];
    }
  }

  #proofInput(isOurs: boolean) {
    const { localPeerId, peerId, nonce } = this.#input;
    return isOurs
      ? {
          senderId: localPeerId,
          receiverId: peerId,
          senderNonce: nonce,
          receiverNonce: this.#theirNonce,
        }
      : {
          senderId: peerId,
          receiverId: localPeerId,
          senderNonce: this.#theirNonce,
          receiverNonce: nonce,
        };
  }
}
