/** The rows that are present, as methods see them, and the way back to all languages. */
import { expand, presentLanguages, restrict } from './mask.ts';
import type { Solution, Weighed, WeighInput } from './types.ts';

/** k of m languages and their own small Gram matrix. */
export interface Present {
  readonly languages: readonly number[];
  readonly k: number;
  /** k·k. */
  readonly gram: Float64Array;
}

export function presentOf({ gram, m, mask }: WeighInput): Present {
  const languages = presentLanguages(mask);
  return { languages, k: languages.length, gram: restrict(gram, m, languages) };
}

/** The inner products of two batches' rows, of those present; G where there is one batch. */
export function crossOf({ cross, m }: WeighInput, { languages, gram }: Present): Float64Array {
  return cross === null ? gram : restrict(cross, m, languages);
}

/** What a formula says of its answer: nothing was solved. */
export const FORMULA: Solution = {
  problem: 'none',
  gap: Number.NaN,
  iterations: 0,
  converged: true,
};

/** Weights of those present as weights of all. `state`: left out, as it was. */
export function weighedOf(
  input: WeighInput,
  { languages }: Present,
  weights: Float64Array,
  solution: Solution = FORMULA,
  state: Float64Array = input.state,
): Weighed {
  return { weights: expand(weights, languages, input.m), state, solution };
}

/** Preferences of those present, `each` for all where nobody said. */
export function preferenceOf(
  { preference }: WeighInput,
  { languages, k }: Present,
  each: number,
): Float64Array {
  if (preference === null) return new Float64Array(k).fill(each);
  return Float64Array.from(languages, (language) => preference[language]!);
}
