/**
 * Resolving the conflict between objectives from the inner products of their gradients.
 *
 * An aggregator is a pure function from a Gram matrix to weights, and every answer carries its
 * certificate. The same numbers give the same bits on every machine.
 *
 * ```ts
 * import { combine, gramOfRows, resolve } from 'isogloss/resolve';
 *
 * const rows = [Float32Array.of(-4, 1, 1), Float32Array.of(6, 1, 1)];
 * const gram = gramOfRows(rows); // [18, -22, -22, 38]
 * const { weights, certificate } = resolve(gram, { aggregator: 'mgda', normalize: 'none' });
 * // weights: 0.6, 0.4; certificate.squaredNorm: 2, leastDescent: 2, so nobody is harmed
 * const direction = new Float32Array(3);
 * combine(rows, weights, direction); // about 0, 1, 1
 * ```
 *
 * With `normalize: 'l2'` a method solves on rows divided by their norm, which gives α; the
 * weights returned are αᵢ/‖gᵢ‖ times the one positive number that makes Σ|w| what Σ|α| is, and
 * belong to the raw rows. The certificate is that of the problem solved: its inner products are
 * those of unit rows, which have the signs of the raw ones.
 *
 * `resolveRows` goes from gradients to the direction in one call, for every method; an own
 * aggregator is an object with a name and `weigh`.
 *
 * A run calls `resolveGroup` with the Gram matrices of a group's buckets, and `residualsOf` for
 * each step. An own aggregator is an object of type Aggregator: give it to `resolve`, or in `own`
 * to the others.
 */

export type { ResolveOptions } from './call.ts';
export type { AggregatorConfig, Preference } from './config.ts';
export {
  aggregatorSchema,
  aggregatorSchemaOf,
  aggregatorSchemaWith,
  changedOptions,
  preferenceByOrder,
  preferenceTaker,
  rowsMinOf,
  runAggregatorSchema,
  shownConfig,
} from './config.ts';
export type { ConflictingPair, Conflicts } from './conflicts.ts';
export type { DirectionInput } from './direction.ts';
export { AggregatorError, GramError } from './errors.ts';
export { GramSums } from './gram-sums.ts';
export { type GroupInput, resolveGroup } from './group.ts';
export type { Quotient, Row } from './kernel/index.ts';
export type { MinNorm } from './min-norm.ts';
export {
  aggregatorOfModule,
  type OwnAggregator,
  type OwnOption,
  type OwnRows,
  ownAggregator,
} from './own.ts';
export {
  addGrams,
  anyMask,
  combine,
  conflicts,
  createAggregatorState,
  directionInto,
  expand,
  gapOf,
  gramOfRows,
  minNorm,
  presentLanguages,
  restrict,
} from './public.ts';
export { groupsAfterStall, refinedGroups, residualsOf } from './public-groups.ts';
export { aggregatorByName, aggregators } from './registry.ts';
export type { GroupGram, Residuals } from './residuals.ts';
export { resolve } from './resolve.ts';
export { type RowsResult, resolveRows } from './resolve-rows.ts';
export { STALL_POLICIES, type StallPolicy, type StepGroup } from './stall-policy.ts';
export {
  type Aggregator,
  type Certificate,
  LANGUAGES_MAX,
  NORMALIZES,
  type Normalize,
  type Problem,
  type Solution,
  STATIONARY,
  type Weighed,
  type WeighInput,
  type WeighResult,
} from './types.ts';
