/** Which languages pull against each other: cosines of their gradients, for logs and reports. */
import { presentLanguages } from './mask.ts';

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
  let leastCosine = 1;
  const rows = presentLanguages(mask).filter((i) => gram[i * m + i]! > 0);
  for (const [k, a] of rows.entries()) {
    cosines[a * m + a] = 1;
    for (const b of rows.slice(k + 1)) {
      const inner = gram[a * m + b]!;
      const cosine = inner / Math.sqrt(gram[a * m + a]!) / Math.sqrt(gram[b * m + b]!);
      cosines[a * m + b] = cosine;
      cosines[b * m + a] = cosine;
      leastCosine = Math.min(leastCosine, cosine);
      if (inner < 0) pairs.push({ a, b, cosine });
    }
  }
  return { cosines, pairs, leastCosine };
}
