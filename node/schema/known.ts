/** What a schema knows at a place: keys and fixed values, read from its published JSON Schema. */
import leven from 'leven';
import { z } from 'zod';
import { isMap, isSeq, type KeyPath, valueAt } from './values.ts';

type Json = Record<string, unknown>;

/** Keys and values that the schema allows at a path, over all its alternatives. */
export interface Known {
  readonly keys: readonly string[];
  /** Of the alternatives that have the fixed values that stand there; of all, if none has. */
  readonly keysHere: readonly string[];
  readonly values: readonly string[];
}

/**
 * What `schema` allows at `path`, alternatives that the config did not choose included. `value`:
 * what stands there.
 */
export function knownAt(schema: z.ZodType, path: KeyPath, value?: unknown): Known {
  const top = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  const found = path.reduce<Json[]>((all, part) => all.flatMap((one) => inner(one, part)), [top]);
  const all = found.flatMap(alternatives);
  const fixed = all.flatMap((one) => [one['const'], ...(isSeq(one['enum']) ? one['enum'] : [])]);
  const chosen = all.filter((one) => isChosen(one, value));
  return {
    keys: keysOf(all),
    keysHere: keysOf(chosen.length === 0 ? all : chosen),
    values: unique(fixed.filter((value) => typeof value === 'string')),
  };
}

const keysOf = (schemas: readonly Json[]) =>
  unique(schemas.flatMap((one) => Object.keys(propertiesOf(one))));

/** Whether a map has every fixed value of an alternative, such as its `name`. */
function isChosen(schema: Json, map: unknown): boolean {
  return Object.entries(propertiesOf(schema)).every(([key, property]) => {
    const fixed = isMap(property) ? property['const'] : undefined;
    return fixed === undefined || (isMap(map) && map[key] === fixed);
  });
}

function alternatives(schema: Json): Json[] {
  const nested = [schema['anyOf'], schema['oneOf']].flatMap((list) => (isSeq(list) ? list : []));
  return nested.length === 0 ? [schema] : nested.filter(isMap).flatMap(alternatives);
}

function inner(schema: Json, part: string | number): Json[] {
  return alternatives(schema).flatMap((one) => {
    const next = typeof part === 'number' ? one['items'] : valueAt(propertiesOf(one), [part]);
    return isMap(next) ? [next] : [];
  });
}

const propertiesOf = (schema: Json) => (isMap(schema['properties']) ? schema['properties'] : {});

const unique = (names: readonly string[]) => [...new Set(names)];

/** A third of the letters may be wrong, or half of a short word: two that changed places. */
const WRONG_SHARE_MAX = 1 / 3;
const WRONG_SHORT_MAX = 2;

/** ` Did you mean "x"?` with the nearest of the candidates, or nothing if none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const scored = candidates.map((name) => ({
    name,
    distance: leven(word.toLowerCase(), name.toLowerCase()),
    prefix: commonPrefix(word, name),
  }));
  const [nearest] = scored.sort((a, b) => a.distance - b.distance || b.prefix - a.prefix);
  const wrongMax = Math.max(
    Math.min(WRONG_SHORT_MAX, word.length / 2),
    word.length * WRONG_SHARE_MAX,
  );
  if (!nearest || nearest.distance > wrongMax) return '';
  return ` Did you mean "${nearest.name}"?`;
}

/** Letters at the beginning that two words share. */
function commonPrefix(a: string, b: string): number {
  const differs = [...a].findIndex((letter, i) => letter !== b[i]);
  return differs < 0 ? a.length : differs;
}
