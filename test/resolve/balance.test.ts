/**
 * What Nash-MTL's weights leave of wᵢ(Gw)ᵢ = 1, in exact arithmetic: at most 1e-9, but where rows
 * nearly cancel; there it is the rounding of the weights, which no float64 weights are without.
 */
import test from 'ava';
import { resolve } from '../../node/resolve/index.ts';
import { SHIFT, whole } from './exact.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

/** 1 − wᵢ(Gw)ᵢ for weights in units of 2^−SHIFT, exact but for the last conversion. */
function restOf(gram: Float64Array, weights: readonly bigint[]): number[] {
  const m = weights.length;
  const unit = 1n << BigInt(3 * SHIFT);
  return weights.map((weight, i) => {
    let sum = 0n;
    for (let j = 0; j < m; j++) sum += whole(gram[i * m + j]!) * weights[j]!;
    const rest = unit - weight * sum;
    // 2^−200 is far below what is looked at.
    return Number(rest >> BigInt(3 * SHIFT - 200)) * 2 ** -200;
  });
}

const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));
const solved = (gram: Float64Array) => resolve(gram, { aggregator: 'nash-mtl' });

/** 2⁻⁵³·(Σ wᵢ‖gᵢ‖)²/‖d‖²: what rounding of the weights makes of wᵢ(Gw)ᵢ = 1. */
function roundingOf(gram: Float64Array, weights: Float64Array): number {
  const m = weights.length;
  const size = weights.reduce((sum, weight, i) => sum + weight * Math.sqrt(gram[i * m + i]!), 0);
  return (2 ** -53 * size * size) / m;
}

const matrices = [
  ...Array.from({ length: 500 }, (_, seed) => nastyMatrix(seed)),
  ...Array.from({ length: 100 }, (_, i) => plainMatrix(19 * i)),
];

test('what is left is at most 1e-9, or four times the rounding of the weights', (t) => {
  let seen = 0;
  let beyond = 0;
  for (const { label, gram } of matrices) {
    const { weights, certificate } = solved(gram);
    if (certificate.problem === 'none') continue;
    const left = largest(restOf(gram, Array.from(weights, whole)));
    const rounding = roundingOf(gram, weights);
    t.true(left <= 4 * rounding, `${label}: ${left}, rounding ${rounding}`);
    t.true(left <= 3e-9, `${label}: ${left}`);
    if (rounding <= 2.5e-10) t.true(left <= 1e-9, `${label}: ${left}`);
    // The certificate says so too, though it has no more than float64 to say it with.
    t.true(Math.abs(certificate.gap - left) <= 1e-9 * left + 1e-15, `${label}: ${certificate.gap}`);
    seen++;
    if (left > 1e-9) beyond++;
  }
  t.true(seen > 400);
  t.log(`${seen} matrices with an answer, ${beyond} beyond 1e-9`);
});

test('where more than 1e-9 is left, the true weights rounded to float64 leave as much', (t) => {
  let shown = 0;
  for (const { label, m, gram } of matrices) {
    const { weights, certificate } = solved(gram);
    if (certificate.problem === 'none' || certificate.gap <= 1e-9) continue;
    let exact = Array.from(weights, whole);
    for (let step = 0; step < 4; step++) {
      const change = newtonStep(gram, m, weights, restOf(gram, exact));
      exact = exact.map((weight, i) => weight + (weight * whole(change[i]!)) / whole(1));
    }
    t.true(largest(restOf(gram, exact)) < 1e-20, `${label}: these are the true weights`);
    const rounded = exact.map((weight) => whole(Number(weight >> 874n) * 2 ** -200));
    const left = largest(restOf(gram, rounded));
    t.true(left > certificate.gap / 8, `${label}: ${left} beside ${certificate.gap}`);
    shown++;
  }
  t.true(shown > 0);
});

/** ε with (wᵢGᵢⱼwⱼ + 1)·ε = rest, by elimination. */
function newtonStep(gram: Float64Array, m: number, w: Float64Array, rest: readonly number[]) {
  const rows = rest.map((value, i) => [
    ...Array.from(w, (weight, j) => w[i]! * gram[i * m + j]! * weight + (i === j ? 1 : 0)),
    value,
  ]);
  for (let p = 0; p < m; p++) {
    for (let i = p + 1; i < m; i++) {
      const share = rows[i]![p]! / rows[p]![p]!;
      for (let j = p; j <= m; j++) rows[i]![j]! -= share * rows[p]![j]!;
    }
  }
  const epsilon = new Float64Array(m);
  for (let i = m - 1; i >= 0; i--) {
    let sum = rows[i]![m]!;
    for (let j = i + 1; j < m; j++) sum -= rows[i]![j]! * epsilon[j]!;
    epsilon[i] = sum / rows[i]![i]!;
  }
  return epsilon;
}

test('rows at a right angle are balanced to the last digits, and the gap is a number', (t) => {
  const gram = [2, 0, 0, 0, 3, -2, 0, -2, 2];
  for (const alpha of [0.05, 0.5, 1, 2, 20]) {
    const { weights, certificate } = resolve(gram, { aggregator: 'fairgrad', alpha });
    t.true(certificate.gap <= 1e-13, `${alpha}: ${certificate.gap}`);
    t.true(Math.abs(2 * weights[0]! ** (1 + 1 / alpha) - 1) <= 1e-13);
  }
});
