/**
 * Plain values out of a document or a call: telling them apart, reaching into them, naming their
 * place.
 */

/** Keys and indices from the top. */
export type KeyPath = readonly (string | number)[];

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSeq(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

/** What stands at a path, or undefined. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (isSeq(inner)) return inner[Number(part)];
    return isMap(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined;
  }, value);
}

/** A path as people write it: `languages[2].eval`; the whole is `the config`. */
export function shownPath(path: KeyPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? 'the config' : text.replace(/^\./, '');
}

const SHOWN_CHARACTERS_MAX = 60;

/** A value in a message, on one line and not too long. */
export function shownValue(value: unknown): string {
  if (isMap(value)) return 'a map';
  if (isSeq(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  // Of functions, symbols and whole numbers written 1n there is no JSON.
  const isPlain = ['string', 'boolean', 'object'].includes(typeof value);
  const text = isPlain ? JSON.stringify(value) : `a ${typeof value}`;
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
