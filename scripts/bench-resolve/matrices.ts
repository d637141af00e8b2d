/** The Gram matrices that are measured on: gradients as they are in training, and nasty ones. */
import { gramOfRows } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';

export interface Matrix {
  readonly label: string;
  readonly m: number;
  readonly gram: Float64Array;
}

/** Standard normal numbers, near enough: twelve uniform ones added. */
function drawer(...labels: (string | number)[]): () => number {
  const random = createStream('bench-resolve', ...labels);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.nextFloat();
    return sum;
  };
}

/**
 * Gradients with a little in common, in as many dimensions as there are: pairs agree weakly and
 * conflict often, and many rows are needed at the optimum.
 */
export function correlated(m: number, seed: number): Matrix {
  const draw = drawer('correlated', m, seed);
  const common = Float64Array.from({ length: m }, draw);
  const rows = Array.from({ length: m }, () =>
    Float32Array.from(common, (value) => 0.25 * value + draw()),
  );
  return { label: `correlated ${m} #${seed}`, m, gram: gramOfRows(rows) };
}

type Rows = (m: number, draw: () => number) => number[][];

const plain: Rows = (m, draw) => matrix(m, m + 3, draw);

/** By name: what is hard about it. */
const NASTY: Readonly<Record<string, Rows>> = {
  tiny: (m, draw) => scaled(plain(m, draw), () => 1e-6),
  huge: (m, draw) => scaled(plain(m, draw), () => 1e12),
  uneven: (m, draw) => scaled(plain(m, draw), (i) => 10 ** (i % 7)),
  'one short row': (m, draw) => scaled(plain(m, draw), (i) => (i === 0 ? 1e-5 : 1)),
  'few dimensions': (m, draw) => matrix(m, Math.ceil(m / 2), draw),
  'nearly parallel': (m, draw) => {
    const common = Array.from({ length: m + 3 }, draw);
    return plain(m, draw).map((row) => row.map((value, j) => common[j]! + 1e-3 * value));
  },
  duplicates: (m, draw) => {
    const rows = plain(m, draw);
    return rows.map((_, i) => rows[i - (i % 2)]!);
  },
  'nearly stationary': (m, draw) => {
    const common = Array.from({ length: m + 3 }, draw);
    return balanced(plain(m, draw)).map((row) => row.map((value, j) => value + 1e-4 * common[j]!));
  },
  'stationary but for rounding': (m, draw) => balanced(plain(m, draw)),
  stationary: (m, draw) =>
    balanced(plain(m, draw).map((row) => row.map((value) => Math.round(8 * value)))),
  'zero row': (m, draw) => scaled(plain(m, draw), (i) => (i === 1 ? 0 : 1)),
  opposite: (m, draw) => {
    const rows = plain(m, draw);
    return rows.map((row, i) => (i === 1 ? rows[0]!.map((value) => -2 * value) : row));
  },
  'one far away': (m, draw) => {
    const common = Array.from({ length: m + 3 }, draw);
    return scaled(
      plain(m, draw).map((row) => row.map((value, j) => common[j]! + 0.3 * value)),
      (i) => (i === m - 1 ? -30 : 1),
    );
  },
};

const NASTY_SIZES = [2, 3, 5, 8, 16, 32];

/** 13 kinds in 6 sizes. */
export function nastyMatrices(): Matrix[] {
  return Object.entries(NASTY).flatMap(([name, make]) =>
    NASTY_SIZES.map((m) => {
      const rows = make(m, drawer(name, m)).map((row) => Float32Array.from(row));
      return { label: `${name} ${m}`, m, gram: gramOfRows(rows) };
    }),
  );
}

function matrix(m: number, n: number, draw: () => number): number[][] {
  return Array.from({ length: m }, () => Array.from({ length: n }, draw));
}

/** The first row replaced so that all add up to 0. */
function balanced(rows: number[][]): number[][] {
  const others = rows.slice(1);
  const first = rows[0]!.map((_, j) => -others.reduce((total, row) => total + row[j]!, 0));
  return [first, ...others];
}

function scaled(rows: number[][], factor: (row: number) => number): number[][] {
  return rows.map((row, i) => row.map((value) => value * factor(i)));
}
