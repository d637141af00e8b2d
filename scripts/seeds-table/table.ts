/**
 * From the reports of one run under several seeds, each with its plain-mean baseline, to a table of
 * bits per byte. It refuses what is not comparable or not complete; which method is better is no
 * concern of it.
 */
import type { Report, ReportedResult } from '../../node/cli/output/index.ts';
import { meanOf, type Spread, spreadOf } from './statistics.ts';

/** Fewer say nothing about spread. */
export const SEEDS_MIN = 3;

type Role = ReportedResult['role'];

/** The reports don't make a table: a cell is missing, or they are of different things. */
export class SeedsTableError extends Error {
  override readonly name = 'SeedsTableError';
}

/** One language, or the mean over a role, under one seed; bits per byte. */
interface Cells {
  readonly label: string;
  readonly role: Role;
  readonly base: number;
  readonly method: number;
  readonly mean: number;
}

/** A Markdown table of at least SEEDS_MIN reports, and a line that says what it was made of. */
export function seedsTable(reports: readonly Report[]): string {
  const [first] = reports;
  const seeds = reports.map(({ seed }) => seed);
  if (first === undefined || new Set(seeds).size < SEEDS_MIN) {
    throw new SeedsTableError(`reports of seeds ${seeds}, expected at least ${SEEDS_MIN} seeds.`);
  }
  if (new Set(seeds).size < seeds.length) throw new SeedsTableError(`seeds ${seeds} repeat.`);
  for (const report of reports) assertAlike(first, report);
  const bySeed = reports.map(cellsOf);
  const languages = bySeed[0]!.map((_, l) => bySeed.map((cells) => cells[l]!));
  const meanOver = (role: Role) => bySeed.map((cells) => meanCells(role, cells));
  const { name } = first.aggregator;
  return [
    `| language | role | base | ${name} | mean | ${name} − mean |`,
    '|---|---|---:|---:|---:|---:|',
    ...(['seen', 'unseen'] as const).flatMap((role) => {
      const rows = languages.filter(([one]) => one!.role === role);
      return rows.length === 0 ? [] : [...rows.map(line), boldLine(meanOver(role))];
    }),
    '',
    madeOf(first, seeds),
  ].join('\n');
}

/** Throws unless the two reports differ in nothing but the seed and what follows from it. */
function assertAlike(first: Report, report: Report): void {
  const facts = (one: Report) => ({
    steps: one.steps,
    aggregator: one.aggregator,
    languages: one.languages.map(({ language, role, bitsPerByteBefore }) => [
      language,
      role,
      bitsPerByteBefore,
    ]),
  });
  for (const [key, expected] of Object.entries(facts(first))) {
    const actual = JSON.stringify(facts(report)[key as keyof ReturnType<typeof facts>]);
    const wanted = JSON.stringify(expected);
    if (actual === wanted) continue;
    throw new SeedsTableError(
      `seed ${report.seed}: ${key} ${actual}, but seed ${first.seed} has ${wanted}.`,
    );
  }
}

/** A report's languages in their order. Throws where a number is missing. */
function cellsOf({ seed, languages, baseline }: Report): Cells[] {
  if (languages.length === 0) throw new SeedsTableError(`seed ${seed}: no languages.`);
  if (baseline === null) {
    throw new SeedsTableError(`seed ${seed}: no baseline. Run it with --baseline mean.`);
  }
  const cells = languages.map(({ language, role, bitsPerByteBefore, bitsPerByteAfter }) => {
    const other = baseline.languages.find((one) => one.language === language);
    const numbers = [bitsPerByteBefore, bitsPerByteAfter, other?.bitsPerByteAfter];
    if (other === undefined || !numbers.every(Number.isFinite)) {
      throw new SeedsTableError(`seed ${seed}: ${language} has [${numbers}], expected 3 numbers.`);
    }
    const mean = other.bitsPerByteAfter;
    return { label: language, role, base: bitsPerByteBefore, method: bitsPerByteAfter, mean };
  });
  return cells;
}

function meanCells(role: Role, cells: readonly Cells[]): Cells {
  const of = cells.filter((cell) => cell.role === role);
  const mean = (key: 'base' | 'method' | 'mean') => meanOf(of.map((cell) => cell[key]));
  const label = `mean of ${of.length}`;
  return { label, role, base: mean('base'), method: mean('method'), mean: mean('mean') };
}

/** One language's row; `cells` by seed. */
function line(cells: readonly Cells[]): string {
  return `| ${columns(cells).join(' | ')} |`;
}

function boldLine(cells: readonly Cells[]): string {
  const bold = columns(cells).map((column, i) => (i === 1 ? column : `**${column}**`));
  return `| ${bold.join(' | ')} |`;
}

function columns(cells: readonly Cells[]): string[] {
  const { label, role, base } = cells[0]!;
  const differences = spreadOf(cells.map(({ method, mean }) => method - mean));
  return [
    label,
    role,
    base.toFixed(3),
    shown(spreadOf(cells.map(({ method }) => method))),
    shown(spreadOf(cells.map(({ mean }) => mean))),
    `${differences.mean > 0 ? '+' : ''}${shown(differences)}`,
  ];
}

const shown = ({ mean, deviation }: Spread) =>
  `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`.replace(/^-/, '−');

function madeOf({ steps, aggregator, numericsClass }: Report, seeds: readonly number[]): string {
  const method = `${aggregator.name} (normalize: ${aggregator.normalize})`;
  return (
    `Bits per byte on the evaluation text, lower is better: mean ± standard deviation over seeds ` +
    `${seeds.join(', ')}; ${method} and plain averaging, ${steps} steps each, numerics class ` +
    `\`${numericsClass}\`. The difference is taken seed by seed.`
  );
}
