/**
 * Resolving the conflict of one resolution group: normalise, weigh, carry the weights back,
 * certify. The one way to weights, for a bucket in a run as for a matrix typed in by hand.
 */
import { assert } from '../../protocol/assert.ts';
import type { RandomStream } from '../../protocol/random.ts';
import {
  answerOf,
  checkAnswer,
  checkFinite,
  checkMeasured,
  stateLengthOf,
} from './answer-check.ts';
import { certify, certifyEmpty } from './certificate.ts';
import { type AggregatorConfig, optionsOf, preferenceOfConfig } from './config.ts';
import { GramError } from './errors.ts';
import { addGrams } from './gram.ts';
import { presentLanguages } from './mask.ts';
import { dividedGram, lostRow, rawWeights, rowNorms, zeroRowsTakeOver } from './normalize.ts';
import { aggregatorByName } from './registry.ts';
import { type Aggregator, LANGUAGES_MAX, type WeighResult } from './types.ts';

/** What a group's weights depend on, besides the configuration. */
export interface GroupInput {
  /**
   * Of the group's buckets, in bucket order, m·m each; a row that a bucket lacks is zeros there.
   */
  readonly grams: readonly Float64Array[];
  /** By language: 1 where any bucket of the group has its row (anyMask). */
  readonly mask: Uint8Array;
  /** By language: mean −ln p per token in this step; NaN where it had no token. */
  readonly losses: Float64Array;
  readonly random: RandomStream;
  /** stateLength numbers; zeros before the first step. */
  readonly state: Float64Array;
  /** By language, ≥ 0, for methods that use it; left out: what the configuration says. */
  readonly preference?: Float64Array;
  /** Inner products of one batch's rows with another's; left out: there is one batch. */
  readonly cross?: Float64Array;
}

/**
 * Weights, certificate and next state of a group. All masked: zero weights, `empty`, and the
 * state as it was. Entries at languages that are present must be finite. `own`: the user's
 * aggregators.
 */
export function resolveGroup(
  input: GroupInput,
  config: AggregatorConfig,
  own: readonly Aggregator[] = [],
): WeighResult {
  const { mask, losses, random, state } = input;
  const m = mask.length;
  assert(m >= 1 && m <= LANGUAGES_MAX, `${m} languages, of 1 to ${LANGUAGES_MAX}`);
  assert(losses.length === m, `${losses.length} losses for ${m} languages`);
  const aggregator = aggregatorByName(config.name, own);
  const options = optionsOf(config);
  const length = stateLengthOf(aggregator, m, options);
  assert(state.length === length, `${config.name}: ${state.length} of ${length} numbers of state`);
  const present = presentLanguages(mask);
  if (present.length === 0) {
    return { weights: new Float64Array(m), certificate: certifyEmpty(), state };
  }
  const raw = addGrams(input.grams);
  assert(raw.length === m * m, `Gram matrix of ${raw.length} numbers for ${m} languages`);
  const norms = rowNorms({ normalize: config.normalize, gram: raw, mask, losses });
  const gram = dividedGram(raw, m, norms);
  if (norms !== null) checkDivided(raw, gram, m, config);
  const preference = usablePreference(input.preference ?? preferenceOfConfig(config), m, present);
  const cross = input.cross === undefined ? null : dividedGram(input.cross, m, norms);
  const given = { gram, m, mask, losses, random, state, preference, cross };
  const weighed = answerOf(aggregator, () => aggregator.weigh(given, options));
  checkAnswer(aggregator, weighed, mask, length);
  const weights = rawWeights(weighed.weights, norms);
  checkFinite(aggregator, weights);
  // Rows of zeros that took the others' weight left nothing of what the method solved.
  const certificate = zeroRowsTakeOver(weighed.weights, norms)
    ? certify(gram, mask, weights, { ...weighed.solution, problem: 'none', gap: Number.NaN })
    : certify(gram, mask, weighed.weights, weighed.solution);
  checkMeasured(aggregator, certificate);
  return { weights, certificate, state: weighed.state };
}

/** Rows of finite squares may have none when they are divided by losses far from 1. */
function checkDivided(
  gram: Float64Array,
  divided: Float64Array,
  m: number,
  { name, normalize }: AggregatorConfig,
): void {
  const row = lostRow(gram, divided, m);
  if (row < 0) return;
  const length = Math.sqrt(gram[row * m + row]!);
  throw new GramError(
    `${name}: row ${row} of length ${length}, divided as normalize ${normalize} says, leaves the ` +
      'range of numbers. Bring rows and losses nearer to 1.',
  );
}

/** Null where nothing is preferred, and where those who are present have none of it. */
function usablePreference(
  preference: Float64Array | undefined,
  m: number,
  present: readonly number[],
): Float64Array | null {
  if (preference === undefined) return null;
  assert(preference.length === m, `${preference.length} preferences for ${m} languages`);
  for (const language of present) {
    const value = preference[language]!;
    assert(value >= 0 && Number.isFinite(value), `preference of language ${language} is ${value}`);
  }
  return present.some((language) => preference[language]! > 0) ? preference : null;
}

/** The state of a group before its first step, for m languages. */
export function createAggregatorState(
  config: AggregatorConfig,
  m: number,
  own: readonly Aggregator[] = [],
): Float64Array {
  const aggregator = aggregatorByName(config.name, own);
  return new Float64Array(stateLengthOf(aggregator, m, optionsOf(config)));
}
