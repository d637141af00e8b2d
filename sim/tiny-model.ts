/**
 * A real model small enough to simulate: a bigram softmax with its gradient written by hand, in
 * + − × ÷ alone, so that it is the same bits on every machine.
 */
import type { ParameterSpec } from '../protocol/buckets.ts';
import { createStream } from '../protocol/random.ts';

export const VOCABULARY = 12;
export const WIDTH = 4;

/** logits = embed[token] · headᵀ + bias; sorted by name. */
export const TINY_PARAMETERS: readonly ParameterSpec[] = [
  { name: 'embed.weight', shape: [VOCABULARY, WIDTH], layer: 'embed' },
  { name: 'head.bias', shape: [VOCABULARY], layer: 'head' },
  { name: 'head.weight', shape: [VOCABULARY, WIDTH], layer: 'head' },
];

const EMBED = 0;
const BIAS = VOCABULARY * WIDTH;
const HEAD = BIAS + VOCABULARY;
const LENGTH = HEAD + VOCABULARY * WIDTH;

/** Gradient of the summed −ln p of a unit, on all parameters in order. */
export interface UnitGradient {
  readonly tokens: number;
  readonly lossSum: number;
  readonly gradient: Float32Array;
  /** By parameter value: 1 where the unit touches it at all (embedding rows of its tokens). */
  readonly touched: Uint8Array;
}

/** Uniform over ±½, from a seed. */
export function tinyValues(seed: number): Float32Array {
  const stream = createStream('tiny model', seed);
  return Float32Array.from({ length: LENGTH }, () => stream.nextFloat() - 0.5);
}

/** Tokens of a unit: a language uses its own part of the vocabulary, and some of everybody's. */
export function tinyTokens(seed: number, language: number, step: number, unit: number): number[] {
  const stream = createStream('tiny unit', seed, language, step, unit);
  const length = 2 + stream.nextBelow(6);
  const letters = 6;
  return Array.from({ length }, () => (language * 2 + stream.nextBelow(letters)) % VOCABULARY);
}

/** Forward and backward pass over the bigrams of `tokens`, in float64, rounded once at the end. */
export function tinyGradient(parameters: Float32Array, tokens: readonly number[]): UnitGradient {
  const sums = new Float64Array(LENGTH);
  const touched = new Uint8Array(LENGTH).fill(1, BIAS);
  let lossSum = 0;
  for (let t = 0; t + 1 < tokens.length; t++) {
    touched.fill(1, tokens[t]! * WIDTH, (tokens[t]! + 1) * WIDTH);
    lossSum += addBigram(parameters, tokens[t]!, tokens[t + 1]!, sums);
  }
  const gradient = Float32Array.from(sums);
  return { tokens: Math.max(0, tokens.length - 1), lossSum, gradient, touched };
}

/** Adds one bigram's gradient to `sums`; returns its −ln p. */
function addBigram(p: Float32Array, token: number, target: number, sums: Float64Array): number {
  const embed = EMBED + token * WIDTH;
  const logits = Array.from({ length: VOCABULARY }, (_, v) => {
    let logit = p[BIAS + v]!;
    for (let k = 0; k < WIDTH; k++) logit += p[embed + k]! * p[HEAD + v * WIDTH + k]!;
    return logit;
  });
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => exp(logit - largest));
  const total = powers.reduce((a, b) => a + b);
  powers.forEach((power, v) => {
    const delta = power / total - (v === target ? 1 : 0);
    sums[BIAS + v]! += delta;
    for (let k = 0; k < WIDTH; k++) {
      sums[embed + k]! += delta * p[HEAD + v * WIDTH + k]!;
      sums[HEAD + v * WIDTH + k]! += delta * p[embed + k]!;
    }
  });
  return ln(total) + largest - logits[target]!;
}

/** eˣ by halving the argument and squaring the series; relative error some 1e-14. */
export function exp(x: number): number {
  let halvings = 0;
  let y = x;
  while (y > 0.0625 || y < -0.0625) {
    y /= 2;
    halvings++;
  }
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 10; k++) {
    term *= y / k;
    sum += term;
  }
  for (; halvings > 0; halvings--) sum *= sum;
  return sum;
}

/** ln x for x near 1 and above, by Halley's iteration on exp. */
export function ln(x: number): number {
  let y = 0;
  for (let k = 0; k < 12; k++) {
    const power = exp(y);
    y += (2 * (x - power)) / (x + power);
  }
  return y;
}
