/** Resolving one Gram matrix on its own: what someone uses who trains nothing with us. */
import { createStream, type RandomStream } from '../../protocol/random.ts';
import {
  type Chosen,
  checkEnough,
  chosenBy,
  crossIn,
  lossesOf,
  maskOf,
  preferenceIn,
  type ResolveOptions,
  stateOf,
} from './call.ts';
import { AggregatorError } from './errors.ts';
import { checkedGram, sizeOf } from './gram-check.ts';
import { createAggregatorState, resolveGroup } from './group.ts';
import type { WeighResult } from './types.ts';

/**
 * Weights of the m rows behind a Gram matrix of m·m numbers, row by row. Its halves may differ by
 * rounding; their mean is used. Throws a GramError for what is no Gram matrix and what does not fit
 * it, an AggregatorError for an unknown method or option, and for fewer rows than a method needs.
 */
export function resolve(gram: ArrayLike<number>, options: ResolveOptions): WeighResult {
  const chosen = chosenBy(options);
  const { name, fromRows } = chosen.aggregator;
  if (fromRows !== undefined) {
    throw new AggregatorError(`${name} needs the gradients themselves: use resolveRows`);
  }
  const m = sizeOf(gram);
  return resolveChosen(gram, m, chosen, { ...options, mask: maskOf(options, m) });
}

/** The same for a method that is chosen, and a mask that is checked. */
export function resolveChosen(
  gram: ArrayLike<number>,
  m: number,
  chosen: Chosen,
  options: ResolveOptions & { readonly mask: Uint8Array },
): WeighResult {
  const { aggregator, config, seed } = chosen;
  const { mask } = options;
  const own = [aggregator];
  checkEnough(chosen, mask);
  const preference = preferenceIn(options, m);
  const cross = crossIn(options, mask);
  const input = {
    grams: [checkedGram(gram, m, mask)],
    mask,
    losses: lossesOf(options, mask, config.normalize),
    random: whenAsked(() => createStream('resolve', seed)),
    state: stateOf(options, createAggregatorState(config, m, own), config.name),
    ...(preference && { preference }),
    ...(cross && { cross }),
  };
  return resolveGroup(input, config, own);
}

/** A stream that is made when its first number is: keying one costs more than some methods. */
function whenAsked(make: () => RandomStream): RandomStream {
  let made: RandomStream | null = null;
  const stream = () => {
    made ??= make();
    return made;
  };
  return {
    nextUint32: () => stream().nextUint32(),
    nextBelow: (bound) => stream().nextBelow(bound),
    nextFloat: () => stream().nextFloat(),
  };
}
