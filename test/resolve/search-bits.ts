/**
 * The bits of single searches where methods seldom lead: rows of very different length, and rows
 * of −1, 0 and 1, many of which depend on each other, so that steps lead nowhere and prices tie;
 * and rows that are opposite but for rounding, where what depends on others has a weight.
 */
import { createHash } from 'node:crypto';
import { boundedActiveSet } from '../../node/resolve/bounded-active-set.ts';
import { type Bounds, boundedGap, boundedMinNorm } from '../../node/resolve/bounded-min-norm.ts';
import { fixedPoint } from '../../node/resolve/fixed-point.ts';
import { minNorm } from '../../node/resolve/min-norm.ts';
import { powerOfTwo } from '../../node/resolve/scale.ts';
import { createStream } from '../../protocol/random.ts';
import { gramOf, type Matrix, roundedOppositeMatrix } from './matrices.ts';

/** 3 to 9 rows whose lengths are powers of two, up to 2^45 apart, in any order. */
export function unevenMatrix(seed: number): Matrix {
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

/** 2 to 10 rows of −1, 0 and 1 in 1 to 6 dimensions. */
function signsMatrix(seed: number): Matrix {
  const random = createStream('signs', seed);
  const m = 2 + (seed % 9);
  const n = 1 + (seed % 6);
  const rows = Array.from({ length: m }, () =>
    Array.from({ length: n }, () => random.nextBelow(3) - 1),
  );
  return { label: `signs #${seed}`, m, gram: gramOf(rows) };
}

/** 2 to 7 rows, of signs or any numbers, whose lengths are up to 2^400 apart. */
function farMatrix(seed: number): Matrix {
  const random = createStream('far', seed);
  const m = 2 + (seed % 6);
  const n = [1, 2, m, m + 3][seed % 4]!;
  const span = [30, 60, 100, 133, 200][seed % 5]!;
  const rows = Array.from({ length: m }, (_, i) => {
    const exponent = seed % 2 === 0 ? random.nextBelow(2 * span) : span * (i % 3);
    const entry = () => (seed % 3 === 0 ? random.nextBelow(3) - 1 : 2 * random.nextFloat() - 1);
    return Array.from({ length: n }, () => entry() * powerOfTwo(exponent - span));
  });
  return { label: `far #${seed}`, m, gram: gramOf(rows) };
}

export function bytesOf(values: readonly number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setFloat64(8 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}

interface Answer {
  readonly weights: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

function hashOf(answers: Iterable<Answer>): string {
  const hash = createHash('sha256');
  for (const { weights, iterations, converged } of answers) {
    hash.update(bytesOf([...weights, iterations, Number(converged)]));
  }
  return hash.digest('hex').slice(0, 16);
}

/** At most `spread` / 2 above the mean, and at most `spread` from it. */
function boundsAround(m: number, spread: number): { capped: Bounds; near: Bounds } {
  const even = new Float64Array(m).fill(1 / m);
  const high = even.map((x) => x + spread / 2);
  const near = {
    low: even.map((x) => Math.max(0, x - spread)),
    high: even.map((x) => Math.min(1, x + spread)),
  };
  return { capped: { low: new Float64Array(m), high }, near };
}

/** From the mean, from a corner, and from weights of which no two are equal. */
function startsOf(m: number, seed: number) {
  const first = new Float64Array(m);
  first[seed % m] = 1;
  const ramp = Float64Array.from({ length: m }, (_, i) => ((i + 1) * 2) / (m * (m + 1)));
  return { even: new Float64Array(m).fill(1 / m), first, ramp };
}

function activeSet({ gram, m }: Matrix, bounds: Bounds, start: Float64Array): Answer {
  return boundedActiveSet(gram, m, bounds, start, (_products, found) =>
    boundedGap(gram, m, bounds, found),
  );
}

/** From corners and from inside, over bounds of both methods that use it. */
function* onUneven() {
  for (let seed = 0; seed < 126; seed++) {
    const matrix = unevenMatrix(seed);
    const { capped, near } = boundsAround(matrix.m, [0.1, 0.3, 1][seed % 3]!);
    const { even, first } = startsOf(matrix.m, seed);
    for (const bounds of [capped, near]) {
      for (const start of [even, first]) yield activeSet(matrix, bounds, start);
    }
  }
}

/** Bounds that leave a point, those that many corners meet, and some between. */
function* onSigns() {
  for (let seed = 0; seed < 180; seed++) {
    const matrix = signsMatrix(seed);
    const { m } = matrix;
    const low = new Float64Array(m);
    const capped = [0, 0.3, 0.5].map((cap) => ({ low, high: low.map(() => Math.max(cap, 1 / m)) }));
    const near = [0.1, 0.3].map((spread) => boundsAround(m, spread).near);
    for (const bounds of [...capped, ...near]) {
      for (const start of Object.values(startsOf(m, seed))) yield activeSet(matrix, bounds, start);
    }
  }
}

/** Where rows meet 0 at the same step, which of them leaves is told by few answers. */
function* minNormOnSigns() {
  for (let seed = 0; seed < 300; seed++) {
    const { gram, m } = signsMatrix(seed);
    if (gram.some((entry) => entry !== 0)) yield minNorm(gram, m);
  }
}

function* onFar(count: number, answers: (matrix: Matrix) => Answer[]) {
  for (let seed = 0; seed < count; seed++) {
    const matrix = farMatrix(seed);
    if (matrix.gram.some((entry) => entry !== 0)) yield* answers(matrix);
  }
}

/** Where d is rounding, and what depends on others has a weight; and some more seeds. */
function* onOpposite(count: number, answers: (matrix: Matrix) => Answer[], more: number[] = []) {
  for (let seed = 0; seed < count; seed++) yield* answers(roundedOppositeMatrix(seed));
  for (const seed of more) yield* answers(roundedOppositeMatrix(seed));
}

/** Three in 30,000: converged, so that it is not refined, which would change it. */
const NOT_REFINED = [16933, 23137, 25400];

function boundedAnswers({ gram, m }: Matrix): Answer[] {
  return [0.3, 0.5].flatMap((spread) => {
    const { capped, near } = boundsAround(m, spread);
    return [capped, near].map((bounds) => boundedMinNorm(gram, m, bounds));
  });
}

/** From weights of three kinds, over bounds that leave room for what rows have in common. */
function activeSetAnswers(matrix: Matrix): Answer[] {
  const { m } = matrix;
  const { capped, near } = boundsAround(m, 0.4);
  const all = { low: new Float64Array(m), high: new Float64Array(m).fill(1) };
  const starts = Object.values(startsOf(m, m - 1));
  return [capped, near, all].flatMap((bounds) =>
    starts.map((start) => activeSet(matrix, bounds, start)),
  );
}

const balancedAnswers = ({ gram, m }: Matrix) => [0.25, 5].map((p) => fixedPoint(gram, m, p));

/** By name, the hash of what it finds; min-norm refines in vain once in a thousand matrices. */
export const searches: Readonly<Record<string, () => string>> = {
  'bounded-active-set': () => hashOf(onUneven()),
  'bounded-active-set, rows of signs': () => hashOf(onSigns()),
  'min-norm, rows of signs': () => hashOf(minNormOnSigns()),
  'min-norm, rows far apart': () => hashOf(onFar(1200, ({ gram, m }) => [minNorm(gram, m)])),
  'bounded-min-norm, rows far apart': () => hashOf(onFar(210, boundedAnswers)),
  'bounded-active-set, opposite rows': () => hashOf(onOpposite(300, activeSetAnswers)),
  'min-norm, opposite rows': () =>
    hashOf(onOpposite(2400, ({ gram, m }) => [minNorm(gram, m)], NOT_REFINED)),
  'bounded-min-norm, opposite rows': () => hashOf(onOpposite(900, boundedAnswers)),
  'fixed-point, rows far apart': () => hashOf(onFar(210, balancedAnswers)),
};
