/** Which languages pull against each other: cosines of their gradients, for logs and reports. */
import { presentLanguages } from './mask.ts';
import { normsOf } from './normalize.ts';

/** Two languages, a < b, whose gradients have a negative inner product. */
export interface ConflictingPair {
  readonly a: number;
  readonly b: number;
  readonly cosine: number;
}

export interface Conflicts {
  /** m·m; NaN where a language is absent or its row is zero. */
  readonly cosines: Float64Array;
  /** By a, then b. */
  readonly pairs: readonly ConflictingPair[];
  /** The least cosine of two rows; 1 where there is no such pair. */
  readonly leastCosine: number;
}

/** The cosines of a Gram matrix; languages whose mask is 0 are left out. */
export function conflicts(gram: Float64Array, mask: Uint8Array): Conflicts {
  const m = mask.length;
  const cosines = new Float64Array(m * m).fill(Number.NaN);
  const pairs: ConflictingPair[] = [];
  const norms = normsOf(gram, m);
  const rows = presentLanguages(mask).filter((i) => norms[i]! > 0);
  for (const [k, a] of rows.entries()) {
    cosines[a * m + a] = 1;
    for (const b of rows.slice(k + 1)) {
      const inner = gram[a * m + b]!;
      const cosine = inner / norms[a]! / norms[b]!;
      cosines[a * m + b] = cosine;
      cosines[b * m + a] = cosine;
      if (inner < 0) pairs.push({ a, b, cosine });
    }
  }
  return { cosines, pairs, leastCosine: extentOf(gram, mask).leastCosine };
}

/** More than what products and quotients round. */
const NEARLY = 2 ** -48;

/** The same in two numbers, for certificates, which are made of every group in every step. */
export function extentOf(
  gram: Float64Array,
  mask: Uint8Array,
): { conflictingPairs: number; leastCosine: number } {
  const m = mask.length;
  const norms = normsOf(gram, m);
  let conflictingPairs = 0;
  let leastCosine = 1;
  for (let a = 0; a < m; a++) {
    if (mask[a] !== 1 || norms[a] === 0) continue;
    for (let b = a + 1; b < m; b++) {
      if (mask[b] !== 1 || norms[b] === 0) continue;
      const inner = gram[a * m + b]!;
      if (inner < 0) conflictingPairs++;
      // Most are far from the least, which takes no quotient to see.
      const bound = leastCosine * norms[a]! * norms[b]!;
      if (inner > bound + Math.abs(bound) * NEARLY) continue;
      leastCosine = Math.min(leastCosine, inner / norms[a]! / norms[b]!);
    }
  }
  return { conflictingPairs, leastCosine };
}
