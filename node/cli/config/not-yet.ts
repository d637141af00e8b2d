/**
 * What a config will be able to say one day and can't today. A key or value from here is refused as
 * 'not yet', so that nobody looks for a spelling mistake in it.
 */
import { isMap, isSeq, type KeyPath, shownPath } from '../../schema/index.ts';

/** What was asked for, where it stands in the config, and what to do instead. */
export interface NotYet {
  readonly path: KeyPath;
  /** Whether the key is for later, or only the value. */
  readonly part: 'key' | 'value';
  readonly what: string;
  readonly instead: string;
}

/** Keys, by the path of the map that they would stand in; `*` is any index. */
const KEYS: Readonly<Record<string, string>> = {
  lora: 'Leave it out: all parameters are trained.',
  'data.packing': 'Leave it out: documents follow each other in one stream.',
  'data.overlong': 'Leave it out: documents are cut into sequences.',
  'data.format': 'Leave it out: .txt and {"text": …} JSONL are read.',
  'languages.*.format': 'Leave it out: .txt and {"text": …} JSONL are read.',
};

/** Values, by the path of their key. */
const VALUES: Readonly<Record<string, { values: readonly string[]; instead: string }>> = {
  'wire.codec': { values: ['f16', 'int8'], instead: 'Use f32 or bf16.' },
};

/** Everything in a config that is for later, in the order of the config. */
export function findNotYet(value: unknown): NotYet[] {
  return visit(value, []);
}

function visit(value: unknown, path: KeyPath): NotYet[] {
  if (isSeq(value)) return value.flatMap((item, index) => visit(item, [...path, index]));
  if (isMap(value)) {
    return Object.entries(value).flatMap(([key, item]) => {
      const instead = KEYS[general([...path, key])];
      if (instead !== undefined)
        return [{ path: [...path, key], part: 'key', what: shownPath([...path, key]), instead }];
      return visit(item, [...path, key]);
    });
  }
  const later = VALUES[general(path)];
  if (typeof value !== 'string' || !later?.values.includes(value.toLowerCase())) return [];
  return [{ path, part: 'value', what: `${shownPath(path)}: ${value}`, instead: later.instead }];
}

const general = (path: KeyPath) =>
  path.map((part) => (typeof part === 'number' ? '*' : part)).join('.');
