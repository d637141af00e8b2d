/** What the schema objects to, as errors with a place and a remedy. */
import type { z } from 'zod';
import { ConfigKeyError, ConfigValueError } from './errors.ts';
import { didYouMean, knownAt } from './known.ts';
import type { ConfigSource } from './source.ts';
import { isMap, type KeyPath, shownPath, shownValue, valueAt } from './values.ts';

type Issue = z.core.$ZodIssue;

/** The error for the first problem; unknown keys come first, because they explain missing ones. */
export function problemOf(
  issues: readonly Issue[],
  source: ConfigSource,
  schema: z.ZodType,
): ConfigKeyError | ConfigValueError {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') return unknownKey(path, issue.keys[0]!, source, schema);
  const value = valueAt(source.value, path);
  if (value === undefined) return missingKey(path, source);
  const known = knownAt(schema, path).values;
  const hint = typeof value === 'string' ? didYouMean(value, known) : '';
  const problem = `${shownPath(path)} is ${shownValue(value)}, expected ${expected(issue)}.${hint}`;
  return new ConfigValueError(source.place(path, 'value'), problem);
}

function unknownKey(path: KeyPath, key: string, source: ConfigSource, schema: z.ZodType) {
  const place = source.place([...path, key], 'key');
  const where = path.length === 0 ? '' : ` in ${shownPath(path)}`;
  const { keys } = knownAt(schema, path);
  if (keys.includes(key)) {
    const map = valueAt(source.value, path);
    const kind = isMap(map) ? (map['role'] ?? map['name']) : undefined;
    const because = kind === undefined ? '' : `, which is ${shownValue(kind)}`;
    return new ConfigKeyError(place, `key "${key}" is unused${where}${because}. Remove it.`);
  }
  const hint = didYouMean(key, keys) || ` Known: ${keys.join(', ')}.`;
  return new ConfigKeyError(place, `unknown key "${key}"${where}.${hint}`);
}

function missingKey(path: KeyPath, source: ConfigSource): ConfigKeyError {
  const parent = path.slice(0, -1);
  const place = source.place(parent, 'key');
  const where = parent.length === 0 ? '' : ` in ${shownPath(parent)}`;
  return new ConfigKeyError(place, `key "${path.at(-1)}" is missing${where}. Add it.`);
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
