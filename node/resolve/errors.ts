/** What a caller of the resolver can get wrong. */
import { IsoglossError } from '../../protocol/errors.ts';

/**
 * A Gram matrix, row, mask or vector that can't be one, or doesn't fit the others: its shape or its
 * numbers.
 */
export class GramError extends IsoglossError {
  override readonly name = 'GramError';
  override readonly exitCode = 2;
}

/**
 * An aggregator that doesn't exist, options that it doesn't have, fewer rows than it is defined
 * for; or one of the user's own that is none, throws, or gives no weights: in a run with its
 * module's path, the step and the bucket.
 */
export class AggregatorError extends IsoglossError {
  override readonly name = 'AggregatorError';
  override readonly exitCode = 2;
}
