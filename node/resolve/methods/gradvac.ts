/** GradVac: gradients are turned towards each other until their cosines are as they usually are. */
import { z } from 'zod';
import { cosinesOf, normsOf } from '../normalize.ts';
import { permutation } from '../permutation.ts';
import { type Present, presentOf, weighedOf } from '../present.ts';
import { dot } from '../products.ts';
import type { Aggregator, WeighInput } from '../types.ts';

interface Options {
  readonly beta: number;
  readonly order: 'random' | 'index';
}

/** A target is taken as at most this: at 1 the turn would take infinitely much of gⱼ. */
const TARGET_MAX = 1 - 2 ** -20;

export const gradvac: Aggregator<Options> = {
  name: 'gradvac',
  doc: `As pcgrad, but gᵢ is turned towards gⱼ wherever their cosine is below its target φᵢⱼ,
until it reaches it: cⱼ grows by ‖g'‖(φ√(1−cos²) − cos√(1−φ²)) / (‖gⱼ‖√(1−φ²)); then φ becomes
(1−beta)φ + beta·cos (Wang et al., ICLR 2021; made for multilingual models). Targets begin at 0,
where this is pcgrad, and are kept by (group, pair of languages). Nothing is solved; d may harm
a language. Zero rows are skipped and leave no trace; a target counts as 1 − 2⁻²⁰ at most.
TorchJD adds 1e-8 to norms, LibMTL to the denominator, which changes short gradients.`,
  schema: z.strictObject({
    beta: z.number().min(0).max(1).default(0.5),
    order: z.enum(['random', 'index']).default('random'),
  }),
  normalizeDefault: 'none',
  cost: 'O(k³)',
  stateLength: (m) => m * m,
  weigh(input, options) {
    const present = presentOf(input);
    const { k, gram } = present;
    const norms = normsOf(gram, k);
    const cosines = cosinesOf(gram, k);
    const targets = input.state.slice();
    const weights = new Float64Array(k);
    for (let i = 0; i < k; i++) {
      const c = turned(input, present, cosines, targets, i, options);
      for (let j = 0; j < k; j++) {
        if (c[j] !== 0) weights[j]! += j === i ? c[j]! : c[j]! * (norms[i]! / norms[j]!);
      }
    }
    return { ...weighedOf(input, present, weights), state: targets };
  },
};

/** Row i after its turns, in units of ‖gᵢ‖ and of unit rows; writes the targets of its pairs. */
function turned(
  { random, m }: WeighInput,
  { k, languages }: Present,
  cosines: Float64Array,
  targets: Float64Array,
  i: number,
  { beta, order }: Options,
): Float64Array {
  const c = new Float64Array(k);
  c[i] = 1;
  // C·c and cᵀCc, kept up to date.
  const inner = cosines.slice(i * k, (i + 1) * k);
  let square = dot(c, inner);
  const byIndex = Array.from({ length: k }, (_, j) => j);
  for (const j of order === 'index' ? byIndex : permutation(random, k)) {
    if (j === i || cosines[i * k + i] === 0 || cosines[j * k + j] === 0) continue;
    if (!(square > 0)) continue;
    const length = Math.sqrt(square);
    const cosine = Math.max(-1, Math.min(1, inner[j]! / length));
    const at = languages[i]! * m + languages[j]!;
    const target = Math.min(TARGET_MAX, targets[at]!);
    if (cosine < target) {
      const [sine, across] = [Math.sqrt(1 - cosine * cosine), Math.sqrt(1 - target * target)];
      const share = (length * (target * sine - cosine * across)) / across;
      c[j]! += share;
      for (let a = 0; a < k; a++) inner[a]! += share * cosines[j * k + a]!;
      square = dot(c, inner);
    }
    targets[at] = (1 - beta) * targets[at]! + beta * cosine;
  }
  return c;
}
