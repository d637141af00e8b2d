/** Numbers with 80 decimals as big integers, for roots that no rational number is. */

const DECIMALS = 80;
export const UNIT = 10n ** BigInt(DECIMALS);
/** What is below this is rounding: 60 decimals. */
export const NOTHING = 10n ** 20n;

export type Fixed = bigint;

export const times = (a: Fixed, b: Fixed): Fixed => (a * b) / UNIT;
export const divided = (a: Fixed, b: Fixed): Fixed => (a * UNIT) / b;
export const size = (a: Fixed): Fixed => (a < 0n ? -a : a);
export const dot = (a: readonly Fixed[], b: readonly Fixed[]): Fixed =>
  a.reduce((sum, value, i) => sum + times(value, b[i]!), 0n);

/** G·v for a matrix of integers. */
export const innerOf = (gram: bigint[][], v: readonly Fixed[]): Fixed[] =>
  gram.map((row) => row.reduce((sum, entry, j) => sum + entry * v[j]!, 0n));

export function root(a: Fixed): Fixed {
  if (a <= 0n) return 0n;
  const square = a * UNIT;
  let x = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (x + square / x) / 2n;
    if (next >= x) return x;
    x = next;
  }
}

/** Exactly, for numbers of at least 1e-29 or so; others to 45 decimals. */
export function fromNumber(value: number): Fixed {
  const shift = 150;
  return (BigInt(Math.round(value * 2 ** shift)) * UNIT) / 2n ** BigInt(shift);
}

/** The nearest float64, by 25 significant digits. */
export function toNumber(a: Fixed): number {
  return Number(`${a}e-${DECIMALS}`);
}

/** Solves a square system by elimination with the largest pivot; null where it is singular. */
export function solve(matrix: Fixed[][], right: Fixed[]): Fixed[] | null {
  const n = right.length;
  const a = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column; i < n; i++) {
      if (size(a[i]![column]!) > size(a[pivot]![column]!)) pivot = i;
    }
    if (size(a[pivot]![column]!) < NOTHING) return null;
    [a[column], a[pivot]] = [a[pivot]!, a[column]!];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = divided(a[i]![column]!, a[column]![column]!);
      a[i] = a[i]!.map((entry, j) => entry - times(factor, a[column]![j]!));
    }
  }
  return a.map((row, i) => divided(row[n]!, row[i]!));
}
