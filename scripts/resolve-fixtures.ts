/**
 * Writes test/fixtures/resolve/*.json: what methods must answer, found in exact rational arithmetic
 * by trying every face, or with 80 decimals where the answer is irrational. It shares no code with
 * node/resolve. Run: node scripts/resolve-fixtures.ts
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { boundedLeastNorm, directionOf, dualCone, leastNorm } from './resolve-fixtures/faces.ts';
import { dot, toNumber, UNIT } from './resolve-fixtures/fixed.ts';
import { decimal, ONE, plus, type Rational, rational, ZERO } from './resolve-fixtures/rational.ts';
import { balanced, cagrad } from './resolve-fixtures/roots.ts';
import { drawnRows, type Rows } from './resolve-fixtures/rows.ts';
import { orUsage } from './usage.ts';

orUsage(import.meta.filename, () => parseArgs({ options: {} }));

function write(name: string, cases: readonly object[]): void {
  const target = new URL(`../test/fixtures/resolve/${name}.json`, import.meta.url);
  writeFileSync(target, `[\n${cases.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`);
}

const decimals = (values: readonly Rational[]) => values.map(decimal);
const wide = drawnRows(18, 7);
const narrow = drawnRows(10, 5);

/** Σ wᵢgᵢ with 80 decimals. */
const directionOfFixed = (rows: number[][], weights: readonly bigint[]) =>
  rows[0]!.map((_, j) => {
    const column = rows.map((row) => BigInt(row[j]!) * UNIT);
    return toNumber(dot(column, weights));
  });

write(
  'min-norm',
  wide.map(({ family, rows, gram }) => {
    const { alpha, square } = leastNorm(gram);
    const direction = decimals(directionOf(rows, alpha));
    return { family, rows, squaredNorm: decimal(square), direction };
  }),
);

/** Bounds of mgda-capped (cap 2/5, or 1/m where that is more) and of fedmgda (epsilon 1/10). */
function boundsOf(m: number, method: string) {
  const share = rational(1n, BigInt(m));
  const cap = m < 3 ? share : rational(2n, 5n);
  if (method === 'mgda-capped') {
    return { low: Array<Rational>(m).fill(ZERO), high: Array<Rational>(m).fill(cap) };
  }
  const tenth = rational(1n, 10n);
  const low = plus(share, rational(-1n, 10n));
  return { low: Array(m).fill(low), high: Array(m).fill(plus(share, tenth)) };
}
write(
  'bounded',
  narrow.flatMap(({ family, rows, gram }) =>
    [
      { aggregator: 'mgda-capped', cap: 0.4 },
      { aggregator: 'fedmgda', epsilon: 0.1 },
    ].map((options) => {
      const alpha = boundedLeastNorm(gram, boundsOf(rows.length, options.aggregator));
      return { family, rows, options, direction: decimals(directionOf(rows, alpha)) };
    }),
  ),
);

const share = (m: number) => Array<Rational>(m).fill(rational(1n, BigInt(m)));
const unit = (m: number, at: number) =>
  Array.from({ length: m }, (_, i) => (i === at ? ONE : ZERO));
function upgrad({ rows, gram }: Rows): Rational[] {
  const each = rows.map((_, i) => directionOf(rows, dualCone(gram, unit(rows.length, i))));
  const m = rational(1n, BigInt(rows.length));
  return each.reduce((sum, d) => sum.map((x, j) => plus(x, d[j]!))).map((x) => timesOf(x, m));
}
const timesOf = (a: Rational, b: Rational) => rational(a.over * b.over, a.under * b.under);
write(
  'dual-cone',
  wide.flatMap((item) => {
    const { family, rows, gram } = item;
    const dualproj = decimals(directionOf(rows, dualCone(gram, share(rows.length))));
    return [
      { family, rows, options: { aggregator: 'dualproj' }, direction: dualproj },
      { family, rows, options: { aggregator: 'upgrad' }, direction: decimals(upgrad(item)) },
    ];
  }),
);

write(
  'cagrad',
  wide.flatMap(({ family, rows, gram }) =>
    [
      [1n, 10n],
      [2n, 5n],
      [3n, 2n],
    ].map(([over, under]) => {
      const weights = cagrad(gram, over!, under!);
      const options = { aggregator: 'cagrad', c: Number(over) / Number(under) };
      return { family, rows, options, direction: directionOfFixed(rows, weights) };
    }),
  ),
);

write(
  'balanced',
  narrow.flatMap(({ family, rows, gram }) => {
    if (leastNorm(gram).square.over === 0n) return [];
    return (
      [
        [1, 1],
        [2, 1],
        [1, 2],
        [1, 4],
      ] as const
    ).map(([a, b]) => {
      const fair = { aggregator: 'fairgrad', alpha: a / b };
      const options = a === b ? { aggregator: 'nash-mtl' } : fair;
      const weights = balanced(gram, a, b);
      const direction = directionOfFixed(rows, weights);
      return { family, rows, options, weights: weights.map(toNumber), direction };
    });
  }),
);
