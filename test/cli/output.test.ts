/** What a run says: plain lines, the live block, JSON lines, the table and metrics.jsonl. */
import test from 'ava';
import {
  alignColumns,
  formatBytes,
  formatSeconds,
  headerLines,
  metricsRow,
  progressBlock,
  Reporter,
  type RunStarted,
  reportSchema,
  resultLines,
  stalledNote,
  Terminal,
} from '../../node/cli/output/index.ts';
import { finalReport, RememberedScreen, runStarted, stepReport } from './screens.ts';

const ESCAPE = '\x1b';

/** A reporter on remembered screens, with a clock that the test turns. */
function reporterOn(options: { tty: boolean; json?: boolean; env?: Record<string, string> }) {
  const stdout = new RememberedScreen(options.tty);
  const stderr = new RememberedScreen(options.tty);
  const clock = { nowMs: 0 };
  const terminal = new Terminal({ stdout, stderr, env: options.env ?? {} });
  const reporter = new Reporter({
    terminal,
    json: options.json ?? false,
    nowMs: () => clock.nowMs,
  });
  return { stdout, stderr, clock, terminal, reporter };
}

test('without a terminal, progress is a plain line every ten seconds', (t) => {
  const { reporter, stderr, stdout, clock } = reporterOn({ tty: false });
  reporter.runStarted(runStarted);
  const header = stderr.text.length;
  for (let step = 1; step <= 400; step++) {
    clock.nowMs += 100;
    reporter.step(stepReport(step));
  }
  const lines = stderr.text.slice(header).trimEnd().split('\n');
  t.is(
    lines[1],
    'step 101/400 25 %  ETA 30 s  3457 tokens/s  wire 12.3 MB  ' +
      'conflicts 12/80 buckets, most swh_Latn×tur_Latn  loss 2.31  swh_Latn 2.31  tur_Latn –',
  );
  t.deepEqual(
    lines.map((line) => line.split('/')[0]),
    ['step 1', 'step 101', 'step 201', 'step 301', 'step 400'],
  );
  t.false(stderr.text.includes(ESCAPE));
  t.is(stdout.text, '');
});

test('on a terminal, one block is drawn over itself and lines stay above it', (t) => {
  const { reporter, stderr, clock } = reporterOn({ tty: true, env: { NO_COLOR: '1' } });
  reporter.step(stepReport(1));
  clock.nowMs += 50;
  reporter.step(stepReport(2)); // too soon to be drawn
  reporter.note('waiting for merlin');
  const erase = `${ESCAPE}[2A\r${ESCAPE}[0J`;
  const block = progressBlock(stepReport(1), null, {
    columns: 119,
    colours: new Terminal({
      stdout: new RememberedScreen(false),
      stderr: new RememberedScreen(false),
      env: {},
    }).colours,
  }).join('\n');
  t.is(stderr.text, `${block}\n${erase}waiting for merlin\n${block}\n`);
  t.true(block.startsWith('step 1/400 ────────── 0 %  ETA –  3457 tokens/s'));
});

test('the last word of a run that ends early stands below its progress', (t) => {
  const { reporter, stderr } = reporterOn({ tty: true });
  reporter.step(stepReport(1));
  const before = stderr.text;
  reporter.ended('stopped after step 1');
  t.is(stderr.text, `${before}stopped after step 1\n`);
});

test('colours are for terminals, and NO_COLOR forbids them', (t) => {
  const colour = `${ESCAPE}[1m`;
  const coloured = reporterOn({ tty: true });
  coloured.reporter.step(stepReport(1));
  t.true(coloured.stderr.text.includes(colour));
  const plain = reporterOn({ tty: true, env: { NO_COLOR: '1' } });
  plain.reporter.step(stepReport(1));
  t.false(plain.stderr.text.includes(colour));
});

test('on a narrow screen the block has more lines, none of them too long', (t) => {
  const { colours } = reporterOn({ tty: true }).terminal;
  const visible = (text: string) => text.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');
  const block = (columns: number, languages: number) => {
    const names = Array.from({ length: languages }, (_, i) => `language_${i}`);
    const losses = Object.fromEntries(names.map((name) => [name, 2.5]));
    return progressBlock(stepReport(200, { losses }), 61, { columns, colours }).map(visible);
  };
  t.deepEqual(block(62, 5), [
    'step 200/400 ━━━━━───── 50 %  ETA 1 min 1 s  3457 tokens/s',
    'wire 12.3 MB  conflicts 12/80 buckets, most swh_Latn×tur_Latn',
    'loss 2.31  language_0 2.50  language_1 2.50  language_2 2.50',
    'language_3 2.50  language_4 2.50',
  ]);
  for (const columns of [1, 20, 60, 79]) {
    const lines = block(columns, 40);
    t.true(lines.length <= 5 && lines.every((line) => line.length <= columns));
  }
});

test('with --json every line of standard output is one object, the last is report.json', (t) => {
  const { reporter, stdout } = reporterOn({ tty: false, json: true });
  reporter.runStarted(runStarted);
  reporter.step(stepReport(1));
  reporter.evaluation({ part: 'main', step: 0, languages: [] });
  reporter.report(finalReport, { folder: 'runs/1', entries: ['model/'] });
  const rows = stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    rows.map((row) => row.type),
    ['run', 'step', 'evaluation', 'report'],
  );
  t.is(rows[1].runId, runStarted.runId);
  t.deepEqual(reportSchema.parse(rows[3]), finalReport);
});

test('when the reader of the data leaves, the rest of it is dropped', (t) => {
  const { terminal, stdout } = reporterOn({ tty: false });
  terminal.data('one');
  stdout.breakPipe();
  terminal.data('two');
  t.is(stdout.text, 'one\n');
});

test('the table and what stands below it', (t) => {
  const { reporter, stdout } = reporterOn({ tty: false });
  reporter.report(finalReport, { folder: 'runs/1', entries: ['model/', 'checkpoint-400/'] });
  t.deepEqual(stdout.text.trimEnd().split('\n'), [
    'language  role    loss           bits/byte      plain mean',
    'swh_Latn  seen    2.500 → 1.750  3.607 → 2.525  2.600',
    'zul_Latn  unseen  2.500 → 1.750  3.607 → 2.525  –',
    'conflicts 12 % of bucket-steps · largest gap 3e-16 · stalled 0 steps · ' +
      'wire 12.3 MB out, 12.3 MB in · 3 min 20 s',
    'parameters c0dec0de… (same with any number of nodes)',
    'runs/1/: model/, checkpoint-400/',
  ]);
});

test('without a baseline there is no column for it', (t) => {
  const report = { ...finalReport, baseline: null };
  const [head] = resultLines(report, { folder: 'runs/1', entries: [] }, 79);
  t.is(head, 'language  role    loss           bits/byte');
});

test('the header names run, engine, method and nodes', (t) => {
  t.deepEqual(headerLines(runStarted, 79), [
    'isogloss 0.1.0 · run 3f9a3f9a…',
    'engine onnx, 1 thread a node (the fastest that loads)',
    'method mgda on l2 rows, bucket by bucket',
    '       1250000 parameters in 80 buckets, f32 · 400 steps, seed 1',
    'nodes  2 healthy · kestrel (41) · merlin',
  ]);
});

test('the header shows the options of the method, and where an own one lies', (t) => {
  const line = (aggregator: RunStarted['aggregator']) =>
    headerLines({ ...runStarted, aggregator }, 200).find((text) => text.startsWith('method '));
  const rest = 'bucket by bucket · 1250000 parameters in 80 buckets, f32 · 400 steps, seed 1';
  const raw = { normalize: 'none' };
  t.is(
    line({ ...raw, name: 'cagrad', options: { c: 0.4, rescale: 'linear' } }),
    `method cagrad c=0.4 rescale=linear, ${rest}`,
  );
  t.is(
    line({ name: 'psmgd', normalize: 'l2', options: { of: { name: 'cagrad', c: 1 }, every: 2 } }),
    `method psmgd of=(cagrad c=1) every=2 on l2 rows, ${rest}`,
  );
  t.is(
    line({ ...raw, name: 'cr-mogm', options: { of: { name: 'upgrad' }, preference: [2, 1, 1] } }),
    `method cr-mogm of=upgrad preference=2,1,1, ${rest}`,
  );
  t.is(
    line({ ...raw, name: 'upgrad', options: { preference: Array.from('123456789', Number) } }),
    `method upgrad preference=1,2,3,4,5,6,7,8,…, ${rest}`,
  );
  const own = { ...raw, name: 'mine', options: { floor: 0.1 }, module: '/here/mine.mjs' };
  t.is(line(own), `method mine floor=0.1, ${rest.replace(' · ', ' · from /here/mine.mjs · ')}`);
});

test('a row of metrics.jsonl has the names that boards read', (t) => {
  const elapsed = { elapsedSeconds: 3723.9, remainingSeconds: 90_000, totalTokens: 122_880 };
  const row = metricsRow(stepReport(120), elapsed);
  t.like(row, {
    current_steps: 120,
    total_steps: 400,
    percentage: 30,
    lr: 1e-4,
    elapsed_time: '1:02:03',
    remaining_time: '1 day, 1:00:00',
    throughput: 3456.7,
    total_tokens: 122_880,
    languages: { swh_Latn: 2.311, tur_Latn: null },
  });
  t.false('epoch' in row);
});

test('the estimate is of steps that were done here, not of those that came from others', (t) => {
  const { reporter, stderr, clock } = reporterOn({ tty: false });
  reporter.runStarted(runStarted);
  for (let step = 201; step <= 400; step++) {
    clock.nowMs += 1000;
    reporter.step(stepReport(step));
  }
  const told = [...stderr.text.matchAll(/^step (\d+)\/400 .*ETA ([^l]+?) {2}/gm)];
  t.deepEqual(
    told.slice(0, 3).map(([, step, eta]) => [step, eta]),
    [
      ['201', '–'],
      ['211', '3 min 9 s'],
      ['221', '2 min 59 s'],
    ],
  );
});

test('numbers for people', (t) => {
  t.deepEqual([0, 999, 1000, 12_345, 999_999, 4_194_304, 5e13].map(formatBytes), [
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 kB',
    '1.00 MB',
    '4.19 MB',
    '50.0 TB',
  ]);
  t.deepEqual([0.4, 59.6, 200, 7500].map(formatSeconds), [
    '0 s',
    '1 min 0 s',
    '3 min 20 s',
    '2 h 5 min',
  ]);
  t.deepEqual(alignColumns([['a', 'bb'], ['ccc']]), ['a    bb', 'ccc']);
});

test('a report of fewer steps than the run had says so', (t) => {
  const place = { folder: 'out', entries: [] };
  const seen = { ...finalReport, conflicts: { ...finalReport.conflicts, steps: 380 } };
  t.true(resultLines(seen, place, 100).join(' ').includes('in the 380 of 400 steps recorded here'));
  t.false(resultLines(finalReport, place, 100).join(' ').includes('recorded here'));
});

test('the first stalled step is told with what came of it, and at the end how many', (t) => {
  const stalled = stepReport(7, { stalled: true });
  t.is(
    stalledNote(stalled, 'bucket by bucket'),
    'step 7: stationary bucket by bucket, not as a whole; wider groups, or whenStalled: merge or ' +
      'global, would move on',
  );
  t.is(
    stalledNote({ ...stalled, coarserGroups: 1 }, 'layer by layer'),
    'step 7: stationary layer by layer, not as a whole; resolved in one group',
  );
  t.regex(stalledNote({ ...stalled, coarserGroups: 4 }, 'x'), /; resolved in 4 groups$/);
  const certificates = { ...finalReport.certificates, stalledSteps: 3 };
  const linesOf = (whenStalled: 'report' | 'merge' | 'global') =>
    resultLines(
      { ...finalReport, certificates: { ...certificates, whenStalled } },
      { folder: 'x', entries: [] },
      200,
    ).join('\n');
  t.regex(linesOf('report'), /stalled 3 steps · /);
  t.regex(linesOf('merge'), /stalled 3 steps, taken in coarser groups · /);
  t.regex(linesOf('global'), /stalled 3 steps, taken as a whole · /);
});
