/**
 * `npm run bench:one-pass`: what the combination d = Σ wᵢgᵢ and AdamW's step would save in one pass
 * over memory, chunk by chunk, over the two passes that a run takes, beside what else is done with
 * a bucket. Processor time, medians; `--values`, `--rows`, `--chunk` and `--rounds` make it another
 * one. Exits with 1 where the two ways differ in a bit.
 */
import { parseArgs } from 'node:util';
import { isFinite32 } from '../node/bulk/index.ts';
import { type AdamwFactors, plainAdamw } from '../node/optim/adamw.ts';
import { createAdamwSimd } from '../node/optim/adamw-simd.ts';
import { squaredNorm } from '../node/optim/index.ts';
import { combine } from '../node/resolve/combine.ts';
import type { Quotient } from '../node/resolve/index.ts';
import { encode } from '../protocol/codecs.ts';
import { hashOf } from '../protocol/hashes.ts';
import { createStream } from '../protocol/random.ts';
import { aboveZero, orUsage } from './usage.ts';

/** Rounds before the compilers have seen everything. */
const WARM_UP = 5;

const { values, rows, chunk, rounds } = orUsage(import.meta.filename, () => {
  const { values: flags } = parseArgs({
    options: {
      values: { type: 'string', default: '1048576' },
      rows: { type: 'string', default: '8' },
      chunk: { type: 'string', default: '4096' },
      rounds: { type: 'string', default: '40' },
    },
  });
  return {
    values: aboveZero('values', flags.values),
    rows: aboveZero('rows', flags.rows),
    chunk: aboveZero('chunk', flags.chunk),
    rounds: aboveZero('rounds', flags.rounds) + WARM_UP,
  };
});

const drawn = (label: string, factor = 1) => {
  const random = createStream('one pass', label);
  return Float32Array.from({ length: values }, () => factor * (random.nextFloat() - 0.5));
};
const sums = Array.from({ length: rows }, (_, i) => drawn(`row ${i}`));
const weights = sums.map((_, i) => 1 / (i + 3));
const before = {
  master: drawn('master'),
  mu: drawn('mu', 1e-3),
  nu: drawn('nu', 1e-3).map((value) => value * value),
};
const factors: AdamwFactors = {
  ...{ beta1: 0.9, rest1: 1 - 0.9, beta2: 0.999, rest2: 1 - 0.999, eps: 1e-8, scale: 1 },
  ...{ keep: 0.9999, stepSize: 1e-3, correction: 0.5 },
};
const adamw = createAdamwSimd() ?? plainAdamw;

const rowsFrom = (start: number, end: number): Quotient[] =>
  sums.map((sum) => ({ sum: sum.subarray(start, end), divisor: 1000 }));

const spent = new Map<string, number[]>();
function timed<T>(name: string, work: () => T): T {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  spent.set(name, [...(spent.get(name) ?? []), user + system]);
  return result;
}

type Made = typeof before & { readonly direction: Float32Array };

const room = (): Made => ({
  direction: new Float32Array(values),
  ...{ master: new Float32Array(values), mu: new Float32Array(values) },
  nu: new Float32Array(values),
});

const partOf = ({ master, mu, nu }: typeof before, start: number, end: number) => ({
  master: master.subarray(start, end),
  mu: mu.subarray(start, end),
  nu: nu.subarray(start, end),
});

function inTwoPasses(): Made {
  const made = room();
  timed('  combine', () => combine(rowsFrom(0, values), weights, made.direction));
  timed('  step', () => adamw(factors, { ...before, direction: made.direction }, made));
  return made;
}

function inOnePass(): Made {
  const made = room();
  for (let start = 0; start < values; start += chunk) {
    const end = Math.min(values, start + chunk);
    const direction = made.direction.subarray(start, end);
    combine(rowsFrom(start, end), weights, direction);
    adamw(factors, { ...partOf(before, start, end), direction }, partOf(made, start, end));
  }
  return made;
}

const hashOfAll = ({ direction, master, mu, nu }: Made) =>
  hashOf(...[direction, master, mu, nu].map((numbers) => encode('f32', numbers)));

let isSame = true;
for (let round = 0; round < rounds; round++) {
  const isFirst = round % 2 === 0;
  const early = isFirst ? timed('one pass', inOnePass) : undefined;
  const two = timed('two passes', inTwoPasses);
  const one = early ?? timed('one pass', inOnePass);
  isSame &&= hashOfAll(one) === hashOfAll(two);
  const { direction, master, mu, nu } = two;
  const line = new Float32Array(1024);
  timed('reading d once more', () => {
    for (let at = 0; at < values; at += 1024) line.set(direction.subarray(at, at + 1024));
  });
  timed('norm and hash of d', () => [squaredNorm(direction), hashOf(encode('f32', direction))]);
  timed('copy and hashes of the value', () => {
    const published = master.slice();
    const optimizer = hashOf(...[master, mu, nu].map((numbers) => encode('f32', numbers)));
    return [isFinite32(published), hashOf(encode('f32', published)), optimizer];
  });
}

const median = (name: string) => {
  const sorted = spent
    .get(name)!
    .slice(WARM_UP)
    .toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
};
console.log(`${rows} rows of ${values} values, in chunks of ${chunk}; microseconds`);
for (const name of spent.keys()) console.log(`${name.padEnd(30)}${median(name)}`);
const passes = median('two passes');
const whole = passes + median('norm and hash of d') + median('copy and hashes of the value');
const share = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`;
const read = median('reading d once more');
console.log(`one pass over two: ${(median('one pass') / passes).toFixed(2)}`);
console.log(
  `reading d once more: ${share(read, passes)} of two passes, ${share(read, whole)} of all`,
);
if (!isSame) {
  console.error('the two ways differ in a bit');
  process.exitCode = 1;
}
