/** Orders of a few hundred numbers, by insertion: a comparator's calls cost more than its moves. */

/** Indices from the smallest to the largest number; of equals the lowest index first. */
export function ascending(values: ArrayLike<number>): Uint16Array {
  const order = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! > value; at--) order[at] = order[at - 1]!;
    order[at] = i;
  }
  return order;
}

/** The same from the largest to the smallest. */
export function descending(values: ArrayLike<number>): Uint16Array {
  const order = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! < value; at--) order[at] = order[at - 1]!;
    order[at] = i;
  }
  return order;
}
