/** What a caller of the resolver can get wrong. */
import { IsoglossError } from '../../protocol/errors.ts';

/** A Gram matrix, mask or vector that can't be one: its shape or its numbers. */
export class GramError extends IsoglossError {
  override readonly name = 'GramError';
  override readonly exitCode = 2;
}

/** An aggregator that doesn't exist, or options that it doesn't have. */
export class AggregatorError extends IsoglossError {
  override readonly name = 'AggregatorError';
  override readonly exitCode = 2;
}
