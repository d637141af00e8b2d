/** The methods that look at no gradient: sum, constant and random. */
import { z } from 'zod';
import { exponential, logarithm } from '../fixed-functions.ts';
import { preferenceOf, presentOf, weighedOf } from '../present.ts';
import type { Aggregator, WeighInput } from '../types.ts';

export const sum: Aggregator = {
  name: 'sum',
  doc: `w = 1 for each language present: k times mean, so a run with it needs a learning rate k
times smaller unless the optimizer is free of scale. Solves nothing; d may harm a language.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k)',
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    return weighedOf(input, present, new Float64Array(present.k).fill(1));
  },
};

export const constant: Aggregator = {
  name: 'constant',
  doc: `w = preference, as given; 1/k for each of the k languages present where none is given.
Solves nothing; the baseline for whoever knows how much each objective counts.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k)',
  usesPreference: true,
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    return weighedOf(input, present, preferenceOf(input, present, 1 / present.k));
  },
};

export const random: Aggregator = {
  name: 'random',
  doc: `w = softmax of k draws from N(0, 1), anew in each step (random loss weighting; Lin et
al., TMLR 2022): the baseline that any method has to beat. The draws come from the stream of
(run, step, group), so that all nodes find the same; the reference codes draw from a global
generator.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k)',
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    const draws = normals(input.random, present.k);
    const most = draws.reduce((a, b) => Math.max(a, b));
    const weights = draws.map((draw) => exponential(draw - most));
    const total = weights.reduce((a, b) => a + b);
    return weighedOf(
      input,
      present,
      weights.map((weight) => weight / total),
    );
  },
};

/** Marsaglia's polar method: two draws of N(0, 1) from each point inside the unit circle. */
function normals(stream: WeighInput['random'], count: number): Float64Array {
  const draws = new Float64Array(count);
  for (let i = 0; i < count; ) {
    const x = 2 * stream.nextFloat() - 1;
    const y = 2 * stream.nextFloat() - 1;
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const factor = Math.sqrt((-2 * logarithm(square)) / square);
    draws[i++] = x * factor;
    if (i < count) draws[i++] = y * factor;
  }
  return draws;
}
