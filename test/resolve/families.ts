/** Rows of the kinds that solvers stumble over, drawn from labelled streams; for tests only. */
import fc from 'fast-check';
import { gramOfRows } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';

export type Draw = (bound: number) => number;

/** Integer rows, so that what depends on each other does so exactly; m rows of n numbers. */
export const families: Readonly<Record<string, (m: number, n: number, draw: Draw) => number[][]>> =
  {
    independent: (m, n, draw) => matrixOf(m, n + m, () => draw(20)),
    fewDimensions: (m, n, draw) => matrixOf(m, Math.max(1, n - 2), () => draw(9)),
    correlated: (m, n, draw) => {
      const base = Array.from({ length: n + m }, () => 3 * draw(10));
      return matrixOf(m, n + m, (_, j) => base[j]! + draw(6));
    },
    uneven: (m, n, draw) => matrixOf(m, n + 1, (i) => draw(10) * 10 ** (i % 5)),
    /** The sum of all rows is zero. */
    stronglyStationary: (m, n, draw) => {
      const rows = matrixOf(m, n, () => draw(12));
      rows[m - 1] = columnSums(rows.slice(0, -1), n).map((sum) => -sum);
      return rows;
    },
    /** Two rows are opposite, the others lie on one side of them. */
    weaklyStationary: (m, n, draw) => {
      const rows = matrixOf(m, n + 1, (_, j) => (j === 0 ? Math.abs(draw(9)) + 1 : draw(12)));
      rows[0]![0] = 0;
      if (m > 1) rows[1] = rows[0]!.map((x) => -x);
      return rows;
    },
    duplicates: (m, n, draw) => {
      const rows = matrixOf(m, n, () => draw(8));
      return rows.map((row, i) => (i % 2 === 1 ? [...rows[i - 1]!] : row));
    },
    signs: (m, n, draw) => matrixOf(m, n, () => draw(1)),
    zeroRow: (m, n, draw) => matrixOf(m, n, (i) => (i === m >> 1 ? 0 : draw(9))),
    zero: (m, n) => matrixOf(m, n, () => 0),
  };

export interface Drawn {
  readonly family: string;
  readonly rows: Float32Array[];
  readonly gram: Float64Array;
}

/** The rows of one family, by a seed that names them. */
export function drawRows(family: string, m: number, n: number, seed: number): Drawn {
  const random = createStream('families', family, m, n, seed);
  const drawn = families[family]!(m, n, (bound) => random.nextBelow(2 * bound + 1) - bound);
  const rows = drawn.map((row) => Float32Array.from(row));
  return { family, rows, gram: gramOfRows(rows) };
}

/** Any family, `least` to `most` rows. */
export const rowsOfAnyFamily = (most = 9, names = Object.keys(families), least = 1) =>
  fc
    .record({
      family: fc.constantFrom(...names),
      m: fc.integer({ min: least, max: most }),
      n: fc.integer({ min: 3, max: 12 }),
      seed: fc.nat(1e6),
    })
    .map(({ family, m, n, seed }) => drawRows(family, m, n, seed));

/** d = Σ wᵢgᵢ. */
export function directionOf(rows: readonly Float32Array[], weights: ArrayLike<number>): number[] {
  return Array.from(rows[0]!, (_, j) =>
    rows.reduce((sum, row, i) => sum + weights[i]! * row[j]!, 0),
  );
}

/** G·w. */
export function innerProducts(gram: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  const m = weights.length;
  return Array.from({ length: m }, (_, i) => {
    let inner = 0;
    for (let j = 0; j < m; j++) inner += gram[i * m + j]! * weights[j]!;
    return inner;
  });
}

/** Σ |wᵢ|·‖gᵢ‖: what the rounding of d is measured against. */
export function sizeOf(gram: ArrayLike<number>, weights: ArrayLike<number>): number {
  const m = weights.length;
  let size = 0;
  for (let i = 0; i < m; i++) size += Math.abs(weights[i]!) * Math.sqrt(gram[i * m + i]!);
  return size;
}

function matrixOf(m: number, n: number, entry: (i: number, j: number) => number): number[][] {
  return Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));
}

function columnSums(rows: readonly number[][], n: number): number[] {
  return Array.from({ length: n }, (_, j) => rows.reduce((sum, row) => sum + row[j]!, 0));
}
