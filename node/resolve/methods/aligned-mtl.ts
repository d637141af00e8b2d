/** Aligned-MTL: gradients made orthogonal and equally long, as near to themselves as can be. */
import { z } from 'zod';
import { applied, eigenOf, rankOf } from '../eigen.ts';
import { preferenceOf, presentOf, weighedOf } from '../present.ts';
import { unitScaled } from '../scale.ts';
import type { Aggregator } from '../types.ts';

interface Options {
  readonly scale: 'min' | 'median' | 'mean';
}

export const alignedMtl: Aggregator<Options> = {
  name: 'aligned-mtl',
  doc: `w = √s·V·Λ^(−1/2)·Vᵀ·p with G = VΛVᵀ: the preference p, 1/k each by default, on the
nearest orthogonal system of gradients of length √s (Senushkin et al., CVPR 2023). scale: s is
the min, the median (of two the lower) or the mean of the eigenvalues above k·2⁻⁵² of the
largest. Nothing is solved; d may harm a language. Without any
eigenvalue w = p. As TorchJD, whose mean is called rmse; LibMTL takes p = 1.`,
  schema: z.strictObject({ scale: z.enum(['min', 'median', 'mean']).default('min') }),
  normalizeDefault: 'none',
  cost: 'O(k³)',
  usesPreference: true,
  stateLength: () => 0,
  weigh(input, { scale }) {
    const present = presentOf(input);
    const { k } = present;
    const preference = preferenceOf(input, present, 1 / k);
    const eigen = eigenOf(unitScaled(present.gram, k), k);
    const kept = eigen.values.subarray(0, rankOf(eigen));
    if (kept.length === 0) return weighedOf(input, present, preference);
    const root = Math.sqrt(lengthOf(kept, scale));
    const weights = applied(eigen, (value) => root / Math.sqrt(value), preference);
    return weighedOf(input, present, weights);
  },
};

/** s from eigenvalues that descend. */
function lengthOf(values: Float64Array, scale: Options['scale']): number {
  if (scale === 'min') return values.at(-1)!;
  if (scale === 'median') return values[values.length >> 1]!;
  return values.reduce((a, b) => a + b) / values.length;
}
