/** What compute takes and gives; the shell's side of every engine. */
import type { BucketLayout } from '../../protocol/buckets.ts';
import type { LlamaConfig } from '../model/index.ts';
import type { EngineName } from './engines/engine.ts';

/** One work unit: sequences of tokens and what follows each. Structurally that of node/data. */
export interface UnitBatch {
  /** [sequences · sequenceLength], row by row, each in 0..vocabularySize − 1. */
  readonly tokens: Int32Array;
  /** The token to predict at each place, or −1 where none is scored. */
  readonly targets: Int32Array;
  readonly sequences: number;
  readonly sequenceLength: number;
}

/** Parameters of one bucket, published values, in the flattened order. */
export interface BucketValues {
  readonly bucket: number;
  readonly values: Float32Array;
}

/**
 * A unit's gradient on one bucket: of the sum of −ln p over the unit's scored tokens, never their
 * mean. `absent`: the bucket lies wholly in rows of an untied input embedding that no token of the
 * unit reads, or the unit scores no token; there are no values then.
 */
export type ComputedSlice =
  | { readonly bucket: number; readonly outcome: 'tensor'; readonly values: Float32Array }
  | { readonly bucket: number; readonly outcome: 'absent' };

/** What a unit adds to its language's loss. */
export interface UnitResult {
  /** Scored tokens. */
  readonly tokens: number;
  /** float64 sum of the f32 per-token losses in token order. */
  readonly lossSum: number;
}

/** What openCompute is given. */
export interface ComputeOptions {
  /** Left out: onnx where it loads, else wasm. */
  readonly engine?: EngineName;
  /** Threads that the engine computes in; only onnx uses more than one. Never changes a bit. */
  readonly threads: number;
  readonly config: LlamaConfig;
  readonly layout: BucketLayout;
  /** Sequences in every unit that a gradient is asked for, and the most that `score` takes. */
  readonly unitSequences: number;
  /** Tokens in every sequence. */
  readonly sequenceLength: number;
  /** Compute in the caller's thread, which blocks it: for tests. */
  readonly inThread?: boolean;
}

/**
 * A model on an engine. Calls are carried out one after another in the order they are made; a
 * failed one rejects with EngineError and leaves the rest as they are.
 */
export interface Compute {
  readonly engine: EngineName;
  /** Why this engine, and why not those before it; one line. */
  readonly why: string;
  /** Engine, version, device and the programs' hash: nodes of one class compute the same bits. */
  readonly numericsClass: string;
  /**
   * Sets parameters, before any later call. Takes the arrays: one that fills its buffer is
   * transferred and is empty afterwards, a view into a larger buffer is copied. All buckets must
   * have been set once before anything is computed.
   */
  setBuckets(buckets: readonly BucketValues[]): void;
  /** Gradient of a unit of exactly the unit shape: every bucket once, last layer first. */
  gradient(unit: UnitBatch, onSlice: (slice: ComputedSlice) => void): Promise<UnitResult>;
  /** −ln p of every target, 0 where it is −1; [sequences · sequenceLength]. */
  score(unit: UnitBatch): Promise<Float32Array>;
  /** [sequences · sequenceLength, vocabularySize]; targets don't matter. */
  logits(unit: UnitBatch): Promise<Float32Array>;
  /**
   * Hex SHA-256 of all slices and losses of a fixed synthetic unit at fixed synthetic parameters,
   * at the run's shapes: equal on two nodes whose numerics agree. Leaves the parameters as they
   * are.
   */
  canary(): Promise<string>;
  /** Ends the thread; what is not finished rejects with ComputeClosedError. */
  close(): Promise<void>;
}
