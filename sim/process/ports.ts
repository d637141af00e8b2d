/** What a process needs of the world around it, and whom it tells what it does. */
import type {
  ActorOptions,
  BulkEffect,
  BulkEvent,
  Effect,
  Event,
  Memory,
  Status,
} from '../../node/actor/index.ts';
import type { Message } from '../../protocol/messages.ts';
import type { VirtualClock } from '../core/clock.ts';
import type { Spread } from '../core/draws.ts';
import type { StoredCheckpoint } from '../disk/index.ts';
import type { SimModel } from '../models/index.ts';
import type { ChannelName, WireFrame } from '../network/index.ts';
import type { Process } from './process.ts';

/** The actor as the simulator drives it. */
export interface ActorLike {
  receive(event: Event): Effect[];
  /** What it says of itself to whoever looks; checkers that need it leave out who has none. */
  readonly status?: Status;
  /** Part of the status, and looked at after every event. */
  readonly rewind?: Status['rewind'];
  readonly memory?: Memory;
}

export type Carried = Exclude<BulkEffect, { kind: 'compute' }>;

/** Told of everything that a process does, in order. */
export interface Witness {
  /** An event was handled; its effects have not been carried out yet. */
  handled(running: Process, event: Event, effects: readonly Effect[]): void;
  /** A frame is about to leave for `to`. */
  sent(running: Process, message: Message, to: readonly string[]): void;
  /** An operation on numbers in bulk was carried out; `cause` is the event that asked for it. */
  performed(running: Process, effect: Carried, result: BulkEvent | null, cause: Event): void;
  /** A checkpoint was read for the process, before it is told. */
  loaded(running: Process, checkpoint: StoredCheckpoint | null): void;
  /** Checkpoints were removed because newer ones stand. */
  pruned(running: Process, steps: readonly number[], neededFrom: number): void;
  /** The process ended; its own fault or not. */
  ended(running: Process, why: ProcessEnd): void;
}

export type ProcessEnd =
  | { readonly kind: 'killed'; readonly power: boolean }
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly text: string }
  /** It was turned away, by all that it can know for good. */
  | { readonly kind: 'refused'; readonly error: Error }
  /** It threw: a mistake of ours. */
  | { readonly kind: 'threw'; readonly error: unknown };

export interface Timing {
  readonly computeMs: number;
  readonly computeSpread: Spread;
  readonly bulkMs: number;
  readonly diskMs: number;
}

export interface ProcessPorts {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly timing: Timing;
  /** Whether the others will let it in. */
  readonly isAdmitted: boolean;
  /** Share of steps that the node computes again by itself. */
  readonly auditRate: number;
  readonly model: SimModel;
  readonly createActor: (options: ActorOptions) => ActorLike;
  /** The nodes that everybody expects. */
  readonly members: readonly string[];
  readonly indexOf: (name: string) => number | undefined;
  readonly send: (to: number, channel: ChannelName, frame: WireFrame, readyMs: number) => void;
  readonly disconnect: (peer: number) => void;
  readonly witness: Witness;
  /** The process is over; the world takes it down. */
  readonly end: (running: Process, why: ProcessEnd) => void;
}
