/** What a schema objects to, in words: what stands there, what was expected, what was meant. */
import type { z } from 'zod';
import { didYouMean, type Known, knownAt } from './known.ts';
import { isMap, isSeq, type KeyPath, shownPath, shownValue, valueAt } from './values.ts';

type Issue = z.core.$ZodIssue;

/** The first thing to be put right. */
export interface SchemaProblem {
  /** A key that is unknown, unused or missing; or what stands at a key. */
  readonly of: 'key' | 'value';
  /** Where it is; of a missing key the map that lacks it. */
  readonly path: KeyPath;
  /** One sentence or two, which name the path. */
  readonly text: string;
}

/**
 * What to say of the value that these issues are of; unknown keys come first, because they explain
 * missing ones. `keysAtTop`: what is known there, if not just what the schema knows.
 */
export function problemOf(
  issues: readonly Issue[],
  whole: unknown,
  schema: z.ZodType,
  keysAtTop?: readonly string[],
): SchemaProblem {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    const map = valueAt(whole, path);
    const known = knownAt(schema, path, map);
    const keys = path.length === 0 ? keysAtTop : undefined;
    return unknownKey(path, issue.keys[0]!, keys ? { keys, keysHere: keys } : known, map);
  }
  const at = writtenAt(whole, path);
  const value = valueAt(whole, at);
  if (value === undefined) return missingKey(path);
  // Of alternatives that were not chosen nothing is meant.
  const known =
    issue.code === 'invalid_value' ? issue.values.map(String) : knownAt(schema, path).values;
  const hint = typeof value === 'string' ? didYouMean(value, known) : '';
  const text = `${shownPath(at)} is ${shownValue(value)}, expected ${expected(issue)}.${hint}`;
  return { of: 'value', path: at, text };
}

/** A map may be written short, as the one value that it is told by: `of: cagrad`. */
function writtenAt(whole: unknown, path: KeyPath): KeyPath {
  const above = path.slice(0, -1);
  const short = valueAt(whole, above);
  return short === undefined || isMap(short) || isSeq(short) ? path : above;
}

function unknownKey(
  path: KeyPath,
  key: string,
  { keys, keysHere }: Pick<Known, 'keys' | 'keysHere'>,
  map: unknown,
): SchemaProblem {
  const where = path.length === 0 ? '' : ` in ${shownPath(path)}`;
  const at = { of: 'key', path: [...path, key] } as const;
  if (keys.includes(key)) {
    const kind = isMap(map) ? (map['role'] ?? map['name']) : undefined;
    const because = kind === undefined ? '' : `, which is ${shownValue(kind)}`;
    return { ...at, text: `key "${key}" is unused${where}${because}. Remove it.` };
  }
  const hint = didYouMean(key, keysHere) || ` Known: ${keysHere.join(', ')}.`;
  return { ...at, text: `unknown key "${key}"${where}.${hint}` };
}

function missingKey(path: KeyPath): SchemaProblem {
  const above = path.slice(0, -1);
  const where = above.length === 0 ? '' : ` in ${shownPath(above)}`;
  return { of: 'key', path: above, text: `key "${path.at(-1)}" is missing${where}. Add it.` };
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
};

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: [' character', ' characters'],
  array: [' entry', ' entries'],
};

const unit = (origin: string, number: number | bigint) =>
  UNITS[origin]?.[Number(number) === 1 ? 0 : 1] ?? '';

/** What would have been right, in words. */
function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'too_small': {
      const bound = `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
      return `${bound}${unit(issue.origin, issue.minimum)}`;
    }
    case 'too_big': {
      const bound = `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
      return `${bound}${unit(issue.origin, issue.maximum)}`;
    }
    case 'invalid_union':
      return expectedOfUnion(issue);
    default:
      return issue.message;
  }
}

function expectedOfUnion(issue: z.core.$ZodIssueInvalidUnion): string {
  if ('options' in issue && Array.isArray(issue.options)) return issue.options.join(' or ');
  const firsts = issue.errors.flatMap(([first]) => (first ? [first] : []));
  // An alternative that failed deeper inside is the one that was meant.
  const meant = firsts.filter(({ code }) => code !== 'invalid_type');
  return [...new Set((meant.length > 0 ? meant : firsts).map(expected))].join(' or ');
}
