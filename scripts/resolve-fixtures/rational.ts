/** Exact rational arithmetic on big integers, and elimination with it. */

export interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

export function rational(over: bigint, under = 1n): Rational {
  const divisor = gcd(over < 0n ? -over : over, under < 0n ? -under : under) || 1n;
  const sign = under < 0n ? -1n : 1n;
  return { over: (sign * over) / divisor, under: (sign * under) / divisor };
}

export const plus = (a: Rational, b: Rational) =>
  rational(a.over * b.under + b.over * a.under, a.under * b.under);
export const times = (a: Rational, b: Rational) => rational(a.over * b.over, a.under * b.under);
export const minus = (a: Rational, b: Rational) => plus(a, rational(-b.over, b.under));
export const divided = (a: Rational, b: Rational) => rational(a.over * b.under, a.under * b.over);
export const ZERO = rational(0n);
export const ONE = rational(1n);

/** To 20 significant digits or more, so that reading it back gives the nearest float64. */
export function decimal({ over, under }: Rational): number {
  if (over === 0n) return 0;
  const size = over < 0n ? -over : over;
  const shift = Math.max(0, under.toString().length - size.toString().length) + 20;
  const digits = (size * 10n ** BigInt(shift)) / under;
  return Number(`${over < 0n ? '-' : ''}${digits}e-${shift}`);
}

/** Solves a square system by elimination; null where it is singular. */
export function solve(matrix: Rational[][], right: Rational[]): Rational[] | null {
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

/** G·v. */
export const innerOf = (gram: bigint[][], v: Rational[]) =>
  gram.map((row) => row.reduce((sum, entry, j) => plus(sum, times(rational(entry), v[j]!)), ZERO));

export const dot = (a: Rational[], b: Rational[]) =>
  a.reduce((sum, value, i) => plus(sum, times(value, b[i]!)), ZERO);
