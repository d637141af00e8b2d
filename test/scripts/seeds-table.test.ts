/** The table over seeds: its arithmetic, what it refuses, and how it gets into the README. */
import test from 'ava';
import { type Report, reportSchema } from '../../node/cli/output/index.ts';
import { withTable } from '../../scripts/seeds-table/readme.ts';
import { spreadOf } from '../../scripts/seeds-table/statistics.ts';
import { SeedsTableError, seedsTable } from '../../scripts/seeds-table/table.ts';

type Row = readonly [language: string, role: 'seen' | 'unseen', after: number, mean: number];

/** A whole report of these results; the base has 3 bits per byte everywhere. */
function report(seed: number, rows: readonly Row[]): Report {
  const result = ([language, role]: Row, bitsPerByteAfter: number) => ({
    ...{ language, role, bitsPerByteBefore: 3, bitsPerByteAfter },
    ...{ lossBefore: 2, lossAfter: 1, tokens: role === 'seen' ? 100 : 0 },
  });
  const hash = '0'.repeat(64);
  const counts = { bytesSent: 1, bytesReceived: 1 };
  return reportSchema.parse({
    type: 'report',
    schemaVersion: 1,
    ...{ runId: hash, paramsHash: hash, steps: 60, seed, wallSeconds: 1, versions: {} },
    ...{ aggregator: { name: 'mgda', normalize: 'l2' }, engine: 'onnx', numericsClass: 'onnx-1' },
    nodes: [{ name: 'kestrel', peerId: 'peer', ...counts }],
    wire: counts,
    languages: rows.map((row) => result(row, row[2])),
    conflicts: { bucketSteps: 1, conflicting: 0, pairs: [] },
    certificates: {
      ...{ gapRelativeMax: 0, residualBucket: 0, residualGlobal: 0, stalledSteps: 0 },
      whenStalled: 'report',
    },
    baseline: { paramsHash: hash, languages: rows.map((row) => result(row, row[3])) },
  });
}

const reports = [
  report(1, [
    ['swh_Latn', 'seen', 2.0, 2.2],
    ['rus_Cyrl', 'seen', 1.0, 1.0],
    ['zul_Latn', 'unseen', 3.5, 3.25],
  ]),
  report(2, [
    ['swh_Latn', 'seen', 2.1, 2.2],
    ['rus_Cyrl', 'seen', 1.0, 1.2],
    ['zul_Latn', 'unseen', 3.5, 3.25],
  ]),
  report(3, [
    ['swh_Latn', 'seen', 2.2, 2.2],
    ['rus_Cyrl', 'seen', 1.0, 1.4],
    ['zul_Latn', 'unseen', 3.5, 3.25],
  ]),
];

const bold = (label: string, role: string, ...cells: readonly string[]) =>
  `| **${label}** | ${role} | ${cells.map((cell) => `**${cell}**`).join(' | ')} |`;

test('a row holds mean and deviation over the seeds, and the difference seed by seed', (t) => {
  const lines = seedsTable(reports).split('\n');
  t.deepEqual(lines.slice(0, 7), [
    '| language | role | base | mgda | mean | mgda − mean |',
    '|---|---|---:|---:|---:|---:|',
    '| swh_Latn | seen | 3.000 | 2.100 ± 0.100 | 2.200 ± 0.000 | −0.100 ± 0.100 |',
    '| rus_Cyrl | seen | 3.000 | 1.000 ± 0.000 | 1.200 ± 0.200 | −0.200 ± 0.200 |',
    bold('mean of 2', 'seen', '3.000', '1.550 ± 0.050', '1.700 ± 0.100', '−0.150 ± 0.050'),
    '| zul_Latn | unseen | 3.000 | 3.500 ± 0.000 | 3.250 ± 0.000 | +0.250 ± 0.000 |',
    bold('mean of 1', 'unseen', '3.000', '3.500 ± 0.000', '3.250 ± 0.000', '+0.250 ± 0.000'),
  ]);
  t.regex(lines.at(-1) ?? '', /seeds 1, 2, 3; mgda \(normalize: l2\).* 60 steps/);
});

test('the deviation is that of a sample', (t) => {
  t.deepEqual(spreadOf([1, 3]), { mean: 2, deviation: Math.SQRT2 });
  t.deepEqual(spreadOf([5]), { mean: 5, deviation: 0 });
});

test('a missing cell is refused by its seed and language', (t) => {
  const [first, second, third] = reports as [Report, Report, Report];
  const refusal = (report: Report) =>
    t.throws(() => seedsTable([first, second, report]), { instanceOf: SeedsTableError })?.message;
  t.regex(refusal({ ...third, baseline: null }) ?? '', /seed 3: no baseline/);
  const baseline = { ...third.baseline!, languages: third.baseline!.languages.slice(1) };
  t.regex(refusal({ ...third, baseline }) ?? '', /seed 3: swh_Latn has \[3,2\.2,\]/);
  const languages = third.languages.map((one) => ({ ...one, bitsPerByteAfter: Number.NaN }));
  t.regex(refusal({ ...third, languages }) ?? '', /seed 3: swh_Latn has \[3,NaN,2\.2\]/);
});

test('reports that are not of one run under other seeds are refused', (t) => {
  const [first, second, third] = reports as [Report, Report, Report];
  const refusal = (...reports: Report[]) =>
    t.throws(() => seedsTable(reports), { instanceOf: SeedsTableError })?.message ?? '';
  t.regex(refusal(first, second), /seeds 1,2, expected at least 3/);
  t.regex(refusal(first, second, third, third), /repeat/);
  t.regex(refusal(first, second, { ...third, steps: 61 }), /seed 3: steps 61, but seed 1 has 60/);
  const languages = third.languages.map((one) => ({ ...one, bitsPerByteBefore: 4 }));
  t.regex(refusal(first, second, { ...third, languages }), /seed 3: languages .*4.*seed 1 has/);
});

test('the table replaces what stands between the markers of a document', (t) => {
  const document = 'a\n<!-- seeds-table -->\nold\n<!-- /seeds-table -->\nz\n';
  t.is(withTable(document, 'new'), 'a\n<!-- seeds-table -->\nnew\n<!-- /seeds-table -->\nz\n');
});

test('a document without markers gets them before its licence', (t) => {
  const section = '## What it reaches\n\n<!-- seeds-table -->\nnew\n<!-- /seeds-table -->\n';
  t.is(withTable('# a\n\n## Licence\n\nx\n', 'new'), `# a\n\n${section}\n## Licence\n\nx\n`);
  t.is(withTable('# a\n', 'new'), `# a\n\n${section}`);
  const once = withTable('# a\n\n## Licence\n\nx\n', 'new');
  t.is(withTable(once, 'new'), once);
});
