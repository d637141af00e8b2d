/**
 * The virtual network: frames of real bytes over connections of ordered lanes, with latency,
 * bandwidth and every fault of the schedule. Each draw is keyed by link and frame number.
 */

import { openHeader } from '../../protocol/claims.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { FrameDecoder } from '../../protocol/wire.ts';
import { type DrawKey, drawBelow, drawKey, drawShare, spreadFactor } from '../core/draws.ts';
import { Conditions, type LinkConditions } from './conditions.ts';
import type { ChannelName, Connection, Flight, Lane } from './connection.ts';
import { type ConnectionPorts, Connections } from './connections.ts';
import { type FrameUse, flipped, hits, pieces } from './damage.ts';
import { FRAME_LIMITS, type OpenedFrame, type WireFrame } from './frame.ts';
import { extraMs, isDropped } from './transit.ts';
import type { Weather } from './weather.ts';

export interface NetworkPorts extends Omit<ConnectionPorts, 'latencyMs' | 'lost' | 'passable'> {
  readonly weather: Weather;
  readonly deliver: (from: number, to: number, frame: WireFrame, opened: OpenedFrame) => void;
  /** The codec threw something that is no error of ours. */
  readonly untyped: (from: number, to: number, error: unknown) => void;
}

/** What became of frames; `sent` is the sum of the others. */
export interface Tally {
  sent: number;
  delivered: number;
  dropped: number;
  inFlight: number;
  /** Of those dropped: a newer version took their place. */
  replaced: number;
  /** Second and later arrivals of a frame. */
  repeated: number;
}

/** Arrivals in order are this much apart at least, so that nothing else decides their order. */
const TICK_MS = 1e-6;

export class Network {
  readonly connections: Connections;
  readonly conditions = new Conditions();
  readonly tally: Tally = {
    ...{ sent: 0, delivered: 0, dropped: 0, inFlight: 0 },
    ...{ replaced: 0, repeated: 0 },
  };
  readonly bytesSent: number[];
  readonly messagesSent: number[];
  /** Damage that was refused, by what found it. */
  readonly refusedBy = new Map<string, number>();
  readonly #ports: NetworkPorts;
  readonly #key: DrawKey;
  readonly #linkKey: DrawKey;

  constructor(ports: NetworkPorts) {
    this.#ports = ports;
    this.#key = drawKey(ports.seed, 'frames');
    this.#linkKey = drawKey(ports.seed, 'links');
    this.bytesSent = Array<number>(ports.nodes).fill(0);
    this.messagesSent = Array<number>(ports.nodes).fill(0);
    this.connections = new Connections({
      ...ports,
      latencyMs: (from, to) => this.latencyMs(from, to),
      lost: (flights) => this.#lost(flights.length),
      passable: (from, to, connection) => this.#flush(from, to, connection),
    });
  }

  /** One-way latency of a link, without jitter and faults. */
  latencyMs(from: number, to: number): number {
    const { latencyMs, spread, regions, betweenRegionsMs, apartMs } = this.#ports.weather;
    const share = drawShare(this.#linkKey, Math.min(from, to), Math.max(from, to));
    const source = from % regions;
    const target = to % regions;
    const apart = source === target ? 0 : (apartMs?.[source]?.[target] ?? betweenRegionsMs);
    return latencyMs * spreadFactor(spread, share) + apart;
  }

  /** Queues a frame that leaves at `readyMs` or later. False: dropped. */
  send(from: number, to: number, channel: ChannelName, frame: WireFrame, readyMs: number): boolean {
    const { clock, weather } = this.#ports;
    const connection = this.connections.of(from, to);
    this.tally.sent++;
    if (!connection.isUpAt(from)) return this.#drop();
    const lane = connection.lane(from, channel);
    const link = this.connections.linkOf(from, to);
    const use = { key: this.#key, link, number: lane.count++ * 2 + (channel === 'bulk' ? 1 : 0) };
    const conditions = this.conditions.of(link);
    const bytesPerMs =
      Math.min(weather.bytesPerS, conditions?.bytesPerS ?? weather.bytesPerS) / 1000;
    if (lane.replace(frame, readyMs)) {
      this.tally.dropped++;
      this.tally.replaced++;
      return true;
    }
    const leavesMs = Math.max(readyMs, lane.freeAtMs);
    const queued = (leavesMs - readyMs) * bytesPerMs + lane.due * frame.bytes;
    const queueMax = Math.min(
      weather.queueBytesMax,
      conditions?.queueBytesMax ?? weather.queueBytesMax,
    );
    if (queued > 0 && queued + frame.bytes > queueMax) return this.#drop();
    if (conditions !== null && isDropped(conditions, use)) return this.#drop();
    const departMs = leavesMs + frame.bytes / bytesPerMs;
    lane.freeAtMs = departMs;
    this.bytesSent[from]! += frame.bytes;
    this.messagesSent[from]!++;
    let transitMs =
      this.latencyMs(from, to) + weather.jitterMs * drawShare(use.key, link, use.number);
    if (conditions !== null) transitMs += extraMs(conditions, use);
    const loose = conditions === null ? undefined : hits(conditions, 'reorder', use);
    const isLoose = loose !== undefined;
    let arriveMs = departMs + transitMs;
    if (isLoose) arriveMs += loose.fault.args.delayMs * drawShare(use.key, use.link, use.number, 3);
    else {
      arriveMs = Math.max(arriveMs, lane.lastArrivalMs + TICK_MS);
      lane.lastArrivalMs = arriveMs;
    }
    const { epoch } = connection;
    const sending = { from, to, frame, lane, epoch, number: use.number, leavesMs, departMs };
    const flight: Flight = { ...sending, next: null };
    this.tally.inFlight++;
    if (isLoose) clock.at(arriveMs, () => this.#arriveLoose(flight, connection));
    else {
      lane.add(flight, readyMs);
      clock.at(arriveMs, () => this.#arriveNext(lane, connection, from, epoch));
    }
    if (conditions !== null) this.#repeat(flight, connection, conditions, use, arriveMs);
    return true;
  }

  /** Duplicates and replays of what the link carries. */
  #repeat(
    flight: Flight,
    connection: Connection,
    conditions: LinkConditions,
    use: FrameUse,
    arriveMs: number,
  ): void {
    const { clock } = this.#ports;
    const again = (frame: WireFrame, atMs: number) => {
      this.tally.sent++;
      this.tally.inFlight++;
      this.tally.repeated++;
      clock.at(atMs, () => this.#arriveLoose({ ...flight, frame }, connection));
    };
    const twice = hits(conditions, 'duplicate', use);
    if (twice !== undefined) {
      again(
        flight.frame,
        arriveMs + twice.fault.args.afterMs * drawShare(use.key, use.link, use.number, 4),
      );
    }
    const replays = conditions.faults.some(({ fault }) => fault.fault === 'replay');
    if (!replays) return;
    const replay = hits(conditions, 'replay', use);
    flight.lane.recent ??= [];
    const { recent } = flight.lane;
    if (replay !== undefined && recent.length > 0) {
      const age = Math.min(recent.length, replay.fault.args.age);
      const back = 1 + drawBelow(use.key, age, use.link, use.number, 5);
      again(recent[recent.length - back]!, arriveMs + TICK_MS);
    }
    recent.push(flight.frame);
    if (recent.length > RECENT_MAX) recent.shift();
  }

  /** The next frame of a lane is due. */
  #arriveNext(lane: Lane, connection: Connection, from: number, epoch: number): void {
    if (connection.epoch !== epoch) return; // its frames were lost with the connection
    if (this.connections.isBlocked(from, connection.other(from))) {
      lane.due++;
      return;
    }
    const flight = lane.take();
    if (flight !== null) this.#arrive(flight, connection);
  }

  /** A frame out of order is due. */
  #arriveLoose(flight: Flight, connection: Connection): void {
    const { from, to, lane, epoch } = flight;
    if (connection.epoch !== epoch) this.#lost(1);
    else if (this.connections.isBlocked(from, to)) {
      lane.stall(flight);
    } else this.#arrive(flight, connection);
  }

  #arrive(flight: Flight, connection: Connection): void {
    const isCut = flight.departMs > connection.cutMsOf(flight.from);
    if (isCut || !connection.isUpAt(flight.to)) {
      this.#lost(1);
      return;
    }
    this.tally.inFlight--;
    this.#hand(flight, connection);
  }

  /** What came due while nothing passed arrives now, in order. */
  #flush(from: number, to: number, connection: Connection): void {
    const { clock } = this.#ports;
    const { epoch } = connection;
    for (const lane of connection.lanesFrom(from)) {
      const { due } = lane;
      lane.due = 0;
      let atMs = clock.nowMs + this.latencyMs(from, to);
      for (let i = 0; i < due; i++) {
        clock.at(atMs, () => this.#arriveNext(lane, connection, from, epoch));
        atMs += TICK_MS;
      }
      for (const flight of lane.takeStalled())
        clock.at(atMs, () => this.#arriveLoose(flight, connection));
    }
  }

  /** A frame is there: whole, or in pieces, or damaged. */
  #hand(flight: Flight, connection: Connection): void {
    const { from, to, frame, lane, number } = flight;
    const link = this.connections.linkOf(from, to);
    const conditions = this.conditions.of(link);
    if (conditions === null && lane.decoder === null) {
      this.tally.delivered++;
      this.#ports.deliver(from, to, frame, frame.open());
      return;
    }
    const use = { key: this.#key, link, number };
    if (conditions !== null && this.#isBroken(flight, connection, conditions, use)) return;
    const changed = conditions === null ? undefined : hits(conditions, 'payloadFlip', use);
    if (changed !== undefined && frame.hasPayload) this.#note('payload flipped');
    const bytes =
      changed !== undefined && frame.hasPayload ? flipped(frame, 'payload', use) : frame.joined();
    const slice = conditions?.faults.find(({ fault }) => fault.fault === 'slice')?.fault;
    const chunks = slice?.fault === 'slice' ? pieces(bytes, slice.args.bytes, use) : [bytes];
    lane.decoder ??= new FrameDecoder(FRAME_LIMITS);
    const { epoch } = connection;
    for (const chunk of chunks) {
      for (const { header, payload } of lane.decoder.push(chunk)) {
        this.tally.delivered++;
        this.#ports.deliver(from, to, frame, { ...openHeader(header), payload });
        if (connection.epoch !== epoch) return;
      }
    }
    if (slice === undefined && !lane.decoder.isMidFrame) lane.decoder = null;
  }

  /** Whether the frame ends its connection: cut short, or not what was sent. */
  #isBroken(flight: Flight, connection: Connection, conditions: LinkConditions, use: FrameUse) {
    const { from, to, frame, lane } = flight;
    const flip = hits(conditions, 'flip', use);
    const isShort = hits(conditions, 'truncate', use) !== undefined;
    if (flip === undefined && !isShort) return false;
    const whole = flip === undefined ? frame.joined() : flipped(frame, flip.fault.args.part, use);
    const bytes = isShort ? whole.subarray(0, whole.length >> 1) : whole;
    // The codec must name what it can't read; what it can, the channel's authentication refuses.
    try {
      const decoder = lane.decoder ?? new FrameDecoder(FRAME_LIMITS);
      for (const { header } of decoder.push(bytes)) openHeader(header);
      this.#note(isShort ? 'the end of the stream' : 'authentication');
    } catch (error) {
      if (!(error instanceof IsoglossError)) this.#ports.untyped(from, to, error);
      else this.#note(error.name);
    }
    this.tally.dropped++;
    this.connections.close(connection);
    return true;
  }

  #note(by: string): void {
    this.refusedBy.set(by, (this.refusedBy.get(by) ?? 0) + 1);
  }

  #drop(): false {
    this.tally.dropped++;
    return false;
  }

  #lost(frames: number): void {
    this.tally.inFlight -= frames;
    this.tally.dropped += frames;
  }
}

/** Frames kept for replays, by lane. */
const RECENT_MAX = 64;
