/** What the network layer is given and what it gives. */
import type { PrivateKey } from '@libp2p/interface';
import type { Version } from '../../protocol/versions.ts';
import type { Refusal } from '../admission/index.ts';

/** Where the network says what it waits for and what it refused. */
export interface NetworkLog {
  info(message: string): void;
  warn(message: string): void;
}

/** What a node says of itself; both sides' values must agree where a comment says so. */
export interface HelloValues {
  /** Must be equal. */
  readonly protocolVersion: number;
  readonly packageVersion: string;
  /** Must be equal. */
  readonly runId: string;
  /** Short hashes of what makes the run, by key: says where two runs differ. */
  readonly runParts: Readonly<Record<string, string>>;
  /** How many nodes are to hold a bucket; must be equal. */
  readonly redundancy: number;
  /** Must be equal. */
  readonly numericsClass: string;
  /** What the node's canary gave; must be equal where both have one. */
  readonly canaryHash: string | null;
  /** A name for people. */
  readonly name: string;
}

export interface NetworkLimits {
  /** Payload of one frame: the largest bucket, encoded, and some slack. */
  readonly maxPayloadBytes: number;
  readonly maxHeaderBytes: number;
  /** Bytes that wait to be sent to one peer; a frame beyond them is dropped. */
  readonly maxQueuedBytes: number;
  /** Peers that are connected at once. */
  readonly maxPeers: number;
}

export interface NetworkOptions {
  readonly identity: PrivateKey;
  /** Multiaddrs; port 0 takes a free one. Without a network key only loopback ones are allowed. */
  readonly listen: readonly string[];
  /**
   * Multiaddrs that peers are told instead, where others reach this node (behind NAT, a proxy).
   * Left out: those that it listens on. Empty: none, so that only those dial it who know where.
   */
  readonly announce?: readonly string[] | undefined;
  /** Multiaddrs that are dialled until they are up. */
  readonly peers: readonly string[];
  /** 32 bytes; everybody who hasn't got them is refused. */
  readonly networkKey?: Uint8Array | undefined;
  /** Peer ids; everybody else is refused. Left out: no such list. */
  readonly allow?: readonly string[] | undefined;
  readonly hello: HelloValues;
  readonly limits?: Partial<NetworkLimits> | undefined;
  readonly log: NetworkLog;
}

export interface PeerInfo {
  readonly peerId: string;
  readonly name: string;
  readonly packageVersion: string;
  /** Where it listens, as it says. */
  readonly addresses: readonly string[];
  /** Whether the run had begun there when it came up. */
  readonly isUnderWay: boolean;
}

/** Control frames are few and small, and never wait behind numbers in bulk of the same node. */
export type Channel = 'control' | 'bulk';

export type PeerEvent =
  | { readonly kind: 'up'; readonly peer: PeerInfo }
  | { readonly kind: 'down'; readonly peer: PeerInfo; readonly reason: string };

export interface ByteCounts {
  readonly sent: number;
  readonly received: number;
}

export type FrameHandler = (
  peerId: string,
  header: unknown,
  payload: Uint8Array<ArrayBuffer> | undefined,
) => void;

/**
 * One node's connections to all others. Set the three handlers in the same turn in which
 * openNetwork resolves; nothing arrives before.
 */
export interface Network {
  readonly peerId: string;
  /** Where this node listens, with its peer id. */
  addresses(): string[];
  /** Peers that are up. */
  peers(): PeerInfo[];
  /**
   * Queues a frame; frames of one channel arrive in order. The payload must not change until it is
   * sent. A newer version takes the place of an older one that still waits. False: dropped, because
   * the peer is not up or its queue is full.
   */
  send(
    peerId: string,
    header: unknown,
    payload: Uint8Array | undefined,
    channel: Channel,
    version?: Version | null,
  ): boolean;
  /** Bytes that wait to be sent to a peer. */
  queuedBytes(peerId: string): number;
  /** A handler that throws ends that peer's connection with the error as the reason. */
  onFrame(handler: FrameHandler): void;
  onPeer(handler: (event: PeerEvent) => void): void;
  onRefusal(handler: (refusal: Refusal) => void): void;
  /** Whether the run has begun here; peers that come up are told. */
  isUnderWay: boolean;
  /** Tells a peer why and closes its connection; it is not dialled again for a while. */
  disconnect(peerId: string, reason: string): void;
  /** Bytes of frames since the start, over both channels; perPeer also of those who left. */
  bytes(): ByteCounts & { readonly perPeer: Readonly<Record<string, ByteCounts>> };
  /** Sends what is queued (for a bounded time), takes leave, and closes everything. */
  close(): Promise<void>;
}
