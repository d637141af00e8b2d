/** PCGrad: every gradient loses what opposes one of the others, one after the other. */
import { z } from 'zod';
import { cosinesOf, normsOf } from '../normalize.ts';
import { permute } from '../permutation.ts';
import { presentOf, weighedOf } from '../present.ts';
import type { Aggregator } from '../types.ts';

interface Options {
  readonly order: 'random' | 'index';
}

export const pcgrad: Aggregator<Options> = {
  name: 'pcgrad',
  doc: `d = Σ of all gᵢ, each first projected onto the normal plane of every gⱼ that what is left
of it opposes, the j in an order drawn anew for each i (Yu et al., NeurIPS 2020). Nothing is
solved; with more than two languages d may harm one, and depends on the order: order random draws
from the stream of (run, step, group), index takes the languages' own. A zero row is skipped. The
sum is as long as k means. TorchJD is the same; LibMTL also projects gᵢ on itself and adds 1e-8 to
squared norms, which changes short gradients.`,
  schema: z.strictObject({ order: z.enum(['random', 'index']).default('random') }),
  normalizeDefault: 'none',
  cost: 'O(k³)',
  stateLength: () => 0,
  weigh(input, { order }) {
    const present = presentOf(input);
    const { k, gram } = present;
    const norms = normsOf(gram, k);
    const cosines = cosinesOf(gram, k);
    const weights = new Float64Array(k);
    const c = new Float64Array(k);
    const inner = new Float64Array(k);
    const sequence = Uint16Array.from({ length: k }, (_, j) => j);
    // With two languages there is one other: nothing to draw.
    const draws = order === 'random' && k > 2;
    for (let i = 0; i < k; i++) {
      // In units of ‖gᵢ‖ and of unit rows, so that no length overflows.
      c.fill(0);
      c[i] = 1;
      for (let j = 0; j < k; j++) inner[j] = cosines[i * k + j]!;
      if (draws) permute(input.random, sequence);
      for (let at = 0; at < k; at++) {
        const j = sequence[at]!;
        const opposed = inner[j]!;
        if (j === i || !(opposed < 0)) continue;
        c[j]! -= opposed;
        for (let l = 0; l < k; l++) inner[l]! -= opposed * cosines[j * k + l]!;
      }
      for (let j = 0; j < k; j++) {
        if (c[j] !== 0) weights[j]! += j === i ? c[j]! : c[j]! * (norms[i]! / norms[j]!);
      }
    }
    return weighedOf(input, present, weights);
  },
};
