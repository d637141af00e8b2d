/** Canonical JSON (RFC 8785): one byte string for one value, so that its hash can be its name. */
import { assert } from './assert.ts';
import { compareNames } from './buckets.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Serialises without white space, keys sorted by UTF-16 code unit, numbers as ECMAScript writes
 * them. Keys whose value is undefined do not exist. Numbers must be finite.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => compareNames(a, b));
    const members = entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${members.join(',')}}`;
  }
  assert(
    typeof value !== 'number' || Number.isFinite(value),
    'JSON has no number that is not finite',
  );
  const text = JSON.stringify(value);
  assert(text !== undefined, `JSON has no ${typeof value}`);
  return text;
}
