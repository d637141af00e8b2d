/**
 * The aggregator that a config names by a module, imported once so that its options can be read.
 */
import { resolve } from 'node:path';
import type { Aggregator } from '../../resolve/index.ts';
import type { AggregatorModule } from '../../runtime/index.ts';
import { isMap, valueAt } from '../../schema/index.ts';
import { ConfigValueError } from './errors.ts';
import type { ConfigSource } from './source.ts';

export interface OwnModule extends AggregatorModule {
  readonly aggregator: Aggregator;
}

const AT = ['aggregator', 'module'] as const;

/**
 * Undefined where the config names none. Throws a ConfigValueError with the place where there is no
 * such file, where it throws, or where what it exports is no aggregator.
 */
export async function loadOwnAggregator(
  source: ConfigSource,
  folder: string,
): Promise<OwnModule | undefined> {
  const named = isMap(source.value) ? valueAt(source.value, AT) : undefined;
  if (named === undefined) return undefined;
  const place = source.place(AT, 'value');
  if (typeof named !== 'string') {
    throw new ConfigValueError(
      place,
      'aggregator.module is no text, expected the path of a module.',
    );
  }
  const path = resolve(source.isOverridden(AT) ? '.' : folder, named);
  // Only who needs a thread's tools loads them.
  const { importAggregator } = await import('../../runtime/index.ts');
  return await importAggregator(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'there is no such file' : cause.message.replace(/\.$/, '');
    const problem = `aggregator.module is "${named}": ${why}. Correct the module, or its path.`;
    throw new ConfigValueError(place, problem, { cause });
  });
}
