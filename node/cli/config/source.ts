/**
 * Where a config's values come from: the YAML text with its lines and columns, and the flags laid
 * over it. Every value can be asked for its place.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import {
  isMap as isPlainMap,
  isSeq as isPlainSeq,
  type KeyPath,
  shownPath,
} from '../../schema/index.ts';
import { ConfigSyntaxError, ConfigValueError } from './errors.ts';

/** A value given on the command line. */
export interface Override {
  readonly path: KeyPath;
  readonly value: unknown;
  /** What the user typed, for messages: `--set a.b` or `--steps`. */
  readonly flag: string;
}

/** A config before it is checked. */
export interface ConfigSource {
  /** As the user named it. */
  readonly name: string;
  /** Plain values, overrides included. */
  readonly value: unknown;
  /** The place of the key (`key`), or of the value, or of the nearest map that does exist. */
  place(path: KeyPath, what: 'key' | 'value'): string;
  /** Whether the command line said what stands at this path. */
  isOverridden(path: KeyPath): boolean;
}

/**
 * Reads YAML 1.2 and lays the overrides over it. Throws a ConfigSyntaxError with line and column.
 */
export function readSource(
  name: string,
  text: string,
  overrides: readonly Override[],
): ConfigSource {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) throw new ConfigSyntaxError(at(wrong.pos[0]), `${wrong.message}. Correct the YAML.`);
  let value: unknown = plainValue(document, name);
  for (const override of overrides) value = withOverride(value, override, override.path);
  const flagOf = (path: KeyPath) =>
    overrides.findLast((override) => concerns(override.path, path))?.flag;
  return {
    name,
    value,
    isOverridden: (path) => flagOf(path) !== undefined,
    place(path, what) {
      const flag = flagOf(path);
      if (flag !== undefined) return flag;
      return at(offsetOf(document.contents, path, what) ?? 0);
    },
  };
}

function plainValue(document: ReturnType<typeof parseDocument>, name: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    // Aliases that multiply without end are refused by the parser's own bound.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigSyntaxError(name, `${reason}. Correct the YAML.`, { cause });
  }
}

/** Whether what stands at `path` was said by an override at `at`. */
const concerns = (at: KeyPath, path: KeyPath) =>
  at.length <= path.length && at.every((part, i) => String(part) === String(path[i]));

/** A copy of `value` in which the rest of the override's path leads to its value. */
function withOverride(value: unknown, override: Override, rest: KeyPath): unknown {
  const [part, ...further] = rest;
  if (part === undefined) return override.value;
  if (isPlainSeq(value)) {
    const index = Number(part);
    if (!Number.isInteger(index) || index < 0 || index >= value.length) {
      const list = shownPath(override.path.slice(0, override.path.length - rest.length));
      const problem = `${list} has entries 0 to ${value.length - 1}, and no ${part}.`;
      throw new ConfigValueError(override.flag, problem);
    }
    return value.with(index, withOverride(value[index], override, further));
  }
  const inner = isPlainMap(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return { ...(isPlainMap(value) ? value : {}), [part]: withOverride(inner, override, further) };
}

/** Where the deepest part of the path that exists begins. */
function offsetOf(top: unknown, path: KeyPath, what: 'key' | 'value'): number | undefined {
  let node = top;
  let offset = startOf(top);
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (!isPair(pair)) return offset;
      offset = (last && what === 'value' ? startOf(pair.value) : undefined) ?? startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
