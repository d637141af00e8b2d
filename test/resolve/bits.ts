/** The bits of every method's weights on plain and nasty matrices, as one hash a method. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Configuration, promises } from './configurations.ts';
import { resolveInRun } from './in-a-run.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';
import { bytesOf, searches, unevenMatrix } from './search-bits.ts';

/**
 * Strides that are prime to the numbers of kinds and sizes, so that all of them come; but for the
 * kind whose rows are drawn with powers that engines compute differently.
 */
const matrices = [
  ...Array.from({ length: 40 }, (_, i) => plainMatrix(19 * i)),
  ...Array.from({ length: 84 }, (_, i) => nastyMatrix(5 * i)),
  ...Array.from({ length: 21 }, (_, i) => unevenMatrix(i)),
].filter(({ label }) => !label.startsWith('very uneven'));

/** Of weights and iterations, as in a run. */
export function bitsOf(configuration: Configuration): string {
  const hash = createHash('sha256');
  for (const { gram } of matrices) {
    const { weights, certificate } = resolveInRun(gram, configuration);
    hash.update(bytesOf([...weights, certificate.iterations]));
  }
  return hash.digest('hex').slice(0, 16);
}

/** By configuration, as JSON, or by search: the hashes that are known. */
export function knownBits(): Readonly<Record<string, string>> {
  const path = new URL('../fixtures/resolve/bits.json', import.meta.url);
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** What has other bits than those known, the first search or all methods; may throw as they do. */
export function changedBits(): string[] {
  const known = knownBits();
  for (const [name, bits] of Object.entries(searches)) if (bits() !== known[name]) return [name];
  return promises
    .map(({ configuration }) => configuration)
    .filter((configuration) => bitsOf(configuration) !== known[JSON.stringify(configuration)])
    .map((configuration) => JSON.stringify(configuration));
}
