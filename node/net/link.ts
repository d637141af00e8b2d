/**
 * The conversation with one peer over one connection: a control and a bulk stream, opened by the
 * smaller peer id. It comes up once both sides have admitted each other and hold both streams; only
 * then anything of the run is sent or read.
 */
import { randomBytes } from 'node:crypto';
import type { Connection, Stream } from '@libp2p/interface';
import { IsoglossError } from '../../protocol/errors.ts';
import type { Version } from '../../protocol/versions.ts';
import {
  encodeFrame,
  type Frame,
  type FrameLimits,
  FrameMalformedError,
  FrameVersionError,
} from '../../protocol/wire.ts';
import {
  Admission,
  HELLO_LIMITS,
  type Hello,
  isAdmissionFrame,
  type KnownPeer,
  type LinkFrame,
  labelOf,
  NONCE_BYTES,
  PeerNotAllowedError,
  ProtocolVersionError,
  parseLinkFrame,
  toldRefusal,
} from '../admission/index.ts';
import { Channel } from './channel.ts';
import { LinkError } from './errors.ts';
import type { Channel as ChannelName, PeerInfo } from './types.ts';

/** Protocol names carry no version: each frame does, so that both sides can name the other's. */
export const STREAM_PROTOCOLS = { control: '/isogloss/control', bulk: '/isogloss/bulk' } as const;
/** From the connection to both hellos; a loaded machine needs a second or two. */
export const HELLO_TIMEOUT_MS = 15_000;
/** How long a refused peer has to read why before the connection is cut. */
const LINGER_MS = 1_000;
/** A side that has sent nothing for this long sends a ping. */
const PING_INTERVAL_MS = 5_000;
/** A peer unheard for this long is gone; its machine may have lost power. */
const SILENCE_MAX_MS = 60_000;

/** Why a link ended. `left`: in order; `refused`: by a rule, either side's; `lost`: it broke. */
export type LinkEnd = 'left' | 'refused' | 'lost';

export interface LinkPorts {
  readonly localPeerId: string;
  readonly networkKey: Uint8Array | undefined;
  readonly limits: FrameLimits;
  readonly isAllowed: (peerId: string) => boolean;
  readonly hello: () => Hello;
  readonly onUp: (link: Link) => void;
  readonly onFrame: (link: Link, frame: Frame) => void;
  readonly onPeers: (peers: readonly KnownPeer[]) => void;
  readonly onEnd: (link: Link, end: LinkEnd, error: Error | null) => void;
  readonly onBytes: (peerId: string, direction: 'sent' | 'received', bytes: number) => void;
}

export class Link {
  readonly peerId: string;
  readonly connection: Connection;
  /** Whether this side opens the streams. */
  readonly isOpener: boolean;
  lastHeardMs = performance.now();
  state: 'opening' | 'up' | 'ended' = 'opening';
  /** Whether it was up before it ended. */
  wasUp = false;
  readonly #ports: LinkPorts;
  readonly #admission: Admission;
  readonly #channels: Partial<Record<ChannelName, Channel>> = {};
  #isPeerReady = false;
  #isLeaving = false;
  #lastSentMs = performance.now();
  readonly #helloTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;

  constructor(connection: Connection, ports: LinkPorts) {
    this.connection = connection;
    this.peerId = connection.remotePeer.toString();
    this.isOpener = ports.localPeerId < this.peerId;
    this.#ports = ports;
    this.#admission = new Admission({
      localPeerId: ports.localPeerId,
      peerId: this.peerId,
      nonce: new Uint8Array(randomBytes(NONCE_BYTES)),
      networkKey: ports.networkKey,
      hello: ports.hello(),
    });
    this.#helloTimer = setTimeout(
      () => this.refuse(new LinkError(`no hello within ${HELLO_TIMEOUT_MS / 1000} s`)),
      HELLO_TIMEOUT_MS,
    );
    this.#pingTimer = setInterval(() => this.#keepAlive(), PING_INTERVAL_MS);
    connection.addEventListener('close', () => this.#end('lost', new LinkError('connection lost')));
  }

  get info(): PeerInfo {
    const {
      name = '',
      packageVersion = '',
      addresses = [],
      isUnderWay = false,
    } = this.#admission.theirs ?? {};
    return { peerId: this.peerId, name, packageVersion, addresses, isUnderWay };
  }

  get label(): string {
    return labelOf(this.peerId, this.#admission.theirs?.name);
  }

  get queuedBytes(): number {
    return (this.#channels.control?.queuedBytes ?? 0) + (this.#channels.bulk?.queuedBytes ?? 0);
  }

  /** Opens a stream and takes it; only for the opener. */
  async open(name: ChannelName): Promise<void> {
    try {
      this.bind(name, await this.connection.newStream(STREAM_PROTOCOLS[name]));
    } catch (cause) {
      this.#end('lost', new LinkError(`no ${name} stream with ${this.label}`, { cause }));
    }
  }

  /** Takes a stream that was opened by either side. */
  bind(name: ChannelName, stream: Stream): void {
    const isDue = name === 'control' || this.#admission.theirs !== null;
    if (this.state !== 'opening' || !isDue || this.#channels[name] !== undefined) {
      stream.abort(new LinkError(`a ${name} stream is not due`));
      return;
    }
    const channel = new Channel(stream, {
      limits: name === 'control' ? HELLO_LIMITS : this.#ports.limits,
      onFrame: (frame) => this.#receive(name, frame),
      onEnd: (error) => this.#channelEnded(error),
      onBytes: (direction, bytes) => this.#ports.onBytes(this.peerId, direction, bytes),
    });
    this.#channels[name] = channel;
    if (name === 'bulk') {
      this.#say({ kind: 'ready' });
      this.#comeUp();
      return;
    }
    channel.read();
    if (this.#ports.isAllowed(this.peerId)) this.#say(this.#admission.opening());
    else this.refuse(new PeerNotAllowedError(`${this.label} is not on the list`, this.peerId));
  }

  /** Queues the chunks of a frame; the link must be up. */
  send(name: ChannelName, chunks: readonly Uint8Array[], version: Version | null = null): void {
    this.#lastSentMs = performance.now();
    this.#channels[name]?.send(chunks, version);
  }

  /** How many of the queued bytes a newer version would take the place of. */
  replaceable(name: ChannelName, version: Version): number {
    return this.#channels[name]?.replaceable(version) ?? 0;
  }

  sendPeers(peers: readonly KnownPeer[]): void {
    this.#say({ kind: 'peers', peers: [...peers] });
  }

  /** Ends the link and tells the other side why, if there is a stream to say it on. */
  refuse(error: Error): void {
    if (this.state === 'ended') return;
    this.#say({ kind: 'refuse', error: error.name, message: error.message.slice(0, 1000) });
    this.#linger(error);
    this.#end('refused', error, false);
  }

  /** Ends the link in favour of another one with the same peer. */
  replace(): void {
    this.#end('lost', new LinkError('a newer connection takes its place'));
  }

  /** Says that this node leaves; ends when the other side says so too. */
  leave(): void {
    this.#isLeaving = true;
    if (this.state === 'up') this.#say({ kind: 'bye' });
    else this.#end('left', null);
  }

  #say(frame: LinkFrame): void {
    this.send('control', encodeFrame(frame, undefined, 'link'));
  }

  #keepAlive(): void {
    const now = performance.now();
    if (now - this.lastHeardMs > SILENCE_MAX_MS)
      this.#end('lost', new LinkError(`${this.label} was silent for ${SILENCE_MAX_MS / 1000} s`));
    else if (this.state === 'up' && now - this.#lastSentMs >= PING_INTERVAL_MS)
      this.#say({ kind: 'ping' });
  }

  #receive(name: ChannelName, frame: Frame): void {
    this.lastHeardMs = performance.now();
    if (this.state === 'ended') return;
    if (frame.kind === 'message') {
      if (this.state !== 'up') throw new FrameMalformedError('a message before both hellos');
      this.#ports.onFrame(this, frame);
      return;
    }
    const link = name === 'control' ? parseLinkFrame(frame.header) : null;
    if (link === null) throw new FrameMalformedError(`an unknown link frame on the ${name} stream`);
    if (isAdmissionFrame(link)) {
      for (const answer of this.#admission.receive(link)) this.#say(answer);
      if (link.kind === 'hello') this.#channels.control?.setLimits(this.#ports.limits);
      if (link.kind === 'accept' && this.isOpener) void this.open('bulk');
      return;
    }
    if (link.kind !== 'refuse' && !this.#admission.isComplete)
      throw new FrameMalformedError(`${link.kind} before both hellos`);
    this.#converse(link);
  }

  #converse(link: LinkFrame): void {
    if (link.kind === 'ready') {
      this.#isPeerReady = true;
      this.#comeUp();
    } else if (link.kind === 'peers') this.#ports.onPeers(link.peers);
    else if (link.kind === 'refuse')
      this.#end('refused', toldRefusal(link, this.label, this.#ports.localPeerId));
    // What the peer sent in bulk before it took leave is read in this turn of the event loop.
    else if (link.kind === 'bye') setImmediate(() => this.#partWith());
  }

  /** The side that leaves closes the connection, so that the other's last bytes don't reset it. */
  #partWith(): void {
    if (this.state === 'ended') return;
    if (!this.#isLeaving) {
      this.#say({ kind: 'bye' });
      this.#linger(new LinkError(`${this.label} left`));
    }
    this.#end('left', null, this.#isLeaving);
  }

  #comeUp(): void {
    const { bulk } = this.#channels;
    if (this.state !== 'opening' || !this.#isPeerReady || bulk === undefined) return;
    this.state = 'up';
    this.wasUp = true;
    clearTimeout(this.#helloTimer);
    this.#ports.onUp(this);
    bulk.read();
  }

  #channelEnded(error: Error | null): void {
    if (this.state === 'ended') return;
    if (error instanceof FrameVersionError && this.#admission.theirs === null) {
      const [ours, theirs] = [String(error.expected), String(error.actual)];
      this.refuse(new ProtocolVersionError(this.label, ours, theirs));
    } else if (error instanceof IsoglossError) {
      this.refuse(error);
    } else {
      this.#end('lost', new LinkError(`${this.label} closed the connection`, { cause: error }));
    }
  }

  #linger(error: Error): void {
    setTimeout(() => this.connection.abort(error), LINGER_MS).unref();
  }

  #end(end: LinkEnd, error: Error | null, isClosing = true): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.#helloTimer);
    clearInterval(this.#pingTimer);
    this.#ports.onEnd(this, end, error);
    if (isClosing) this.connection.close().catch((cause: Error) => this.connection.abort(cause));
  }
}
