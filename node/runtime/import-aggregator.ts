/**
 * An own aggregator from its module. Each thread that needs it imports it for itself, since
 * functions don't travel; the hash of its text says that they all have the same.
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type Hash, hashOf } from '../../protocol/hashes.ts';
import { type Aggregator, AggregatorError, aggregatorOfModule } from '../resolve/index.ts';

/** Where it lies, and the SHA-256 of its text. */
export interface AggregatorModule {
  /** Absolute. */
  readonly path: string;
  readonly sha256: Hash;
}

/**
 * Throws an AggregatorError for a module that is no aggregator; what it throws itself; a file
 * error.
 */
export async function importAggregator(path: string): Promise<AggregatorModule & OwnParts> {
  const sha256 = hashOf(await readFile(path));
  const exported = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  return { path, sha256, aggregator: aggregatorOfModule(exported.default) };
}

interface OwnParts {
  readonly aggregator: Aggregator;
}

/** The same again, in another thread. Throws an AggregatorError where the text has changed. */
export async function importAgain({ path, sha256 }: AggregatorModule): Promise<Aggregator> {
  const again = await importAggregator(path);
  if (again.sha256 === sha256) return again.aggregator;
  throw new AggregatorError(`${path} changed since the run began; start it again`);
}
