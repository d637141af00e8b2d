/**
 * The fixed binary tree over the units of one language: it alone decides the order in which
 * gradient slices are added, so that sums are the same bits whoever adds them.
 */
import { assert } from './assert.ts';

/** Place (level, index) covers the units [index·2^level, (index+1)·2^level) that exist. */
export interface Place {
  readonly level: number;
  readonly index: number;
}

/** The place above everything: its sum is the language's row before division. */
export function topPlace(units: number): Place {
  let level = 0;
  while (2 ** level < units) level++;
  return { level, index: 0 };
}

/** Where the right neighbour of this place would begin. */
const end = ({ level, index }: Place) => (index + 1) * 2 ** level;

/**
 * The canonical name of a place: a left child without a right neighbour passes through, so it and
 * its parent are one value, named by the highest such place.
 */
export function lift(place: Place, units: number): Place {
  const top = topPlace(units).level;
  let lifted = place;
  while (lifted.level < top && lifted.index % 2 === 0 && end(lifted) >= units)
    lifted = parent(lifted);
  return lifted;
}

export function parent({ level, index }: Place): Place {
  return { level: level + 1, index: index >> 1 };
}

/** Whether `inner` is `outer` or lies below it. */
export function contains(outer: Place, inner: Place): boolean {
  if (inner.level > outer.level) return false;
  return inner.index >> (outer.level - inner.level) === outer.index;
}

/** The units that a place covers, ascending; none beyond `units`, the number of them. */
export function unitsUnder({ level, index }: Place, units: number): number[] {
  const first = Math.min(index * 2 ** level, units);
  const last = Math.min((index + 1) * 2 ** level, units);
  return Array.from({ length: last - first }, (_, i) => first + i);
}

/** The other child of the same parent, under its canonical name. Only the top has none. */
export function sibling({ level, index }: Place, units: number): Place {
  const other = { level, index: index ^ 1 };
  assert(
    other.index * 2 ** level < units,
    `place ${level}:${index} of ${units} units is not lifted`,
  );
  // A right sibling that is cut short by the last unit is known by the same name at this level.
  return other;
}

/** The fewest places that cover the units [first, last), canonical, in unit order. */
export function cover(first: number, last: number, units: number): Place[] {
  assert(first >= 0 && last <= units, `units ${first} to ${last} of ${units}`);
  const places: Place[] = [];
  for (let unit = first; unit < last; ) {
    let place: Place = { level: 0, index: unit };
    for (;;) {
      const up = parent(place);
      if (up.index * 2 ** up.level !== unit) break;
      if (Math.min(end(up), units) > last || up.level > topPlace(units).level) break;
      place = up;
    }
    places.push(lift(place, units));
    unit = Math.min(end(place), units);
  }
  return places;
}

/** Whether a place exists in the tree over `units` units and bears its canonical name. */
export function isCanonical({ level, index }: Place, units: number): boolean {
  if (level > topPlace(units).level || index * 2 ** level >= units) return false;
  return lift({ level, index }, units).level === level;
}
