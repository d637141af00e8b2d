/**
 * Writes test/fixtures/resolve/min-norm.json: least norm points found by trying every face of the
 * simplex in exact rational arithmetic. It shares no code with node/resolve. Run: node
 * scripts/resolve-fixtures.ts
 */
import { writeFileSync } from 'node:fs';
import { createStream } from '../protocol/random.ts';

interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

function rational(over: bigint, under = 1n): Rational {
  const divisor = gcd(over < 0n ? -over : over, under < 0n ? -under : under) || 1n;
  const sign = under < 0n ? -1n : 1n;
  return { over: (sign * over) / divisor, under: (sign * under) / divisor };
}

const plus = (a: Rational, b: Rational) =>
  rational(a.over * b.under + b.over * a.under, a.under * b.under);
const times = (a: Rational, b: Rational) => rational(a.over * b.over, a.under * b.under);
const minus = (a: Rational, b: Rational) => plus(a, rational(-b.over, b.under));
const divided = (a: Rational, b: Rational) => rational(a.over * b.under, a.under * b.over);
const ZERO = rational(0n);

/** To 20 significant digits or more, so that reading it back gives the nearest float64. */
function decimal({ over, under }: Rational): number {
  if (over === 0n) return 0;
  const size = over < 0n ? -over : over;
  const shift = Math.max(0, under.toString().length - size.toString().length) + 20;
  const digits = (size * 10n ** BigInt(shift)) / under;
  return Number(`${over < 0n ? '-' : ''}${digits}e-${shift}`);
}

/** Solves a square system by elimination; null where it is singular. */
function solve(matrix: Rational[][], right: Rational[]): Rational[] | null {
  const n = right.length;
  const a = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < n; column++) {
    const pivot = a.findIndex((row, i) => i >= column && row[column]!.over !== 0n);
    if (pivot < 0) return null;
    [a[column], a[pivot]] = [a[pivot]!, a[column]!];
    for (let i = 0; i < n; i++) {
      if (i === column || a[i]![column]!.over === 0n) continue;
      const factor = divided(a[i]![column]!, a[column]![column]!);
      a[i] = a[i]!.map((entry, j) => minus(entry, times(factor, a[column]![j]!)));
    }
  }
  return a.map((row, i) => divided(row[n]!, row[i]!));
}

/**
 * The optimum: the first face whose affine minimum is inside it and whose optimality all rows
 * confirm.
 */
function leastNorm(gram: bigint[][]): { alpha: Rational[]; square: Rational } {
  const m = gram.length;
  for (let face = 1; face < 2 ** m; face++) {
    const rows = [...Array(m).keys()].filter((i) => (face >> i) & 1);
    const matrix = rows.map((i) => [...rows.map((j) => rational(gram[i]![j]!)), rational(1n)]);
    matrix.push([...rows.map(() => rational(1n)), ZERO]);
    const solution = solve(matrix, [...rows.map(() => ZERO), rational(1n)]);
    if (solution === null) continue;
    const alpha = Array<Rational>(m).fill(ZERO);
    rows.forEach((row, k) => {
      alpha[row] = solution[k]!;
    });
    if (alpha.some(({ over }) => over < 0n)) continue;
    const inner = gram.map((row) =>
      row.reduce((sum, entry, j) => plus(sum, times(rational(entry), alpha[j]!)), ZERO),
    );
    const square = alpha.reduce((sum, weight, i) => plus(sum, times(weight, inner[i]!)), ZERO);
    if (inner.every((value) => minus(value, square).over >= 0n)) return { alpha, square };
  }
  throw new Error('no face is optimal');
}

type Draw = (bound: number) => number;

/** Integer rows of each kind; m rows of n numbers. */
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

const cases: object[] = [];
for (const [family, make] of Object.entries(families)) {
  for (let k = 0; k < 18; k++) {
    const m = 2 + (k % 6);
    const random = createStream('resolve-fixtures', family, k);
    const rows = make(m, 3 + (k % 4), (bound) => random.nextBelow(2 * bound + 1) - bound);
    const gram = rows.map((a) =>
      rows.map((b) => a.reduce((sum, x, i) => sum + BigInt(x) * BigInt(b[i]!), 0n)),
    );
    const { alpha, square } = leastNorm(gram);
    const direction = rows[0]!.map((_, j) =>
      decimal(
        rows.reduce((sum, row, i) => plus(sum, times(rational(BigInt(row[j]!)), alpha[i]!)), ZERO),
      ),
    );
    cases.push({ family, rows, squaredNorm: decimal(square), direction });
  }
}
const target = new URL('../test/fixtures/resolve/min-norm.json', import.meta.url);
writeFileSync(target, `[\n${cases.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`);
