/** The bits of every method's weights on plain and nasty matrices, as one hash a method. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Configuration, promises } from './configurations.ts';
import { resolveInRun } from './in-a-run.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

/**
 * Strides that are prime to the numbers of kinds and sizes, so that all of them come; but for the
 * kind whose rows are drawn with powers that engines compute differently.
 */
const matrices = [
  ...Array.from({ length: 40 }, (_, i) => plainMatrix(19 * i)),
  ...Array.from({ length: 84 }, (_, i) => nastyMatrix(5 * i)),
].filter(({ label }) => !label.startsWith('very uneven'));

/** Of weights and iterations, as in a run. */
export function bitsOf(configuration: Configuration): string {
  const hash = createHash('sha256');
  for (const { gram } of matrices) {
    const { weights, certificate } = resolveInRun(gram, configuration);
    const bytes = new DataView(new ArrayBuffer(8 * (weights.length + 1)));
    weights.forEach((weight, i) => {
      bytes.setFloat64(8 * i, weight, true);
    });
    bytes.setFloat64(8 * weights.length, certificate.iterations, true);
    hash.update(new Uint8Array(bytes.buffer));
  }
  return hash.digest('hex').slice(0, 16);
}

/** By configuration, as JSON: the hashes that are known. */
export function knownBits(): Readonly<Record<string, string>> {
  const path = new URL('../fixtures/resolve/bits.json', import.meta.url);
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** The configurations whose bits are not those known; throws what a method throws. */
export function changedBits(): string[] {
  const known = knownBits();
  return promises
    .map(({ configuration }) => configuration)
    .filter((configuration) => bitsOf(configuration) !== known[JSON.stringify(configuration)])
    .map((configuration) => JSON.stringify(configuration));
}
