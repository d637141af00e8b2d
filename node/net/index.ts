/**
 * Nodes that talk to each other over libp2p: admission, discovery, and frames between every two of
 * them on one control and one bulk stream. Knows nothing of what the frames mean.
 *
 * @example
 * ```ts
 * const network = await openNetwork({
 *   identity: await loadIdentity('identity.key'),
 *   listen: ['/ip4/127.0.0.1/tcp/0'],
 *   peers: ['/ip4/127.0.0.1/tcp/4710'],
 *   hello: {
 *     protocolVersion,
 *     packageVersion,
 *     runId,
 *     numericsClass,
 *     runParts: {},
 *     redundancy: 2,
 *     canaryHash: null,
 *     name: 'kestrel',
 *   },
 *   log: { info: console.error, warn: console.error },
 * });
 * network.onPeer(({ kind, peer }) => console.error(peer.name, kind));
 * network.onFrame((peerId, header, payload) => receive(peerId, header, payload));
 * network.onRefusal(({ error, configured }) => configured && stop(error));
 * ```
 */
import { isLoopback, parseAddress } from './addresses.ts';
import { ListenWithoutKeyError } from './errors.ts';
import { createHost, startHost } from './host.ts';
import { LibP2PNetwork } from './network.ts';
import type { Network, NetworkLimits, NetworkOptions } from './types.ts';

export type { Refusal } from '../admission/index.ts';
export * from './errors.ts';
export { createIdentity, loadIdentity, loadNetworkKey, NETWORK_KEY_BYTES } from './keys.ts';
export { createSeal } from './seal.ts';
export type {
  ByteCounts,
  Channel,
  FrameHandler,
  HelloValues,
  Network,
  NetworkLimits,
  NetworkLog,
  NetworkOptions,
  PeerEvent,
  PeerInfo,
} from './types.ts';

const MIB = 1024 * 1024;

/** What holds where the options say nothing. */
export const DEFAULT_LIMITS: NetworkLimits = {
  // The default bucket of 4 MiB and slack for an encoding that adds to it.
  maxPayloadBytes: 5 * MIB,
  // A resolution of 256 languages with its Gram matrix, the largest of our headers, takes 270 KB.
  maxHeaderBytes: MIB,
  // One step's slices of a small model; payloads are shared between peers, not copied.
  maxQueuedBytes: 256 * MIB,
  maxPeers: 256,
};

/**
 * Listens, and dials the peers in the background. Throws AddressError, ListenWithoutKeyError,
 * PortInUseError or ListenError. Set the handlers right after it resolves: nothing arrives before.
 */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  const listen = options.listen.map((address) => parseAddress(address));
  const peers = options.peers.map((address) => parseAddress(address));
  const announce = options.announce?.map((address) => parseAddress(address));
  const open = options.networkKey ? undefined : listen.find((address) => !isLoopback(address));
  if (open !== undefined) throw new ListenWithoutKeyError(open.toString());
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const host = await createHost({
    identity: options.identity,
    listen,
    networkKey: options.networkKey,
    maxPeers: limits.maxPeers,
    onHandshakeFailed: (address) => network.handshakeFailed(address),
  });
  const network = new LibP2PNetwork(host, { ...options, announce: announce?.map(String) }, limits);
  await network.handle();
  await startHost(host);
  setImmediate(() => network.begin(peers));
  return network;
}
