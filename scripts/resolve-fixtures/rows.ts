/** Integer rows of the kinds that solvers stumble over. */
import { createStream } from '../../protocol/random.ts';

type Draw = (bound: number) => number;

/** m rows of n numbers. */
const families: Record<string, (m: number, n: number, draw: Draw) => number[][]> = {
  independent: (m, n, draw) => matrixOf(m, n + m, () => draw(20)),
  fewDimensions: (m, n, draw) => matrixOf(m, Math.max(1, n - 2), () => draw(9)),
  correlated: (m, n, draw) => {
    const base = Array.from({ length: n }, () => 3 * draw(10));
    return matrixOf(m, n, (_, j) => base[j]! + draw(6));
  },
  uneven: (m, n, draw) => matrixOf(m, n + 1, (i) => draw(10) * 10 ** (i % 5)),
  stationary: (m, n, draw) => {
    const rows = matrixOf(m, n, () => draw(12));
    rows[m - 1] = rows[0]!.map((_, j) => -rows.slice(0, -1).reduce((sum, row) => sum + row[j]!, 0));
    return rows;
  },
  duplicates: (m, n, draw) => {
    const rows = matrixOf(m, n, () => draw(8));
    return rows.map((row, i) => (i % 2 === 1 ? [...rows[i - 1]!] : row));
  },
  signs: (m, n, draw) => matrixOf(m, n, () => draw(1)),
};

function matrixOf(m: number, n: number, entry: (i: number, j: number) => number): number[][] {
  return Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));
}

export interface Rows {
  readonly family: string;
  readonly rows: number[][];
  readonly gram: bigint[][];
}

/** `count` of each family, with 2 to `most` rows each. */
export function drawnRows(count: number, most: number): Rows[] {
  return Object.entries(families).flatMap(([family, make]) =>
    Array.from({ length: count }, (_, k) => {
      const m = 2 + (k % (most - 1));
      const random = createStream('resolve-fixtures', family, k);
      const rows = make(m, 3 + (k % 4), (bound) => random.nextBelow(2 * bound + 1) - bound);
      return { family, rows, gram: gramOf(rows) };
    }),
  );
}

const gramOf = (rows: number[][]) =>
  rows.map((a) => rows.map((b) => a.reduce((sum, x, i) => sum + BigInt(x) * BigInt(b[i]!), 0n)));
