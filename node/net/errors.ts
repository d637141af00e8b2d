/** What goes wrong with addresses, ports and keys, and in a conversation that has begun. */
import { type ExitCode, IsoglossError } from '../../protocol/errors.ts';

/** A network key file or an identity file that holds something else. */
export class KeyFileError extends IsoglossError {
  override readonly name = 'KeyFileError';
  override readonly exitCode: ExitCode = 2;
}

/** Without a network key anybody could join, so only this machine may. */
export class ListenWithoutKeyError extends IsoglossError {
  override readonly name = 'ListenWithoutKeyError';
  override readonly exitCode: ExitCode = 2;
  readonly address: string;

  constructor(address: string) {
    super(
      `${address} can be reached from other machines, and there is no network key: ` +
        'set network.keyFile, or listen on /ip4/127.0.0.1/tcp/PORT.',
    );
    this.address = address;
  }
}

/** An address that is no TCP multiaddr. */
export class AddressError extends IsoglossError {
  override readonly name = 'AddressError';
  override readonly exitCode: ExitCode = 2;
  readonly address: string;

  constructor(address: string) {
    super(`${address} is no address such as /ip4/127.0.0.1/tcp/4710 or /dns4/host/tcp/4710.`);
    this.address = address;
  }
}

export class PortInUseError extends IsoglossError {
  override readonly name = 'PortInUseError';
  readonly addresses: readonly string[];

  constructor(addresses: readonly string[], options?: ErrorOptions) {
    super(
      `${addresses.join(', ')} is in use. Stop what listens there, or take another port.`,
      options,
    );
    this.addresses = addresses;
  }
}

/** Listening failed for a reason other than a port in use. */
export class ListenError extends IsoglossError {
  override readonly name = 'ListenError';
}

/** This node ends a connection: asked to, or because a peer broke a rule of conversation. */
export class LinkError extends IsoglossError {
  override readonly name = 'LinkError';
}
