/**
 * `npm run bench:resolve`: our aggregators and Gram kernel against TorchJD on PyTorch, and LibMTL
 * where it has the method, as ratios measured side by side in this one run. `--quick` takes fewer
 * sizes and matrices, `--only solve|gram|accuracy` one part, `--methods upgrad,krum` some methods.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Accuracy, accuracies } from './bench-resolve/accuracy.ts';
import { gramTimes } from './bench-resolve/gram-times.ts';
import { knownFailures } from './bench-resolve/known-failures.ts';
import { methodsNamed, missing } from './bench-resolve/methods.ts';
import { openReference } from './bench-resolve/reference.ts';
import { solveTimes } from './bench-resolve/solve-times.ts';
import { orUsage } from './usage.ts';

const PARTS = ['gram', 'solve', 'accuracy'];
const { quick, only, methods } = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      methods: { type: 'string' },
    },
  });
  const { only: part } = values;
  if (part !== undefined && !PARTS.includes(part)) {
    throw new Error(`there is no part ${part}; use one of ${PARTS.join(', ')}`);
  }
  return { ...values, methods: methodsNamed(values.methods?.split(',')) };
});
const SIZES = quick ? [8, 32] : [2, 4, 8, 16, 32, 64];
const CORRELATED = quick ? [8] : [8, 16, 32];
const PER_SIZE = quick ? 3 : 20;
const TIMED = quick ? 1 : 5;
const LENGTHS = quick ? [262_144] : [262_144, 4_194_304];
const SHAPES = LENGTHS.flatMap((n) => (quick ? [8] : SIZES).map((m) => ({ m, n })));

const reference = await openReference();
const wanted = (part: string) => only === undefined || only === part;
const missed: string[] = [];

console.log(`${cpus()[0]?.model ?? 'CPU'}, one thread each, medians of processor time`);
for (const { name } of missing) console.log(`not in our catalogue yet: ${name}`);
if (wanted('gram')) await gram();
if (wanted('solve')) await solve();
if (wanted('accuracy')) await accuracy();
reference.close();
for (const line of missed) console.log(`MISSED ${line}`);
if (missed.length === 0) console.log('every goal reached');

async function gram(): Promise<void> {
  console.log('\nGram matrix of f32 rows, microseconds; faster: PyTorch in float64 over ours');
  for await (const { m, n, microseconds, faster } of gramTimes(reference, SHAPES, say)) {
    const figures = Object.entries(microseconds).map(([name, us]) => `${name} ${us.toFixed(0)}`);
    console.log(`${m} x ${n}: ${figures.join(', ')}; ${faster.toFixed(2)} x faster`);
    if (faster < 1) missed.push(`Gram ${m} x ${n}: ${faster.toFixed(2)} x, goal 1 x`);
  }
}

/** Beside the results, for who waits for them. */
function say(progress: string): void {
  process.stderr.write(`${progress}\n`);
}

async function solve(): Promise<void> {
  console.log('\nFrom G to weights, correlated rows, microseconds (ours with its certificate)');
  console.log(row(['method', 'm', 'ours', 'theirs', 'of', 'faster', 'goal']));
  for await (const time of solveTimes(reference, methods, SIZES, TIMED)) {
    const { method, m, library, faster, goal } = time;
    const times = [time.oursMicroseconds.toFixed(1), time.theirsMicroseconds.toFixed(0)];
    console.log(row([method, String(m), ...times, library, `${faster.toFixed(1)} x`, `${goal} x`]));
    if (library === 'torchjd' && faster < goal) {
      missed.push(`${method}, m = ${m}: ${faster.toFixed(1)} x, goal ${goal} x`);
    }
  }
}

async function accuracy(): Promise<void> {
  console.log('\nHow far from the solution: median and worst, ours and TorchJD');
  const heads = ['median', 'worst'].flatMap((what) => [`${what}, ours`, 'TorchJD']);
  console.log(row(['method', 'matrices', ...heads, 'harming', 'failed', 'measured']));
  for await (const line of accuracies(reference, methods, CORRELATED, PER_SIZE)) {
    console.log(accuracyRow(line));
  }
  console.log('\nKnown failures of published code, on the same matrices');
  for await (const line of knownFailures(reference, CORRELATED, PER_SIZE)) console.log(`- ${line}`);
}

function accuracyRow({ method, matrices, errorIs, count, ours, theirs }: Accuracy): string {
  const both = (what: 'median' | 'worst') => [ours[what], theirs[what]].map(scientific);
  return row([
    method,
    `${matrices} (${count})`,
    ...both('median'),
    ...both('worst'),
    `${ours.harming} / ${theirs.harming}`,
    `${ours.failed} / ${theirs.failed}`,
    errorIs,
  ]);
}

function scientific(value: number): string {
  return Number.isNaN(value) ? '-' : value === 0 ? '0' : value.toExponential(1);
}

/** Tab-separated would be easier to read by machine; this is for people. */
function row(cells: readonly string[]): string {
  const widths = [12, cells.length > 7 ? 24 : 5, 13, 10, 13, 10, 10, 10];
  return cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' ');
}
