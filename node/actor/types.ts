/**
 * The actor's vocabulary: what it is told (events) and what it asks for (effects), all plain data.
 * Numbers in bulk never pass through the actor; it speaks of them by key and hash.
 */
import type { BucketLayout, GroupBy } from '../../protocol/buckets.ts';
import type { Hash, ValueHashes } from '../../protocol/hashes.ts';
import type { Loss, Message, Resolution } from '../../protocol/messages.ts';
import type { Outcome, ValueKey } from '../../protocol/values.ts';

export interface ActorLanguage {
  readonly id: string;
  readonly unitsPerStep: number;
  /** Who alone has its text, for people; left out: everybody has it. */
  readonly at?: readonly string[];
}

/** What an actor is made from; all nodes of a run agree on what is not said to be its own. */
export interface ActorOptions {
  /** Its own. */
  readonly self: string;
  /** Its own: languages whose text is not here; left out: none. */
  readonly lacks?: readonly number[];
  /** Its own. Tells this start of the node from its earlier ones; greater than theirs. */
  readonly incarnation: number;
  readonly runId: Hash;
  readonly numericsClass: string;
  readonly steps: number;
  readonly languages: readonly ActorLanguage[];
  readonly layout: BucketLayout;
  readonly groups: GroupBy;
  /**
   * Whether a group's weights depend on the Gram matrices of all buckets, as where a stalled step
   * is resolved in coarser groups; left out: on those of its own.
   */
  readonly needsAllGrams?: boolean;
  /** Numbers that the aggregator remembers of a group from one step to the next. */
  readonly stateLength: number;
  /** Whether the optimizer clips by the global norm. */
  readonly clips: boolean;
  /** A checkpoint is written at every multiple of this step number, and at the last step. */
  readonly checkpointEverySteps: number | null;
  /** How many nodes hold a bucket's whole value, its owner among them; at least 1. */
  readonly redundancy: number;
  /** Left out: nothing is audited. */
  readonly audit?: AuditOptions;
}

export interface AuditOptions {
  /** Share of steps that this node computes again by itself; at 1 it holds all buckets. */
  readonly rate: number;
  /** Its own: what no other node knows, so that nobody can tell which steps these are. */
  readonly secret: string;
}

/** Points into the payload that came with a message; the runtime knows the bytes. */
export type PayloadRef = number;

/** A checkpoint of this node's own on its disk. */
export interface DiskStep {
  readonly step: number;
  /** root(step). */
  readonly root: Hash;
  readonly previousRoot: Hash;
  /** The buckets whose whole value it has, ascending. */
  readonly buckets: readonly number[];
}

/** What a node knows when it begins. The base is loaded: it stands at step 0 with all of it. */
export interface Beginning {
  /** The nodes that it expects, itself among them; others may come at any time. */
  readonly members: readonly string[];
  /** root(0) and, by bucket, the hashes of its values. */
  readonly base: { readonly root: Hash; readonly values: readonly ValueHashes[] };
  readonly disk: readonly DiskStep[];
}

/** A step that was read from disk, or the base. */
export interface LoadedStep {
  readonly step: number;
  readonly root: Hash;
  /** root(step − 1); null at step 0. */
  readonly previousRoot: Hash | null;
  /** By bucket: the hashes of its value; null where the disk does not have it. */
  readonly values: readonly (ValueHashes | null)[];
}

/** Every event carries the runtime's monotonic clock; the actor has none. */
export type Event = { readonly nowMs: number } & EventBody;

export type EventBody =
  | { kind: 'start'; beginning: Beginning }
  /** `signature` is the sender's, of a claim; checked before. */
  | {
      kind: 'message';
      from: string;
      message: Message;
      signature: Uint8Array | null;
      payload: PayloadRef | null;
    }
  | { kind: 'peerUp'; peer: string }
  | { kind: 'peerDown'; peer: string }
  | { kind: 'timer'; timer: TimerName }
  /** The user wants the run to end after the step under way. */
  | { kind: 'stop' }
  /** This node is to hand over what it holds and go; the others carry on. */
  | { kind: 'leave' }
  | BulkEvent
  | { kind: 'checkpointed'; step: number }
  | { kind: 'loaded'; loaded: LoadedStep }
  /** The checkpoint of a step can't be used after all. */
  | { kind: 'loadFailed'; step: number; reason: string };

/** What the bulk worker and the model report when they are done. */
export type BulkEvent =
  | SliceEvent
  | { kind: 'filed'; key: ValueKey; ok: boolean }
  | AddedEvent
  | { kind: 'gram'; step: number; bucket: number; gram: Float64Array }
  | WeighedEvent
  | { kind: 'directed'; step: number; bucket: number; hash: Hash; squaredNorm: number }
  | UpdatedEvent
  | RehashedEvent
  /** A value that somebody handed over is here, whole, or was refused for its hashes. */
  | { kind: 'taken'; step: number; bucket: number; ok: boolean };

/** Values of a step that are here were hashed again. */
export interface RehashedEvent {
  readonly kind: 'rehashed';
  readonly step: number;
  /** Buckets that no longer have their hashes. */
  readonly wrong: readonly number[];
}

/** One gradient slice of a unit that this node computed. */
export interface SliceEvent {
  readonly kind: 'slice';
  readonly step: number;
  readonly language: number;
  readonly unit: number;
  /** Which computation of this unit it comes from, counted from 0. */
  readonly attempt: number;
  readonly bucket: number;
  readonly outcome: Outcome;
  readonly hash: Hash | null;
  /** Scored tokens of the whole unit, and their summed −ln p. */
  readonly tokens: number;
  readonly lossSum: number;
}

/** An addition in a language's tree is done. */
export interface AddedEvent {
  readonly kind: 'added';
  readonly step: number;
  readonly language: number;
  readonly bucket: number;
  readonly key: ValueKey;
  readonly outcome: Exclude<Outcome, 'absent'>;
  readonly hash: Hash | null;
}

export interface WeighedEvent {
  readonly kind: 'weighed';
  readonly step: number;
  readonly group: number;
  readonly weights: Float64Array;
  readonly gapRelative: number;
  readonly converged: boolean;
  /** state(step + 1, group), and its hash. */
  readonly state: Float64Array;
  readonly aggregator: Hash;
}

export interface UpdatedEvent {
  readonly kind: 'updated';
  /** The step whose gradients were used; the value belongs to the next one. */
  readonly step: number;
  readonly bucket: number;
  readonly finite: boolean;
  readonly published: Hash;
  readonly optimizer: Hash;
}

/** Write these buckets of a complete step to disk; answered by `checkpointed`. */
export interface CheckpointEffect {
  readonly kind: 'checkpoint';
  readonly step: number;
  readonly root: Hash;
  /** Null at step 0. */
  readonly previousRoot: Hash | null;
  /** Those that this node holds, and copies of others; ascending. */
  readonly buckets: readonly number[];
  readonly values: readonly ValueHashes[];
  /** Older checkpoints may go: each bucket is durable often enough at this step or later. */
  readonly neededFrom: number;
}

export type TimerName = 'heartbeat' | 'deadline';

export type Effect =
  | { kind: 'send'; to: readonly string[]; message: Message; payload: ValueKey | null }
  | { kind: 'setTimer'; timer: TimerName; delayMs: number }
  | BulkEffect
  | CheckpointEffect
  /** Read this node's checkpoint of a step, or the base: `loaded` or `loadFailed`. */
  | { kind: 'load'; step: number }
  | SteppedEffect
  /** `waitedMs`: it tells of a wait, so long within this step. */
  | { kind: 'log'; level: 'info' | 'warn'; text: string; waitedMs?: number }
  /** A peer broke the protocol: close its streams, with this reason. */
  | { kind: 'disconnect'; peer: string; reason: string }
  /** The run is over here: at its last step, or at the step where somebody stopped it. */
  | { kind: 'finished'; step: number; root: Hash; stopped: boolean }
  /** Everything that this node held is with others: it may go. */
  | { kind: 'left'; step: number }
  /** The run can't go on. */
  | { kind: 'failed'; error: 'NonFiniteUpdate' | 'Divergence' | 'MemoryFault'; text: string };

/** Work for the model and the bulk worker, carried out in order and answered by events. */
export type BulkEffect =
  /** Compute the gradient of a unit at params(step): one `slice` event a bucket. */
  | { kind: 'compute'; step: number; language: number; unit: number; attempt: number }
  /** Keep a received payload under a key, if its hash is right: `filed`. */
  | { kind: 'file'; key: ValueKey; payload: PayloadRef; hash: Hash; bucket: number }
  /**
   * Keep a received value with all that its holder needs, if its hashes are right: `taken`. Comes
   * from `wholeKey` of another node.
   */
  | { kind: 'take'; step: number; bucket: number; payload: PayloadRef; hashes: ValueHashes }
  /** What is filed under `key` is what value(step, bucket) publishes, unless that is here. */
  | { kind: 'adopt'; key: ValueKey; step: number; bucket: number }
  /** What is filed under `key` is the direction of (step, bucket). Not answered. */
  | { kind: 'follow'; key: ValueKey; step: number; bucket: number }
  /** state(step, group) as another node found it. Not answered. */
  | { kind: 'setState'; step: number; group: number; state: Float64Array }
  /** Of value(step, bucket) keep only what is published. Not answered. */
  | { kind: 'unhold'; step: number; bucket: number }
  | {
      kind: 'add';
      step: number;
      language: number;
      bucket: number;
      key: ValueKey;
      left: ValueKey;
      right: ValueKey;
    }
  | { kind: 'gram'; step: number; bucket: number; rows: readonly Row[] }
  | {
      kind: 'weigh';
      step: number;
      group: number;
      grams: readonly Float64Array[];
      mask: Uint8Array;
      losses: readonly Loss[];
      /** By bucket, where the weights depend on all of them. */
      all?: readonly BucketGram[];
    }
  /** d of a bucket from its rows and weights. */
  | { kind: 'direct'; step: number; bucket: number; rows: readonly Row[]; weights: Float64Array }
  /** The optimizer's step on a bucket; `squaredNorm` is the global one, null without clipping. */
  | { kind: 'update'; step: number; bucket: number; squaredNorm: number | null }
  /** value(step + 1, bucket) is value(step, bucket). Not answered. */
  | { kind: 'keep'; step: number; bucket: number }
  /** Hash again what is here of a step: `rehashed`. */
  | { kind: 'rehash'; step: number; values: readonly ValueHashes[] }
  | { kind: 'drop'; keys: readonly ValueKey[] }
  /** Everything goes: the node begins anew elsewhere. Not answered. */
  | { kind: 'clear' };

/** The raw inner products of a bucket's rows, and which languages have one. */
export interface BucketGram {
  readonly gram: Float64Array;
  readonly mask: Uint8Array;
}

/** A language's row in a bucket: the top of its tree, and what to divide it by. Null: no row. */
export type Row = { readonly key: ValueKey; readonly tokens: number } | null;

/** This node stands at `step` now; `resolutions` by bucket say how it was reached. */
export interface SteppedEffect {
  readonly kind: 'stepped';
  readonly step: number;
  readonly root: Hash;
  readonly values: readonly ValueHashes[];
  readonly resolutions: readonly (Resolution | null)[];
}
