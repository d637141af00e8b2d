/**
 * Whether what an aggregator gives is an answer. One of ours that gives none is our mistake; that
 * of somebody else is told as theirs.
 */
import { assert } from '../../protocol/assert.ts';
import { IsoglossError } from '../../protocol/errors.ts';
import { shownValue } from '../schema/index.ts';
import { AggregatorError, GramError } from './errors.ts';
import { aggregators } from './registry.ts';
import { type Aggregator, type Certificate, LANGUAGES_MAX, type Weighed } from './types.ts';

/** Numbers that may be remembered of a group: what a message of a direction has room for. */
const STATE_LENGTH_MAX = 2 * LANGUAGES_MAX ** 2;

/**
 * Throws an AggregatorError for an own aggregator's answer that is none. Of ours an assertion, but
 * for weights that are not finite, a GramError: no rows of proper length and no options near their
 * defaults bring that about.
 */
export function checkAnswer(
  aggregator: Aggregator,
  weighed: Weighed,
  mask: Uint8Array,
  stateLength: number,
): void {
  const problem = problemOf(weighed, mask, stateLength);
  if (problem !== null) {
    const text = `${aggregator.name} gives ${problem}`;
    assert(!aggregators.includes(aggregator), text);
    throw new AggregatorError(text);
  }
  checkFinite(aggregator, weighed.weights);
}

/** What an aggregator gives; what somebody else's throws is told as theirs. */
export function answerOf<T>(aggregator: Aggregator, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (aggregators.includes(aggregator) || error instanceof IsoglossError) throw error;
    throw new AggregatorError(`${aggregator.name} throws ${error}`, { cause: error });
  }
}

/** How much an aggregator remembers; of somebody else's it may be no number. */
export function stateLengthOf(aggregator: Aggregator, m: number, options: object): number {
  const length = answerOf(aggregator, () => aggregator.stateLength(m, options));
  if (Number.isSafeInteger(length) && length >= 0 && length <= STATE_LENGTH_MAX) return length;
  const expected = `expected a whole number of 0 to ${STATE_LENGTH_MAX}`;
  const text = `${aggregator.name}: stateLength is ${shownValue(length)}, ${expected}`;
  assert(!aggregators.includes(aggregator), text);
  throw new AggregatorError(text);
}

/** Throws where weights that are numbers give a d that is none, likewise. */
export function checkMeasured(
  aggregator: Aggregator,
  { squaredNorm, leastDescent, scale }: Certificate,
): void {
  if ([squaredNorm, leastDescent, scale].every(Number.isFinite)) return;
  const sizes = `‖d‖² = ${squaredNorm} and (Σ |wᵢ|·‖gᵢ‖)² = ${scale}`;
  const text = `${aggregator.name} gives weights with ${sizes}`;
  throw outOfRange(aggregator, text);
}

/** The same for the weights alone, also as they are carried back to the raw rows. */
export function checkFinite(aggregator: Aggregator, weights: Float64Array): void {
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong < 0) return;
  const text = `${aggregator.name} gives language ${wrong} weight ${weights[wrong]}`;
  throw outOfRange(aggregator, text);
}

function outOfRange(aggregator: Aggregator, text: string): IsoglossError {
  if (!aggregators.includes(aggregator)) return new AggregatorError(text);
  const remedy = 'Bring rows, losses, options and state nearer to 1.';
  return new GramError(`${text}: something left the range of numbers. ${remedy}`);
}

function problemOf(weighed: Weighed, mask: Uint8Array, stateLength: number): string | null {
  // Types can't hold the user's own code to it.
  const { weights, state, solution } = (weighed ?? {}) as Partial<Weighed>;
  const m = mask.length;
  if (!(weights instanceof Float64Array && state instanceof Float64Array && solution)) {
    return 'no { weights, state, solution } with weights and state in Float64Array';
  }
  if (weights.length !== m) return `${weights.length} weights for ${m} languages`;
  if (state.length !== stateLength) {
    return `a state of ${state.length} numbers, and stateLength is ${stateLength}`;
  }
  for (let i = 0; i < m; i++) {
    if (mask[i] !== 1 && weights[i] !== 0) return `language ${i}, which is masked, ${weights[i]}`;
  }
  return null;
}
