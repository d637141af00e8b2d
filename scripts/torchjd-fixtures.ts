/**
 * `npm run fixtures:torchjd`: writes what TorchJD and LibMTL make of 40 matrices of rows, in the
 * pinned Python environment (scripts/python-env.ts, some minutes the first time), into
 * test/fixtures/resolve/torchjd.json, or where `--out` says. test/resolve/torchjd.test.ts compares
 * our directions with theirs.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStream, type RandomStream } from '../protocol/random.ts';
import { ensurePythonEnvironment } from './python-env.ts';
import { orUsage } from './usage.ts';

const SIZES = [2, 3, 4, 6, 8];
const PER_SIZE = 8;
/** More would be rounding, which is another on each machine. */
const DIGITS = 14;
const FIXTURE = join(import.meta.dirname, '..', 'test', 'fixtures', 'resolve', 'torchjd.json');

const { out } = orUsage(import.meta.filename, () => {
  return parseArgs({ options: { out: { type: 'string', default: FIXTURE } } }).values;
});

type Entry = (i: number, j: number) => number;

/** Rows of float32 numbers with few digits, so that their inner products are exact. */
const kinds: Record<string, (entry: Entry) => Entry> = {
  apart: (entry) => entry,
  /** Every second row has the same in it, the others its opposite. */
  opposed: (entry) => {
    const common = Array.from({ length: SIZES.at(-1)! + 3 }, (_, j) => entry(-1, j));
    return (i, j) => entry(i, j) + (i % 2 === 0 ? 1 : -1) * common[j]!;
  },
  uneven: (entry) => (i, j) => entry(i, j) * 2 ** (i % 4),
};

const cases = SIZES.flatMap((m) =>
  Array.from({ length: PER_SIZE }, (_, k) => {
    const names = Object.keys(kinds);
    const kind = names[k % names.length]!;
    const value = kinds[kind]!(drawnFrom(createStream('torchjd-fixtures', kind, m, k)));
    const rows = Array.from({ length: m }, (_, i) =>
      Array.from({ length: m + 3 }, (_, j) => value(i, j)),
    );
    return { kind, rows };
  }),
);

/** Eighths of −2 … 2, and 3 more on the diagonal, which keeps rows from depending on each other. */
function drawnFrom(random: RandomStream): Entry {
  return (i, j) => (random.nextBelow(33) - 16) / 8 + (i === j ? 3 : 0);
}

interface Answers {
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  /** By case: directions by label. */
  readonly directions: readonly Readonly<Record<string, number[]>>[];
}

const python = await ensurePythonEnvironment();
const script = join(import.meta.dirname, 'python', 'torchjd_fixtures.py');
const { status, stdout } = spawnSync(python, [script], {
  input: JSON.stringify(cases.map(({ rows }) => rows)),
  stdio: ['pipe', 'pipe', 'inherit'],
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
if (status !== 0) throw new Error(`${script} exits ${status}; what it said is above`);
const { versions, settings, directions } = JSON.parse(stdout) as Answers;

const rounded = (values: readonly number[]) => values.map((x) => Number(x.toPrecision(DIGITS)));
const lines = cases.map(({ kind, rows }, at) => {
  const found = Object.entries(directions[at]!).map(([label, d]) => [label, rounded(d)]);
  return JSON.stringify({ kind, rows, directions: Object.fromEntries(found) });
});
const head = JSON.stringify({ versions, settings }, null, 1).slice(0, -2);
writeFileSync(out, `${head},\n "cases": [\n${lines.join(',\n')}\n]}\n`);
