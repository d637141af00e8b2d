/** Why two nodes do not come together, each with both sides' values and never with a key. */
import { IsoglossError } from '../../protocol/errors.ts';

/** The other node of an error: its name where it is known, and its peer id. */
export type PeerLabel = string;

/** `kestrel (…x1Yz3k)`, or the end of the peer id alone. */
export function labelOf(peerId: string, name?: string): PeerLabel {
  const short = `…${peerId.slice(-6)}`;
  return name ? `${name} (${short})` : short;
}

abstract class MismatchError extends IsoglossError {
  readonly peer: PeerLabel;
  readonly expected: string;
  readonly actual: string;

  constructor(message: string, peer: PeerLabel, expected: string, actual: string) {
    super(message);
    this.peer = peer;
    this.expected = expected;
    this.actual = actual;
  }
}

export class ProtocolVersionError extends MismatchError {
  override readonly name = 'ProtocolVersionError';

  constructor(peer: PeerLabel, expected: string, actual: string) {
    const advice = 'Run the same isogloss version on all nodes.';
    const message = `${peer} speaks protocol ${actual}, this node ${expected}. ${advice}`;
    super(message, peer, expected, actual);
  }
}

const differ = ({ length }: readonly string[]) => (length === 1 ? 'differs' : 'differ');

export class RunMismatchError extends MismatchError {
  override readonly name = 'RunMismatchError';

  /** Keys of the manifest in which the two runs differ. */
  readonly keys: readonly string[];

  constructor(peer: PeerLabel, expected: string, actual: string, keys: readonly string[]) {
    const advice = 'Start all nodes with the same config, model and data.';
    const where = keys.length === 0 ? '' : `: ${keys.join(', ')} ${differ(keys)}`;
    super(
      `${peer} is of run ${actual}, this node of run ${expected}${where}. ${advice}`,
      peer,
      expected,
      actual,
    );
    this.keys = keys;
  }
}

/** Each node would count on copies that others do not keep. */
export class RedundancyMismatchError extends MismatchError {
  override readonly name = 'RedundancyMismatchError';

  constructor(peer: PeerLabel, expected: number, actual: number) {
    const here = `this node on ${expected}`;
    const advice = 'Set network.redundancy alike on all nodes.';
    const message = `${peer} keeps each bucket on ${actual} of the nodes, ${here}. ${advice}`;
    super(message, peer, String(expected), String(actual));
  }
}

export class NumericsClassError extends MismatchError {
  override readonly name = 'NumericsClassError';

  constructor(peer: PeerLabel, expected: string, actual: string) {
    const advice = 'Use the same --engine on the same kind of machine.';
    super(
      `${peer} computes as ${actual}, this node as ${expected}: bits would differ. ${advice}`,
      peer,
      expected,
      actual,
    );
  }
}

/** One of the two sides has an allow-list that lacks the other. */
export class PeerNotAllowedError extends IsoglossError {
  override readonly name = 'PeerNotAllowedError';
  readonly peerId: string;

  /** `peerId` is the one that is not on the list. */
  constructor(message: string, peerId: string) {
    super(message);
    this.peerId = peerId;
  }
}

/** Handshake or proof failed: the keys differ, or the other side is something else. */
export class NetworkKeyError extends IsoglossError {
  override readonly name = 'NetworkKeyError';
  readonly where: string;

  constructor(where: string) {
    super(
      `${where}: the network key differs, or no isogloss node is there. ` +
        'Give all nodes the same key file, and check the address.',
    );
    this.where = where;
  }
}

/** No address of a peer could be reached. */
export class DialError extends IsoglossError {
  override readonly name = 'DialError';
  readonly addresses: readonly string[];

  constructor(addresses: readonly string[], reasons: string, options?: ErrorOptions) {
    super(`${addresses.join(', ')}: ${reasons}. Start the node there, or open its port.`, options);
    this.addresses = addresses;
  }
}

/** The other side closed the connection and said why. */
export class RefusedError extends IsoglossError {
  override readonly name = 'RefusedError';
  readonly peer: PeerLabel;
  /** The name of the other side's error. */
  readonly remoteName: string;

  constructor(peer: PeerLabel, remoteName: string, message: string) {
    super(`${peer} closed the connection: ${remoteName}: ${message}`);
    this.peer = peer;
    this.remoteName = remoteName;
  }
}
