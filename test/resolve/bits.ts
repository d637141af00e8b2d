/** The bits of every method's weights on plain and nasty matrices, as one hash a method. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { boundedActiveSet } from '../../node/resolve/bounded-active-set.ts';
import { type Bounds, boundedGap } from '../../node/resolve/bounded-min-norm.ts';
import { createStream } from '../../protocol/random.ts';
import { type Configuration, promises } from './configurations.ts';
import { resolveInRun } from './in-a-run.ts';
import { gramOf, type Matrix, nastyMatrix, plainMatrix } from './matrices.ts';

/**
 * Strides that are prime to the numbers of kinds and sizes, so that all of them come; but for the
 * kind whose rows are drawn with powers that engines compute differently.
 */
const matrices = [
  ...Array.from({ length: 40 }, (_, i) => plainMatrix(19 * i)),
  ...Array.from({ length: 84 }, (_, i) => nastyMatrix(5 * i)),
  ...Array.from({ length: 21 }, (_, i) => unevenMatrix(i)),
].filter(({ label }) => !label.startsWith('very uneven'));

/** 3 to 9 rows whose lengths are powers of two, up to 2^45 apart, in any order. */
function unevenMatrix(seed: number): Matrix {
  const random = createStream('uneven', seed);
  const m = 3 + (seed % 7);
  const rows = Array.from({ length: m }, (_, i) => {
    const factor = 2 ** -Math.floor((i * 3 * (seed % 16)) / (m - 1));
    return Array.from({ length: m }, () => (2 * random.nextFloat() - 1) * factor);
  });
  const order = rows.map((row) => ({ row, key: random.nextFloat() }));
  order.sort((a, b) => a.key - b.key);
  const gram = gramOf(order.map(({ row }) => row));
  return { label: `uneven #${seed}`, m, gram };
}

/** Of weights and iterations, as in a run. */
export function bitsOf(configuration: Configuration): string {
  const hash = createHash('sha256');
  for (const { gram } of matrices) {
    const { weights, certificate } = resolveInRun(gram, configuration);
    hash.update(bytesOf([...weights, certificate.iterations]));
  }
  return hash.digest('hex').slice(0, 16);
}

function bytesOf(values: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setFloat64(8 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}

/** The name of what the search by an active set on rows finds, which few answers need. */
export const ACTIVE_SET = 'bounded-active-set';

/** Of that search from corners and from inside, over bounds of both methods that use it. */
export function bitsOfActiveSet(): string {
  const hash = createHash('sha256');
  for (let seed = 0; seed < 126; seed++) {
    const { gram, m } = unevenMatrix(seed);
    const even = new Float64Array(m).fill(1 / m);
    const spread = [0.1, 0.3, 1][seed % 3]!;
    const high = even.map((x) => x + spread / 2);
    const capped: Bounds = { low: new Float64Array(m), high };
    const near: Bounds = {
      low: even.map((x) => Math.max(0, x - spread)),
      high: even.map((x) => Math.min(1, x + spread)),
    };
    const first = new Float64Array(m);
    first[seed % m] = 1;
    for (const bounds of [capped, near]) {
      for (const start of [even, first]) {
        const { weights, iterations, converged } = boundedActiveSet(
          gram,
          m,
          bounds,
          start,
          (_products, found) => boundedGap(gram, m, bounds, found),
        );
        hash.update(bytesOf([...weights, iterations, Number(converged)]));
      }
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** By configuration, as JSON: the hashes that are known. */
export function knownBits(): Readonly<Record<string, string>> {
  const path = new URL('../fixtures/resolve/bits.json', import.meta.url);
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** What has other bits than those known, the search first; throws what a method throws. */
export function changedBits(): string[] {
  const known = knownBits();
  if (bitsOfActiveSet() !== known[ACTIVE_SET]) return [ACTIVE_SET];
  return promises
    .map(({ configuration }) => configuration)
    .filter((configuration) => bitsOf(configuration) !== known[JSON.stringify(configuration)])
    .map((configuration) => JSON.stringify(configuration));
}
