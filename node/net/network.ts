/** All links of one node: which peers are up, who is dialled, what is sent and counted. */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { assert } from '../../protocol/assert.ts';
import type { Version } from '../../protocol/versions.ts';
import { encodeFrame, FRAME_HEAD_BYTES } from '../../protocol/wire.ts';
import type { Hello, KnownPeer, Refusal } from '../admission/index.ts';
import { ADDRESSES_MAX, knownOf, labelOf, NetworkKeyError } from '../admission/index.ts';
import { dialableAddresses } from './addresses.ts';
import { ByteCounter } from './byte-counter.ts';
import { dialFailure } from './dial-failure.ts';
import { Dialer } from './dialer.ts';
import { LinkError } from './errors.ts';
import { HELLO_TIMEOUT_MS, Link, type LinkEnd, STREAM_PROTOCOLS } from './link.ts';
import { RepeatFilter } from './repeat-filter.ts';
import type {
  Channel,
  FrameHandler,
  Network,
  NetworkLimits,
  NetworkOptions,
  PeerEvent,
  PeerInfo,
} from './types.ts';

/** The side that does not open the streams dials this much later, so that rarely both do. */
const SECOND_DIAL_PAUSE_MS = 1_500;
const REDIAL_PAUSE_MS = 200;
/** A link unheard for this long gives way to a new connection from its peer. */
const STALE_MS = 10_000;
/** When the node closes: for what is queued to leave, and for the others to say good-bye. */
const FLUSH_MS_MAX = 10_000;
const LEAVE_MS_MAX = 1_500;
const POLL_MS = 5;

export class LibP2PNetwork implements Network {
  readonly peerId: string;
  isUnderWay = false;
  readonly #host: Libp2p;
  readonly #options: NetworkOptions;
  readonly #limits: NetworkLimits;
  readonly #allow: ReadonlySet<string> | null;
  readonly #links = new Map<string, Link>();
  readonly #bytes = new ByteCounter();
  readonly #repeats = new RepeatFilter();
  readonly #dialer: Dialer;
  /** Connections that wait until the handlers are set; null from then on. */
  #early: Connection[] | null = [];
  #isClosing = false;
  #onFrame: FrameHandler = () => {};
  #onPeer: (event: PeerEvent) => void = () => {};
  #onRefusal: (refusal: Refusal) => void = () => {};

  constructor(host: Libp2p, options: NetworkOptions, limits: NetworkLimits) {
    this.#host = host;
    this.#options = options;
    this.#limits = limits;
    this.#allow = options.allow ? new Set(options.allow) : null;
    this.peerId = host.peerId.toString();
    this.#dialer = new Dialer({
      dial: async (addresses) => {
        const connection = await host.dial([...addresses]);
        return connection.remotePeer.toString();
      },
      explain: dialFailure,
      isUp: (peerId) => this.#links.get(peerId)?.state === 'up',
      localPeerId: this.peerId,
      onFailure: (error, configured, peerId) => this.#refused({ error, configured, peerId }),
      log: options.log,
    });
    host.addEventListener('connection:open', ({ detail }) => this.#connected(detail));
  }

  /** Registers the streams; before the host starts. */
  async handle(): Promise<void> {
    for (const name of ['control', 'bulk'] as const) {
      await this.#host.handle(STREAM_PROTOCOLS[name], (stream, connection) => {
        // Only the side that opens the streams decides which connection a link lives on.
        const isTheirs = this.peerId > connection.remotePeer.toString();
        const isNew = isTheirs && name === 'control';
        const link = isNew ? this.#accept(connection) : this.#linkOn(connection);
        if (!isTheirs || link === null) stream.abort(new LinkError(`a ${name} stream is not due`));
        else link.bind(name, stream);
      });
    }
  }

  /** Lets links come up and starts to dial; after the caller has set its handlers. */
  begin(peers: readonly Multiaddr[]): void {
    const early = this.#early ?? [];
    this.#early = null;
    if (this.#isClosing) return;
    for (const connection of early) this.#connected(connection);
    for (const address of peers) this.#dialer.addConfigured(address);
  }

  addresses(): string[] {
    return this.#host.getMultiaddrs().map(String).slice(0, ADDRESSES_MAX);
  }

  peers(): PeerInfo[] {
    return this.#upLinks().map((link) => link.info);
  }

  onFrame(handler: FrameHandler): void {
    this.#onFrame = handler;
  }

  onPeer(handler: (event: PeerEvent) => void): void {
    this.#onPeer = handler;
  }

  onRefusal(handler: (refusal: Refusal) => void): void {
    this.#onRefusal = handler;
  }

  send(
    peerId: string,
    header: unknown,
    payload: Uint8Array | undefined,
    channel: Channel,
    version: Version | null = null,
  ): boolean {
    const link = this.#links.get(peerId);
    if (link?.state !== 'up' || this.#isClosing) return false;
    const { maxPayloadBytes, maxHeaderBytes, maxQueuedBytes } = this.#limits;
    const chunks = encodeFrame(header, payload);
    const headerBytes = chunks[0]!.length - FRAME_HEAD_BYTES;
    const payloadBytes = payload?.length ?? 0;
    assert(
      headerBytes <= maxHeaderBytes && payloadBytes <= maxPayloadBytes,
      `a frame to be sent has ${headerBytes} and ${payloadBytes} bytes of header and payload, ` +
        `the limits are ${maxHeaderBytes} and ${maxPayloadBytes}`,
    );
    const replaced = version === null ? 0 : link.replaceable(channel, version);
    if (link.queuedBytes - replaced + headerBytes + payloadBytes > maxQueuedBytes) {
      this.#warnOnce(`queue ${peerId}`, `${link.label} takes frames too slowly: some are dropped`);
      return false;
    }
    link.send(channel, chunks, version);
    return true;
  }

  queuedBytes(peerId: string): number {
    return this.#links.get(peerId)?.queuedBytes ?? 0;
  }

  disconnect(peerId: string, reason: string): void {
    this.#links.get(peerId)?.refuse(new LinkError(reason));
  }

  bytes(): ReturnType<Network['bytes']> {
    return this.#bytes.totals();
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#dialer.close();
    await until(() => this.#upLinks().every((link) => link.queuedBytes === 0), FLUSH_MS_MAX);
    for (const link of [...this.#links.values()]) link.leave();
    await until(() => this.#links.size === 0, LEAVE_MS_MAX);
    await this.#host.stop();
  }

  #upLinks(): Link[] {
    return [...this.#links.values()].filter(({ state }) => state === 'up');
  }

  #connected(connection: Connection): void {
    if (this.#early !== null) {
      this.#early.push(connection);
      return;
    }
    const remote = connection.remotePeer.toString();
    if (this.#isClosing || connection.status !== 'open') return;
    if (this.peerId > remote) {
      this.#closeUnlessUsed(connection);
      return;
    }
    const present = this.#links.get(remote);
    const isStale = present !== undefined && performance.now() - present.lastHeardMs > STALE_MS;
    if (present !== undefined && !isStale) {
      this.#closeUnlessUsed(connection);
      return;
    }
    void this.#accept(connection)?.open('control');
  }

  /** After a while; by then a link uses the connection, or nobody will. */
  #closeUnlessUsed(connection: Connection): void {
    setTimeout(() => {
      if (this.#linkOn(connection) === null && connection.status === 'open')
        connection.close().catch((cause: Error) => connection.abort(cause));
    }, HELLO_TIMEOUT_MS).unref();
  }

  #linkOn(connection: Connection): Link | null {
    const link = this.#links.get(connection.remotePeer.toString());
    return link?.connection === connection ? link : null;
  }

  /** A new link on a connection, in place of an older one; null: no room. */
  #accept(connection: Connection): Link | null {
    const peerId = connection.remotePeer.toString();
    this.#links.get(peerId)?.replace();
    if (this.#isClosing || this.#links.size >= this.#limits.maxPeers) {
      connection.abort(new LinkError('no room for another peer'));
      return null;
    }
    const link = new Link(connection, {
      localPeerId: this.peerId,
      networkKey: this.#options.networkKey,
      limits: this.#limits,
      isAllowed: (id) => this.#allow?.has(id) ?? true,
      hello: () => this.#hello(),
      onUp: (each) => this.#up(each),
      onFrame: (each, { header, payload }) => this.#onFrame(each.peerId, header, payload),
      onPeers: (peers) => this.#learn(peers),
      onEnd: (each, end, error) => this.#ended(each, end, error),
      onBytes: (id, direction, bytes) => this.#bytes.add(id, direction, bytes),
    });
    this.#links.set(peerId, link);
    return link;
  }

  #hello(): Hello {
    const { hello, announce } = this.#options;
    const addresses = [...(announce ?? this.addresses())];
    return { kind: 'hello', ...hello, addresses, isUnderWay: this.isUnderWay };
  }

  #up(link: Link): void {
    this.#dialer.up(link.peerId);
    const others = this.#upLinks().filter((other) => other !== link);
    for (const other of others) other.sendPeers([knownOf(link.info)]);
    if (others.length > 0) link.sendPeers(others.map((other) => knownOf(other.info)));
    this.#options.log.info(`${link.label} is up`);
    this.#onPeer({ kind: 'up', peer: link.info });
  }

  #learn(peers: readonly KnownPeer[]): void {
    for (const { peerId, addresses } of peers) {
      if (peerId === this.peerId || this.#links.has(peerId)) continue;
      if (this.#allow !== null && !this.#allow.has(peerId)) continue;
      if (this.#links.size >= this.#limits.maxPeers) return;
      const pauseMs = this.peerId < peerId ? 0 : SECOND_DIAL_PAUSE_MS;
      this.#dialer.addKnown(peerId, dialableAddresses(addresses), pauseMs);
    }
  }

  #ended(link: Link, end: LinkEnd, error: Error | null): void {
    const { peerId, info } = link;
    if (this.#links.get(peerId) === link) this.#links.delete(peerId);
    const configured = this.#dialer.configuredOf(peerId);
    this.#dialer.down(peerId, end);
    if (end === 'lost' && !this.#isClosing) {
      const pauseMs = REDIAL_PAUSE_MS + (link.isOpener ? 0 : SECOND_DIAL_PAUSE_MS);
      this.#dialer.addKnown(peerId, dialableAddresses(info.addresses), pauseMs);
    }
    if (end === 'refused' && error !== null) {
      this.#refused({ error, peerId, configured }, link.label);
    }
    if (!link.wasUp) return;
    const reason = error?.message ?? 'it left';
    this.#options.log.info(`${labelOf(peerId, info.name)} is down: ${reason}`);
    this.#onPeer({ kind: 'down', peer: info, reason });
  }

  /** `label` is the peer's, where there was a link with it. */
  #refused(refusal: Refusal, label?: string): void {
    if (this.#isClosing) return;
    const { error, peerId, configured } = refusal;
    this.#onRefusal(refusal);
    const short = peerId === null ? '' : labelOf(peerId);
    const about = error.message.includes(short) ? '' : `${label ?? short}: `;
    const key = `${error.name} ${peerId ?? configured}`;
    this.#warnOnce(key, `${error.name}: ${about}${error.message}`);
  }

  /** An inbound handshake failed; see host.ts. */
  handshakeFailed(remoteAddress: string): void {
    if (this.#isClosing) return;
    const error = new NetworkKeyError(remoteAddress.replace(/\/tcp\/.*/, ''));
    this.#warnOnce(`handshake ${error.message}`, `NetworkKeyError: ${error.message}`);
  }

  #warnOnce(key: string, message: string): void {
    if (this.#repeats.isNew(key)) this.#options.log.warn(message);
  }
}

async function until(isDone: () => boolean, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!isDone() && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
