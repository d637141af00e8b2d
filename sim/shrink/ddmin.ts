/**
 * Delta debugging: the smallest part of a list that still fails, in the sense that no single chunk
 * of it can be taken away (Zeller and Hildebrandt, 2002).
 */

/** `fails` is asked about ever smaller parts; it holds for `items` themselves. */
export async function ddmin<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let current = items;
  let chunks = 2;
  while (current.length >= 1) {
    const size = Math.ceil(current.length / chunks);
    let reduced = false;
    for (let from = 0; from < current.length; from += size) {
      const rest = [...current.slice(0, from), ...current.slice(from + size)];
      if (!(await fails(rest))) continue;
      current = rest;
      chunks = Math.max(2, chunks - 1);
      reduced = true;
      break;
    }
    if (reduced) continue;
    if (size <= 1) return current;
    chunks = Math.min(current.length, 2 * chunks);
  }
  return current;
}
