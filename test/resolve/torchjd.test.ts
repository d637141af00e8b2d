/**
 * Our directions against those that TorchJD and LibMTL found for the same rows, from a fixture that
 * scripts/torchjd-fixtures.ts writes. Nothing is scaled to fit: with the options below both define
 * the same d. Where theirs is inexact, how much is allowed follows from what they do.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { gramOfRows, type ResolveOptions, resolve } from '../../node/resolve/index.ts';
import { graddrop, trimmedMean } from '../../node/resolve/methods/from-rows.ts';
import { createStream } from '../../protocol/random.ts';
import { directionOf } from './families.ts';

interface Case {
  readonly kind: string;
  readonly rows: readonly number[][];
  readonly directions: Readonly<Record<string, number[]>>;
}

const path = new URL('../fixtures/resolve/torchjd.json', import.meta.url);
const { settings, cases } = JSON.parse(readFileSync(path, 'utf8')) as {
  settings: Record<string, string>;
  cases: Case[];
};

/** What all draws of theirs were, which graddrop compares with. */
const DRAW = 0.375;

const rowsOf = ({ rows }: Case) => rows.map((row) => Float32Array.from(row));
const lengthOf = (d: readonly number[]) => Math.hypot(...d);
const apart = (a: readonly number[], b: readonly number[]) =>
  lengthOf(a.map((value, j) => value - b[j]!));

/** As a share of the length of theirs. */
const offBy = (theirs: readonly number[], d: readonly number[]) =>
  apart(theirs, d) / lengthOf(theirs);
const nameOf = (item: Case) => `case ${cases.indexOf(item)}: ${item.rows.length} ${item.kind} rows`;

/** ⟨gᵢ, d⟩. */
const servedBy = ({ rows }: Case, d: readonly number[]) =>
  rows.map((row) => row.reduce((sum, value, j) => sum + value * d[j]!, 0));

/** Ours, as d = Σ wᵢgᵢ in float64. */
function ours(item: Case, options: ResolveOptions): number[] {
  const rows = rowsOf(item);
  const { weights } = resolve(gramOfRows(rows), { normalize: 'none', ...options });
  return directionOf(rows, weights);
}

/**
 * Formulas, active sets and orders: rounding alone. The worst G here has condition 345: 345·2⁻⁵² is
 * 8e-14, for some roundings.
 */
const ROUNDING = 1e-12;
/**
 * TorchJD adds 1e-4·tr G to the diagonal, and the least eigenvalue is tr G/440 or more: 4 % of it,
 * and d is made of more than that one. What is added is all there is between us: see below.
 */
const REGULARIZED = 1e-2;
/**
 * Clarabel stops at a duality gap of 1e-8 with rows of tr G = 1: d is off by its root, 1e-4, and
 * 0.09 long or longer.
 */
const INTERIOR = 1e-3;
/** TorchJD's scheme stops where a step moves the weights by 1e-6. */
const BARGAIN = 1e-5;
/** SciPy stops where a step gains 1e-8 of the cost, the square of what is missing to 0. */
const LEAST_SQUARES = 1e-8;
/** SLSQP stops where a step gains 1e-6 of the objective: d is off by its root. */
const SEQUENTIAL = 1e-3;
/** 1e-8 is added to norms of 1 and more, some times. */
const ADDED = 1e-7;
/** float32 with sums of products; no solution is among the 0.001 next to one row that it avoids. */
const SINGLE = 1e-5;

const preference = (m: number) => Array.from({ length: m }, (_, i) => i + 1);
type Options = (m: number) => ResolveOptions;

const agreements: Readonly<Record<string, readonly [options: Options, within: number]>> = {
  mean: [() => ({ aggregator: 'mean' }), ROUNDING],
  sum: [() => ({ aggregator: 'sum' }), ROUNDING],
  constant: [(m) => ({ aggregator: 'constant', preference: preference(m) }), ROUNDING],
  upgrad: [() => ({ aggregator: 'upgrad' }), REGULARIZED],
  'upgrad, not regularized': [() => ({ aggregator: 'upgrad' }), ROUNDING],
  dualproj: [() => ({ aggregator: 'dualproj' }), REGULARIZED],
  'dualproj, not regularized': [() => ({ aggregator: 'dualproj' }), ROUNDING],
  'cagrad, c = 0.4': [() => ({ aggregator: 'cagrad', c: 0.4 }), INTERIOR],
  'cagrad, c = 1.5': [() => ({ aggregator: 'cagrad', c: 1.5 }), INTERIOR],
  'fairgrad, alpha = 1': [() => ({ aggregator: 'fairgrad', alpha: 1 }), LEAST_SQUARES],
  'fairgrad, alpha = 2': [() => ({ aggregator: 'fairgrad', alpha: 2 }), LEAST_SQUARES],
  'imtl-g': [() => ({ aggregator: 'imtl-g' }), ROUNDING],
  'aligned-mtl': [() => ({ aggregator: 'aligned-mtl' }), ROUNDING],
  'aligned-mtl, median': [
    (m) => ({ aggregator: 'aligned-mtl', scale: 'median', preference: preference(m) }),
    ROUNDING,
  ],
  config: [() => ({ aggregator: 'config' }), ROUNDING],
  'config, preference': [(m) => ({ aggregator: 'config', preference: preference(m) }), ROUNDING],
  krum: [(m) => ({ aggregator: 'krum', nByzantine: m - 3, nSelected: 2 }), ROUNDING],
  // Theirs in the order of the rows, too.
  pcgrad: [() => ({ aggregator: 'pcgrad', order: 'index' }), ROUNDING],
  gradvac: [() => ({ aggregator: 'gradvac', order: 'index' }), ADDED],
  'libmtl cagrad': [() => ({ aggregator: 'cagrad', c: 0.4 }), SEQUENTIAL],
  'libmtl imtl-g': [() => ({ aggregator: 'imtl-g' }), ROUNDING],
  'libmtl pcgrad': [() => ({ aggregator: 'pcgrad' }), ROUNDING],
  'libmtl gradvac': [() => ({ aggregator: 'gradvac', order: 'index' }), ROUNDING],
  'libmtl mgda': [() => ({ aggregator: 'mgda' }), SINGLE],
};

const withLabel = (label: string) => cases.filter(({ directions }) => label in directions);

for (const [label, [options, within]] of Object.entries(agreements)) {
  test(`${label}: ours is theirs within ${within}, ${settings[label]}`, (t) => {
    const compared = withLabel(label);
    t.true(compared.length >= 8);
    for (const item of compared) {
      const off = offBy(item.directions[label]!, ours(item, options(item.rows.length)));
      t.true(off <= within, `${off} off, ${nameOf(item)}`);
    }
  });
}

for (const aggregator of ['upgrad', 'dualproj']) {
  test(`${aggregator}: with what TorchJD adds to G, ours is theirs but for rounding`, (t) => {
    for (const item of cases) {
      const rows = rowsOf(item);
      const m = rows.length;
      const gram = gramOfRows(rows);
      let trace = 0;
      for (let i = 0; i < m; i++) trace += gram[i * m + i]!;
      for (let i = 0; i < m; i++) gram[i * m + i]! += 1e-4 * trace;
      const { weights } = resolve(gram, { aggregator });
      const off = offBy(item.directions[aggregator]!, directionOf(rows, weights));
      t.true(off <= ROUNDING, `${off} off, ${nameOf(item)}`);
    }
  });
}

test(`nash-mtl: ours is theirs within ${BARGAIN}, where theirs solves its own equation`, (t) => {
  let solved = 0;
  for (const item of cases) {
    const rows = rowsOf(item);
    const theirs = item.directions['nash-mtl']!;
    // d = Σ gᵢ/⟨gᵢ, d⟩.
    const inverse = servedBy(item, theirs).map((inner) => 1 / inner);
    if (offBy(theirs, directionOf(rows, inverse)) > 1e-3) continue;
    solved++;
    const off = offBy(theirs, ours(item, { aggregator: 'nash-mtl' }));
    t.true(off <= BARGAIN, `${off} off, ${nameOf(item)}`);
  }
  // On four it ends elsewhere, on one of them where it began.
  t.is(solved, 36);
});

test('cagrad: no d of theirs serves the worst served better than ours', (t) => {
  for (const c of [0.4, 1.5]) {
    for (const item of cases) {
      const theirs = Math.min(...servedBy(item, item.directions[`cagrad, c = ${c}`]!));
      const best = Math.min(...servedBy(item, ours(item, { aggregator: 'cagrad', c })));
      t.true(theirs <= best + ROUNDING * Math.abs(best), nameOf(item));
    }
  }
});

/**
 * Theirs is some d = Σ αᵢgᵢ with α on the simplex, by Frank and Wolfe's steps, which don't end. For
 * each of these ‖d − d*‖² ≤ ‖d‖² − ‖d*‖² if d* is the one of least norm, however far d is.
 */
for (const [label, above] of [
  ['mgda', 0.25],
  ['mgda, 3000 iterations', 0.02],
] as const) {
  test(`${label}: ours is the least; theirs has ‖d‖² up to ${100 * above} % above it`, (t) => {
    for (const item of cases) {
      const theirs = item.directions[label]!;
      const least = ours(item, { aggregator: 'mgda' });
      const gap = lengthOf(theirs) ** 2 - lengthOf(least) ** 2;
      const rounding = ROUNDING * lengthOf(theirs) ** 2;
      t.true(apart(theirs, least) ** 2 <= gap + rounding, nameOf(item));
      t.true(gap <= above * lengthOf(least) ** 2, `${gap}, ${nameOf(item)}`);
    }
  });
}

test('gradvac, once more: targets that a first call left turn the rows as theirs do', (t) => {
  for (const item of cases) {
    const rows = rowsOf(item);
    const options = { aggregator: 'gradvac', order: 'index' };
    const gram = gramOfRows(rows);
    const { state } = resolve(gram, options);
    const { weights } = resolve(gram, { ...options, state });
    const off = offBy(item.directions['gradvac, once more']!, directionOf(rows, weights));
    t.true(off <= ADDED, `${off} off, ${nameOf(item)}`);
  }
});

test('trimmed-mean and graddrop, made of rows: ours is theirs but for rounding to float32', (t) => {
  const random = { ...createStream('unused'), nextFloat: () => DRAW };
  const methods = {
    'trimmed-mean': (rows: Float32Array[], out: Float32Array) =>
      trimmedMean.fromRows!(rows, out, random, { trim: 1 }),
    graddrop: (rows: Float32Array[], out: Float32Array) =>
      graddrop.fromRows!(rows, out, random, { leak: 0 }),
  };
  for (const [label, into] of Object.entries(methods)) {
    for (const item of withLabel(label)) {
      const out = new Float32Array(item.rows[0]!.length);
      into(rowsOf(item), out);
      const off = offBy(item.directions[label]!, [...out]);
      t.true(off <= 2 ** -23, `${off} off, ${label}, ${nameOf(item)}`);
    }
  }
});
