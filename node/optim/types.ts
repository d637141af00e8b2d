/**
 * The optimizer as a pure function: configuration, master copy, state and direction of one bucket
 * in, the next ones out. Nothing is changed in place, because values of step s live on while s +
 * 1 is made.
 */

/** What an optimizer keeps for one bucket, besides the master copy. */
export interface ShardState {
  /** By name (adamw: mu, nu; sgd with momentum: mu), each as long as the bucket. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** adamw: beta1^t, beta2^t after t steps; sgd: none. */
  readonly scalars: Float64Array;
}

/** What one step is made of. All arrays have the bucket's length. */
export interface StepInput {
  /** Parameters in full precision. */
  readonly master: Float32Array;
  readonly state: ShardState;
  /** d, to be descended against. */
  readonly direction: Float32Array;
  /** From learningRateAt. */
  readonly learningRate: number;
  /** d is multiplied by this first: 1, or what clipScale says. */
  readonly scale: number;
}

/** Where a step leads to, in memory of its own. */
export interface StepOutput {
  readonly master: Float32Array;
  readonly state: ShardState;
  /** Whether all numbers of master and state are finite. */
  readonly finite: boolean;
}
