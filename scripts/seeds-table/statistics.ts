/** Mean and spread of a few measurements. */
import { assert } from '../../protocol/assert.ts';

/** What several seeds gave. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample (divisor n − 1); 0 for a single value. */
  readonly deviation: number;
}

/** Of at least one number. */
export function spreadOf(values: readonly number[]): Spread {
  assert(values.length > 0, 'no values');
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length === 1 ? 0 : Math.sqrt(squares / (values.length - 1));
  return { mean, deviation };
}

/** Of at least one number. */
export function meanOf(values: readonly number[]): number {
  assert(values.length > 0, 'no values');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
