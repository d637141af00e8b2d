/** `--set a.b=c`: reads one override; the value is YAML, as it would stand in the file. */
import { parseDocument } from 'yaml';
import { ConfigValueError } from './errors.ts';
import type { Override } from './source.ts';

const FORM = /^([^=]+)=(.*)$/s;

/** Throws a ConfigValueError for text that is no `KEY=VALUE`. */
export function parseSet(text: string): Override {
  const [, keys, yaml = ''] = FORM.exec(text) ?? [];
  const path = keys?.split('.') ?? [];
  if (path.length === 0 || path.some((part) => part.trim() === '')) {
    throw new ConfigValueError(`--set ${text}`, 'expected KEY=VALUE such as optimizer.eps=1e-8.');
  }
  const flag = `--set ${keys}`;
  const document = parseDocument(yaml);
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) throw new ConfigValueError(flag, `${wrong.message.split('\n', 1)[0]}. Quote it.`);
  const parts = path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { path: parts, value: document.toJS(), flag };
}
