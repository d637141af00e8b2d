/** One connection between two nodes, as plain state: who believes it up, and its four lanes. */
import type { FrameDecoder } from '../../protocol/wire.ts';
import type { WireFrame } from './frame.ts';

/** Control frames never wait behind numbers in bulk. */
export type ChannelName = 'control' | 'bulk';

/** A frame under way to one receiver. */
export interface Flight {
  readonly from: number;
  readonly to: number;
  /** A newer version takes its place while it waits. */
  frame: WireFrame;
  readonly lane: Lane;
  /** The connection that it travels by is told from its successors by this. */
  readonly epoch: number;
  /** Its number on the lane. */
  readonly number: number;
  /** When it begins to leave the sender: until then it waits. */
  readonly leavesMs: number;
  /** When it has left. */
  readonly departMs: number;
  /** The one behind it, where they arrive in order. */
  next: Flight | null;
}

/** One direction of one channel. */
export class Lane {
  /** Frames sent so far, over all connections; numbers them for draws. */
  count = 0;
  /** When the wire is free for the next frame. */
  freeAtMs = 0;
  lastArrivalMs = 0;
  /** Frames under way that arrive in order; a chain, since there is a lane for every two nodes. */
  #first: Flight | null = null;
  #last: Flight | null = null;
  /** Under way, by what they are versions of; null: none were, as on most lanes. */
  #versions: Map<string, Flight> | null = null;
  /** Arrivals that came due while nothing passed. */
  due = 0;
  /** Frames out of order that came due meanwhile; null: none, which is the rule. */
  #stalled: Flight[] | null = null;
  /** Cuts the bytes into frames where they arrive in pieces or damaged. */
  decoder: FrameDecoder | null = null;
  /** What passed lately, for replays; null where there are none. */
  recent: WireFrame[] | null = null;

  /** A frame is under way behind all others. */
  add(flight: Flight, readyMs: number): void {
    if (this.#last === null) this.#first = flight;
    else this.#last.next = flight;
    this.#last = flight;
    const { version } = flight.frame;
    if (version === null) return;
    this.#versions ??= new Map();
    const older = this.#versions.get(version.of);
    // One that has begun to leave is replaced no longer.
    if (older === undefined || older.leavesMs < readyMs) this.#versions.set(version.of, flight);
  }

  /** A frame takes the place of an older version that still waits; whether there was one. */
  replace(frame: WireFrame, readyMs: number): boolean {
    const { version } = frame;
    const older = version === null ? undefined : this.#versions?.get(version.of);
    if (version === null || older === undefined || older.leavesMs < readyMs) return false;
    if (older.frame.version!.number >= version.number) return false;
    older.frame = frame;
    return true;
  }

  /** An arrival is due: it takes the first frame. */
  take(): Flight | null {
    const flight = this.#first;
    this.#first = flight?.next ?? null;
    if (this.#first === null) this.#last = null;
    const version = flight?.frame.version ?? null;
    if (version !== null && this.#versions?.get(version.of) === flight) {
      this.#versions.delete(version.of);
    }
    return flight;
  }

  stall(flight: Flight): void {
    this.#stalled ??= [];
    this.#stalled.push(flight);
  }

  takeStalled(): readonly Flight[] {
    const stalled = this.#stalled ?? [];
    this.#stalled = null;
    return stalled;
  }

  /** A new connection begins empty. */
  reset(nowMs: number): Flight[] {
    const lost: Flight[] = [];
    for (let one = this.take(); one !== null; one = this.take()) lost.push(one);
    lost.push(...this.takeStalled());
    this.#versions = null;
    this.freeAtMs = nowMs;
    this.lastArrivalMs = nowMs;
    this.due = 0;
    this.decoder = null;
    return lost;
  }
}

export class Connection {
  readonly low: number;
  readonly high: number;
  epoch = 0;
  /** Whether each end believes it up. */
  lowUp = false;
  highUp = false;
  /** What an end sent after this is lost: its process had died. */
  lowCutMs = Number.POSITIVE_INFINITY;
  highCutMs = Number.POSITIVE_INFINITY;
  /** Dials that failed in a row. */
  attempts = 0;
  isDialling = false;
  /** Dials count no further than the latest. */
  dials = 0;
  readonly #lanes: (Lane | undefined)[] = [undefined, undefined, undefined, undefined];

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }

  lane(from: number, channel: ChannelName): Lane {
    const at = (from === this.low ? 0 : 2) + (channel === 'bulk' ? 1 : 0);
    let lane = this.#lanes[at];
    if (lane === undefined) {
      lane = new Lane();
      this.#lanes[at] = lane;
    }
    return lane;
  }

  lanesFrom(from: number): readonly Lane[] {
    const at = from === this.low ? 0 : 2;
    return [this.#lanes[at], this.#lanes[at + 1]].filter((lane) => lane !== undefined);
  }

  isUpAt(end: number): boolean {
    return end === this.low ? this.lowUp : this.highUp;
  }

  setUp(end: number, isUp: boolean): void {
    if (end === this.low) this.lowUp = isUp;
    else this.highUp = isUp;
  }

  cutMsOf(end: number): number {
    return end === this.low ? this.lowCutMs : this.highCutMs;
  }

  cut(end: number, atMs: number): void {
    if (end === this.low) this.lowCutMs = atMs;
    else this.highCutMs = atMs;
  }

  other(end: number): number {
    return end === this.low ? this.high : this.low;
  }

  /** Begins anew, or ends; gives the frames that stood and are lost. */
  renew(nowMs: number): Flight[] {
    this.epoch++;
    this.lowCutMs = Number.POSITIVE_INFINITY;
    this.highCutMs = Number.POSITIVE_INFINITY;
    return this.#lanes.flatMap((lane) => lane?.reset(nowMs) ?? []);
  }
}
