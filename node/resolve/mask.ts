/** Masks: leaving a language out is the same, to the bit, as never having had it. */

/** The languages whose mask is 1, in order. */
export function presentLanguages(mask: Uint8Array): number[] {
  const present: number[] = [];
  for (let language = 0; language < mask.length; language++) {
    if (mask[language] === 1) present.push(language);
  }
  return present;
}

/** The Gram matrix of some rows only: k·k for k languages of m. */
export function restrict(gram: Float64Array, m: number, languages: readonly number[]) {
  const k = languages.length;
  if (k === m) return gram.slice();
  const part = new Float64Array(k * k);
  for (let a = 0; a < k; a++) {
    for (let b = 0; b < k; b++) part[a * k + b] = gram[languages[a]! * m + languages[b]!]!;
  }
  return part;
}

/** The inverse for a vector: values at their languages, 0 elsewhere. */
export function expand(values: Float64Array, languages: readonly number[], m: number) {
  const all = new Float64Array(m);
  for (let k = 0; k < languages.length; k++) all[languages[k]!] = values[k]!;
  return all;
}

/** 1 where any of the masks is 1: a language is in a group if it is in one of its buckets. */
export function anyMask(masks: readonly Uint8Array[], m: number): Uint8Array {
  return Uint8Array.from({ length: m }, (_, i) => (masks.some((mask) => mask[i] === 1) ? 1 : 0));
}
