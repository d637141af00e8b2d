/** ConFIG: the direction that has the same cosine with all gradients. */
import { z } from 'zod';
import { applied, eigenOf } from '../eigen.ts';
import { cosinesOf } from '../normalize.ts';
import { preferenceOf, presentOf, weighedOf } from '../present.ts';
import type { Aggregator } from '../types.ts';

export const config: Aggregator = {
  name: 'config',
  doc: `d along U⁺·p, U the unit gradients and p the preference (1 each by default), as long as
the sum of all gradients' projections on it (Liu, Chu and Thuerey, ICLR 2025). From cosines C
alone: x = C⁺·p, wᵢ = xᵢ/‖gᵢ‖ times Σ‖gᵢ‖(Cx)ᵢ/xᵀCx. With independent rows d harms none of them.
A zero row has no direction and weight 0; all zero: uniform. Eigenvalues of C below k·2⁻⁵² of
the largest are 0, where the reference code cuts singular values of U, at about the square of
that.`,
  schema: z.strictObject({}),
  normalizeDefault: 'none',
  cost: 'O(k³)',
  usesPreference: true,
  stateLength: () => 0,
  weigh(input) {
    const present = presentOf(input);
    const { k, gram } = present;
    const norms = Float64Array.from({ length: k }, (_, i) => Math.sqrt(gram[i * k + i]!));
    if (norms.every((norm) => norm === 0)) {
      return weighedOf(input, present, new Float64Array(k).fill(1 / k));
    }
    const cosines = cosinesOf(gram, k);
    const preference = preferenceOf(input, present, 1);
    const wanted = preference.map((value, i) => (norms[i] === 0 ? 0 : value));
    const x = applied(eigenOf(cosines, k), (value) => 1 / value, wanted);
    if (x.every((value) => value === 0)) return weighedOf(input, present, x);
    let length = 0;
    let square = 0;
    for (let i = 0; i < k; i++) {
      let inner = 0;
      for (let j = 0; j < k; j++) inner += cosines[i * k + j]! * x[j]!;
      length += norms[i]! * inner;
      square += x[i]! * inner;
    }
    const weights = x.map((value, i) =>
      norms[i] === 0 ? 0 : (value / norms[i]!) * (length / square),
    );
    return weighedOf(input, present, weights);
  },
};
