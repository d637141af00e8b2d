/** What a cluster is made from, and one of its nodes. */
import type { Actor, ActorOptions } from '../node/actor/index.ts';
import type { Bulk, BulkOptions, StoredArrays } from '../node/bulk/index.ts';
import type { Hash } from '../protocol/hashes.ts';

/** A unit's gradient as the cluster's nodes compute it. */
export type ClusterGradient = (
  parameters: Float32Array,
  step: number,
  language: number,
  unit: number,
) => { tokens: number; lossSum: number; slices: (Float32Array | null)[] };

/** How the network treats messages. Probabilities per message; delays in virtual milliseconds. */
export interface Weather {
  /** A message takes up to this long, uniformly. */
  readonly delayMsMax: number;
  /** Share of messages that arrive twice. */
  readonly duplicate: number;
  /** Share of messages that never arrive. */
  readonly loss: number;
}

/** What a node's disk keeps of a step: its own buckets, or with those of others all of them. */
export interface ClusterCheckpoint {
  readonly step: number;
  readonly root: Hash;
  readonly previousRoot: Hash;
  readonly buckets: ReadonlyMap<number, StoredArrays>;
}

export interface ClusterOptions {
  readonly seed: number;
  readonly nodes: readonly string[];
  readonly actor: Omit<ActorOptions, 'self' | 'incarnation'>;
  readonly bulk: BulkOptions;
  readonly base: Float32Array;
  readonly gradient: ClusterGradient;
  readonly weather: Weather;
  /** What each node's disk has; left out: nothing. */
  readonly resume?: (node: string) => ClusterCheckpoint;
  /** Holds back every message from one node to another while true. */
  readonly held?: (from: string, to: string, kind: string, step: number) => boolean;
}

export interface Node {
  readonly id: string;
  actor: Actor;
  bulk: Bulk;
  /** Grows with each start; what was due for an earlier one comes to nothing. */
  incarnation: number;
  isUp: boolean;
  readonly roots: string[];
  readonly losses: Map<number, { tokens: number; lossSum: number }[]>;
  readonly timers: Map<string, number>;
  /** What it wrote, by step. */
  readonly disk: Map<number, ClusterCheckpoint>;
  finishedAt: number | null;
  readonly logs: string[];
}
