/**
 * What an aggregator is: a pure function from a Gram matrix to weights. It sees no gradient, no
 * clock and no process; so every node that is given the same numbers finds the same bits.
 *
 * m is the number of languages; a Gram matrix is a Float64Array of m·m, row by row, symmetric.
 */
import type { z } from 'zod';
import type { RandomStream } from '../../protocol/random.ts';

/**
 * What rows are divided by before a method sees them. `none`: nothing. `l2`: their Euclidean norm.
 * `loss`: the language's mean loss. `loss+`: both.
 */
export const NORMALIZES = ['none', 'l2', 'loss', 'loss+'] as const;
export type Normalize = (typeof NORMALIZES)[number];

/** What an aggregator may depend on, besides its options. It changes none of it. */
export interface WeighInput {
  /** Inner products of the rows of a resolution group, m·m, after normalisation. */
  readonly gram: Float64Array;
  /** Number of languages, 1 to LANGUAGES_MAX. */
  readonly m: number;
  /**
   * By language: 1 where it has a row; never all 0. Entries of G at other languages mean nothing.
   */
  readonly mask: Uint8Array;
  /** By language: mean −ln p per token in this step; NaN where it had no token. */
  readonly losses: Float64Array;
  /** Keyed by (run, step, group): the same numbers whoever asks. */
  readonly random: RandomStream;
  /** What this aggregator returned as `state` in the step before; zeros at first. */
  readonly state: Float64Array;
  /**
   * By language: how much it counts, ≥ 0, some of those present above 0; null where nobody said.
   * Only for methods that use it.
   */
  readonly preference: Float64Array | null;
  /**
   * Inner products of one batch's rows with another's, m·m, row i of the first with row j of the
   * second, after normalisation; null where there is only one batch, as in a run.
   */
  readonly cross: Float64Array | null;
}

/** What an aggregator says about its own answer. The frame around it fills in the rest. */
export interface Weighed {
  /** By language; 0 where the mask is 0. */
  readonly weights: Float64Array;
  /**
   * `stateLength(m, config)` numbers in new memory, or the given state if there is nothing to
   * change.
   */
  readonly state: Float64Array;
  readonly solution: Solution;
}

/** How well the problem that a method solves was solved. */
export interface Solution {
  /** `none`: the weights come from a formula, nothing is solved. */
  readonly problem: Problem;
  /** How far from the optimum, in units of squared norms, ≥ 0; NaN where nothing is solved. */
  readonly gap: number;
  /** Times the solver changed its support, or Newton steps; 0 for a formula. */
  readonly iterations: number;
  /**
   * False where the bound on iterations ended the search, or the range or the rounding of numbers
   * did before there was an answer; the gap is true all the same.
   */
  readonly converged: boolean;
}

/**
 * What a gap is of.
 *
 * - `min-norm`: min αᵀGα over the simplex, or a part of it; αᵀGα − min over the same β of βᵀGα.
 * - `cagrad`: CAGrad's dual over the simplex; αᵀGw − minᵢ(Gw)ᵢ.
 * - `dual-cone`: min vᵀGv over v ≥ u; Σ(vᵢ − uᵢ)|yᵢ| + Σvᵢ‖gᵢ‖·maxᵢ(−yᵢ/‖gᵢ‖)₊ with y = Gv.
 * - `fixed-point`: wᵢ(Gw)ᵢ equal to a power of wᵢ; the largest difference of the two.
 *
 * For the first two the objective (½αᵀGα; the dual) exceeds its optimum by at most the gap, and for
 * `min-norm` ‖d − d*‖² is at most the gap too. For the others it is the residual of conditions that
 * only the optimum meets. Of a sum of projections it is the sum of their gaps, each of its own
 * weights.
 */
export type Problem = 'none' | 'min-norm' | 'cagrad' | 'dual-cone' | 'fixed-point';

/**
 * The proof that travels with weights. Inner products are those of the problem solved, with `l2` of
 * unit rows: of d as the weights given make it, times a positive number, with divided rows. Where
 * rows of zeros take all weight from others, d = 0 is no longer the answer of a problem, and
 * `problem` says none. Its own numbers are recomputed from the weights and G, never taken from the
 * solver.
 */
export interface Certificate extends Solution {
  /** True where no language has a row: weights are zero, there is no direction. */
  readonly empty: boolean;
  /** Languages that have a row. */
  readonly rows: number;
  /** ‖d‖² = wᵀGw. */
  readonly squaredNorm: number;
  /**
   * (Σ |wᵢ|·‖gᵢ‖)², what squaredNorm would be if nothing cancelled, and is never above but for
   * rounding, which is a share of this.
   */
  readonly scale: number;
  /**
   * d is zero but for rounding, squaredNorm ≤ STATIONARY·scale, and the group is Pareto stationary:
   * the hull of the rows holds 0 but for rounding, which weights below 0, or all 0, do not say by
   * themselves. False beside a d of zero: the method found no direction where there is one.
   */
  readonly stationary: boolean;
  /** gap / squaredNorm, or gap / scale where stationary; NaN where nothing is solved; 0 for 0/0. */
  readonly gapRelative: number;
  /** minᵢ ⟨gᵢ, d⟩ over the languages present: above 0, a small step along −d harms none of them. */
  readonly leastDescent: number;
  /** Pairs of languages whose gradients have a negative inner product. */
  readonly conflictingPairs: number;
  /** The least cosine of any two gradients that are not zero; 1 where there is no such pair. */
  readonly leastCosine: number;
}

export interface WeighResult {
  /** By language, for the rows as they are, also with `l2`; 0 where masked. d = Σ wᵢgᵢ. */
  readonly weights: Float64Array;
  readonly certificate: Certificate;
  readonly state: Float64Array;
}

/** One method of the catalogue, or one of the user's own. */
export interface Aggregator<Options extends object = object> {
  readonly name: string;
  /** The problem solved, its source, and where it differs from the reference code. */
  readonly doc: string;
  /** Options beside `name` and `normalize`; strict. */
  readonly schema: z.ZodObject & z.ZodType<Options>;
  /** What `normalize` is when a configuration does not say. */
  readonly normalizeDefault: Normalize;
  /** Numbers of state between steps for m languages; 0 for a method without. */
  stateLength(m: number, options: Options): number;
  /** What weighing k languages costs, for the documentation. */
  readonly cost?: string;
  /** Why a run has not what it needs; left out: a run has. */
  readonly notInRuns?: string;
  /** Whether it looks at `preference`; left out: no. */
  readonly usesPreference?: boolean;
  /** Whether it looks at `cross`; left out: no. */
  readonly usesCross?: boolean;
  /**
   * Rows that it is defined for, at least; left out: 1. `resolve` refuses fewer. In a run a group
   * may have fewer in a step, and `doc` says what it does then.
   */
  rowsMin?(options: Options): number;
  /** A pure function; throws nothing. */
  weigh(input: WeighInput, options: Options): Weighed;
  /**
   * Of a method that no weights describe: writes d of a bucket's rows, which are those present and
   * at least one. A pure function; `random` is keyed by (run, step, bucket).
   */
  fromRows?(
    rows: readonly Float32Array[],
    out: Float32Array,
    random: RandomStream,
    options: Options,
  ): void;
}

/** Bound on m: the solvers' memory and time grow with m² and m³. */
export const LANGUAGES_MAX = 256;

/** ‖d‖² below this share of (Σ |wᵢ|·‖gᵢ‖)² is rounding: 2⁻⁴⁰. */
export const STATIONARY = 2 ** -40;
