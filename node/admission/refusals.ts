/** Refusals: what the other side says of one, and which of them mean that waiting is no use. */
import { DialError, NetworkKeyError, PeerNotAllowedError, RefusedError } from './errors.ts';
import type { LinkFrame } from './hello.ts';

/** A peer was refused, or refused us. */
export interface Refusal {
  /** Names both sides' values. */
  readonly error: Error;
  /** Null where the handshake failed before the other side was known. */
  readonly peerId: string | null;
  /** The address as given in `peers`, if this node dialled it because of that. */
  readonly configured: string | null;
}

/** The other side's refusal as the error that says the same from here. */
export function toldRefusal(
  { error, message }: Extract<LinkFrame, { kind: 'refuse' }>,
  label: string,
  localPeerId: string,
): Error {
  if (error === 'PeerNotAllowedError') {
    const advice = `Add ${localPeerId} to its network.allow.`;
    return new PeerNotAllowedError(`${label} does not allow this node. ${advice}`, localPeerId);
  }
  if (error === 'NetworkKeyError') return new NetworkKeyError(label);
  return new RefusedError(label, error, message);
}

/** Refusals while a node waits for the others. */
export class Refusals {
  #fatal: Error | null = null;
  #waits = true;

  /**
   * A node that can't be reached may still come up, and a stranger that dials this node is none of
   * its business; but a peer that the user named and that is of another run never becomes right.
   */
  add({ error, configured }: Refusal): void {
    if (!this.#waits || configured === null || error instanceof DialError) return;
    this.#fatal ??= error;
  }

  /** The others are there; from now on nobody who is refused ends anything. */
  end(): void {
    this.#waits = false;
    this.#fatal = null;
  }

  /** Whether throwIfFatal is going to throw, and so to tell why. */
  get isFatal(): boolean {
    return this.#fatal !== null;
  }

  throwIfFatal(): void {
    if (this.#fatal !== null) throw this.#fatal;
  }
}
