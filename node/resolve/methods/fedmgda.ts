/** FedMGDA+: the shortest combination near to given weights. */
import { z } from 'zod';
import { boundedMinNorm } from '../bounded-min-norm.ts';
import { preferenceOf, presentOf, weighedOf } from '../present.ts';
import type { Aggregator } from '../types.ts';

interface Options {
  readonly epsilon: number;
}

export const fedmgda: Aggregator<Options> = {
  name: 'fedmgda',
  doc: `w = argmin wᵀGw over the simplex with |wᵢ − pᵢ| ≤ epsilon (Hu et al., FedMGDA+, IEEE
TNSE 2022), p the preference divided by its sum, 1/k each by default. epsilon 0 is the mean, 1
is mgda. On unit rows by default, as published. d may harm a language while a bound is reached.
Solved exactly, as mgda-capped; FLGo, whose default of 0.1 this takes, gives the problem to a
general solver.`,
  schema: z.strictObject({ epsilon: z.number().min(0).max(1).default(0.1) }),
  normalizeDefault: 'l2',
  cost: 'O(k²) a change of the support, some 2k of them',
  usesPreference: true,
  stateLength: () => 0,
  weigh(input, { epsilon }) {
    const present = presentOf(input);
    const { k, gram } = present;
    const preference = preferenceOf(input, present, 1);
    const total = preference.reduce((a, b) => a + b);
    const centre = preference.map((value) => value / total);
    const bounds = {
      low: centre.map((share) => Math.max(0, share - epsilon)),
      high: centre.map((share) => Math.min(1, share + epsilon)),
    };
    const { weights, ...rest } = boundedMinNorm(gram, k, bounds);
    return weighedOf(input, present, weights, { problem: 'min-norm', ...rest });
  },
};
