/** Gram matrices in great number, plain ones and nasty ones, by a seed each; for tests only. */
import { createStream } from '../../protocol/random.ts';

export interface Matrix {
  readonly label: string;
  readonly m: number;
  readonly gram: Float64Array;
}

/** The rows themselves. */
export interface MatrixOfRows {
  readonly label: string;
  readonly rows: readonly number[][];
}

type Draw = () => number;

/** Nearly normal: the sum of twelve uniform numbers. */
function drawer(...labels: (string | number)[]): Draw {
  const random = createStream('matrices', ...labels);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.nextFloat();
    return sum;
  };
}

const rowsOf = (m: number, n: number, draw: Draw) =>
  Array.from({ length: m }, () => Array.from({ length: n }, draw));
const scaled = (rows: number[][], factor: (i: number) => number) =>
  rows.map((row, i) => row.map((value) => value * factor(i)));
const mixed = (rows: number[][], weights: (i: number) => number) =>
  rows[0]!.map((_, j) => rows.reduce((sum, row, i) => sum + weights(i) * row[j]!, 0));

/** By name: what is hard about it. The last row of some is made from the others. */
const NASTY: Readonly<Record<string, (m: number, draw: Draw) => number[][]>> = {
  tiny: (m, draw) => scaled(rowsOf(m, m + 3, draw), () => 1e-150),
  huge: (m, draw) => scaled(rowsOf(m, m + 3, draw), () => 1e150),
  uneven: (m, draw) => scaled(rowsOf(m, m + 3, draw), (i) => 10 ** (i % 7)),
  'very uneven': (m, draw) => scaled(rowsOf(m, m + 3, draw), (i) => 10 ** (40 * (i % 3) - 40)),
  'one short row': (m, draw) => scaled(rowsOf(m, m + 3, draw), (i) => (i === 0 ? 1e-8 : 1)),
  'few dimensions': (m, draw) => rowsOf(m, Math.ceil(m / 2), draw),
  'one dimension': (m, draw) => rowsOf(m, 1, draw),
  'nearly parallel': (m, draw) => {
    const common = Array.from({ length: m + 3 }, draw);
    return rowsOf(m, m + 3, draw).map((row) => row.map((x, j) => common[j]! + 1e-4 * x));
  },
  'nearly opposite': (m, draw) => {
    const common = Array.from({ length: m + 3 }, draw);
    const around = rowsOf(m, m + 3, draw);
    return around.map((row, i) => row.map((x, j) => (i % 2 ? -1 : 1) * common[j]! + 1e-3 * x));
  },
  duplicates: (m, draw) => {
    const rows = rowsOf(m, m + 3, draw);
    return rows.map((row, i) => (i % 2 === 1 ? rows[i - 1]! : row));
  },
  'nearly stationary': (m, draw) => {
    const rows = rowsOf(m, m + 3, draw);
    const last = mixed(rows.slice(1), () => -1);
    return [last.map((x) => x * (1 - 1e-4)), ...rows.slice(1)];
  },
  stationary: (m, draw) => {
    const rows = rowsOf(m, m + 3, draw).map((row) => row.map((x) => Math.round(16 * x)));
    return [mixed(rows.slice(1), () => -1), ...rows.slice(1)];
  },
  'weakly stationary': (m, draw) => {
    const rows = rowsOf(m, m + 3, draw).map((row) => row.map((x) => Math.round(16 * x)));
    return [rows[1]!.map((x) => -2 * x), ...rows.slice(1)];
  },
  'a zero row': (m, draw) => scaled(rowsOf(m, m + 3, draw), (i) => (i === m >> 1 ? 0 : 1)),
};

const SIZES = [2, 3, 4, 5, 6, 8, 11, 16, 24, 32, 48, 64];

/** Number `seed` of the plain ones: m from 2 to 64, independent or dependent, alike or not. */
export const plainMatrix = (seed: number): Matrix => matrixOf(plainRows(seed));

export function plainRows(seed: number): MatrixOfRows {
  const draw = drawer('plain', seed);
  const m = SIZES[seed % SIZES.length]!;
  const n = [m + 3, 2 * m, Math.max(2, m - 1), 3][Math.floor(seed / SIZES.length) % 4]!;
  const share = [0, 0.25, 1][seed % 3]!;
  const common = Array.from({ length: n }, draw);
  const rows = rowsOf(m, n, draw).map((row) => row.map((x, j) => x + share * common[j]!));
  return { label: `plain ${m} × ${n} #${seed}`, rows };
}

/** Number `seed` of the nasty ones: the kinds in turn, m from 2 to 32. */
export const nastyMatrix = (seed: number): Matrix => matrixOf(nastyRows(seed));

export function nastyRows(seed: number): MatrixOfRows {
  const kinds = Object.keys(NASTY);
  const kind = kinds[seed % kinds.length]!;
  const m = SIZES[Math.floor(seed / kinds.length) % 10]!;
  const rows = NASTY[kind]!(m, drawer('nasty', seed));
  return { label: `${kind}, ${m} #${seed}`, rows };
}

function matrixOf({ label, rows }: MatrixOfRows): Matrix {
  return { label, m: rows.length, gram: gramOf(rows) };
}

/** Rows in float32, some of which are others times less than 0, but for rounding: m from 3 to 8. */
export function roundedOppositeMatrix(seed: number): Matrix {
  const random = createStream('matrices', 'opposite but for rounding', seed);
  const m = 3 + random.nextBelow(6);
  const n = 2 + random.nextBelow(12);
  const rows: number[][] = [];
  for (let i = 0; i < m; i++) {
    const before = random.nextBelow(2) === 0 ? rows[random.nextBelow(Math.max(1, i))] : undefined;
    const factor = random.nextBelow(3) === 0 ? 1 : 0.2 + 2 * random.nextFloat();
    const row = Array.from({ length: n }, (_, j) => {
      const noise = 1 + (random.nextFloat() - 0.5) * 2 ** -23;
      return before === undefined ? random.nextFloat() - 0.5 : -factor * before[j]! * noise;
    });
    rows.push(row.map(Math.fround));
  }
  return { label: `opposite but for rounding, ${m} #${seed}`, m, gram: gramOf(rows) };
}

/**
 * Rows that add up to zero, but for a share of each entry of G; scaled, times powers of two: m from
 * 2 to 5.
 */
export function shareMatrix(seed: number, isScaled = false): Matrix {
  const random = createStream('a share more', seed);
  const m = 2 + random.nextBelow(4);
  const columns = Array.from({ length: 1 + random.nextBelow(3) }, (_, j) => j);
  const draw = () => (random.nextBelow(21) - 10) * 2 ** (random.nextBelow(2) * 8);
  const rows = Array.from({ length: m }, () => columns.map(draw));
  rows[m - 1] = columns.map((j) => -rows.slice(0, -1).reduce((sum, row) => sum + row[j]!, 0));
  const share = 2 ** -(20 + random.nextBelow(22));
  const scales = Array.from({ length: m }, () => (isScaled ? 2 ** (random.nextBelow(41) - 20) : 1));
  const gram = gramOf(rows).map(
    (entry, at) => (entry + share) * scales[Math.floor(at / m)]! * scales[at % m]!,
  );
  return { label: `a share more${isScaled ? ', scaled' : ''}, ${m} #${seed}`, m, gram };
}

/** Rows ±1 and ±2ⁿ times e₀, but for what is 2⁻²⁰ of that or less; some with a row more. */
export function longRowsMatrix(seed: number): Matrix {
  const random = createStream('long rows that cancel', seed);
  const small = 2 ** -(20 + random.nextBelow(4));
  const draw = () => random.nextBelow(17) - 8;
  const long = 2 ** random.nextBelow(6);
  const rows = [1, -1, long, -long].map((x) => [x, draw() * small, draw() * small]);
  if (random.nextBelow(2) === 0) rows.push([draw(), draw(), draw()]);
  return { label: `long rows that cancel #${seed}`, m: rows.length, gram: gramOf(rows) };
}

/** Symmetric to the bit, since every pair is added up in one order. */
export function gramOf(rows: readonly number[][]): Float64Array {
  const m = rows.length;
  const gram = new Float64Array(m * m);
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      gram[i * m + j] = a.reduce((sum, x, l) => sum + x * b[l]!, 0);
    });
  });
  return gram;
}
