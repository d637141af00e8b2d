/**
 * The libp2p host: TCP, noise with the network key in its prologue, and yamux, with limits that
 * suit few long-lived streams between some dozens of nodes rather than the open internet.
 */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { ConnectionEncrypter, Libp2p, PrivateKey } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import type { Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { bulkCrypto } from './cipher.ts';
import { ListenError, PortInUseError } from './errors.ts';

const MIB = 1024 * 1024;
/** Equal on all nodes, or the sender overruns the receiver; part of the protocol version. */
const WINDOW_BYTES = { initialStreamWindowSize: MIB, maxStreamWindowSize: 16 * MIB };
/** What may wait for a reader; ours read at once, so that only a broken stream reaches it. */
const READ_BUFFER_BYTES_MAX = 32 * MIB;
/** Control and bulk, twice while a connection is replaced. */
const STREAMS_PER_CONNECTION_MAX = 4;
/** All nodes of a machine room may start in one second, and from one address. */
const INBOUND_PER_SECOND_MAX = 128;
const HANDSHAKES_MAX = 64;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Of one address; the next is tried after it. */
const ADDRESS_TIMEOUT_MS = 5_000;

export interface HostOptions {
  readonly identity: PrivateKey;
  readonly listen: readonly Multiaddr[];
  readonly networkKey: Uint8Array | undefined;
  readonly maxPeers: number;
  /** An inbound handshake failed; libp2p itself tells only the dialler. */
  readonly onHandshakeFailed: (remoteAddress: string) => void;
}

/** A host that is not started: register stream handlers, then call startHost. */
export async function createHost(options: HostOptions): Promise<Libp2p> {
  const { identity, listen, networkKey, maxPeers, onHandshakeFailed } = options;
  const encrypter = noise({
    crypto: bulkCrypto,
    ...(networkKey && { prologueBytes: networkKey }),
  });
  return await createLibp2p({
    start: false,
    privateKey: identity,
    addresses: { listen: listen.map(String) },
    transports: [tcp()],
    connectionEncrypters: [(components) => watched(encrypter(components), onHandshakeFailed)],
    streamMuxers: [
      yamux({
        maxInboundStreams: STREAMS_PER_CONNECTION_MAX,
        maxEarlyStreams: STREAMS_PER_CONNECTION_MAX,
        streamOptions: { ...WINDOW_BYTES, maxReadBufferLength: READ_BUFFER_BYTES_MAX },
      }),
    ],
    connectionManager: {
      // Two nodes may dial each other at once; the spare connection is closed a moment later.
      maxConnections: 2 * maxPeers + HANDSHAKES_MAX,
      inboundConnectionThreshold: INBOUND_PER_SECOND_MAX,
      maxIncomingPendingConnections: HANDSHAKES_MAX,
      inboundUpgradeTimeout: HANDSHAKE_TIMEOUT_MS,
      dialTimeout: 2 * HANDSHAKE_TIMEOUT_MS,
      addressDialTimeout: ADDRESS_TIMEOUT_MS,
    },
    // Its pings cut a connection whose other side is merely busy; Link has pings of its own.
    connectionMonitor: { enabled: false },
  });
}

/** Starts to listen. Throws PortInUseError, or ListenError for another reason. */
export async function startHost(host: Libp2p): Promise<void> {
  try {
    await host.start();
  } catch (cause) {
    const { message } = cause as Error;
    const inUse = [...message.matchAll(/^\s*(\/\S+): .*EADDRINUSE/gm)].map(
      ([, address]) => address!,
    );
    if (inUse.length > 0) throw new PortInUseError(inUse, { cause });
    const lines = message.split('\n').filter((line) => !/^\s*at /.test(line) && line.trim() !== '');
    throw new ListenError(lines.join(' ').slice(0, 1000), { cause });
  }
}

/** Reports failures of the side that is dialled. */
function watched<Extension>(
  encrypter: ConnectionEncrypter<Extension>,
  onFailed: (remoteAddress: string) => void,
): ConnectionEncrypter<Extension> {
  const secureInbound = encrypter.secureInbound.bind(encrypter);
  encrypter.secureInbound = async (connection, options) => {
    try {
      return await secureInbound(connection, options);
    } catch (error) {
      const { remoteAddr } = connection as { remoteAddr?: Multiaddr };
      onFailed(remoteAddr?.toString() ?? 'an unknown address');
      throw error;
    }
  };
  return encrypter;
}
