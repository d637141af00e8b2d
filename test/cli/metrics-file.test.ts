/** metrics.jsonl through restarts: a row a step, in order, none lost and none of another run. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MetricsFile } from '../../node/cli/job/metrics-file.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const RUN = 'a run';

function tallied(step: number, root = `root ${step}`) {
  return {
    current_steps: step,
    root,
    languageTokens: { swh_Latn: 10 },
    conflicts: { bucketSteps: 5, conflicting: 1, pairs: [] },
    certificates: { gapRelativeMax: null, residualBucket: 0, residualGlobal: 0, stalled: false },
  };
}

/** One start of a node that is told these steps; gives the file and what is summed up. */
async function start(path: string, firstStep: number, steps: readonly number[], mark: string) {
  const file = new MetricsFile(path);
  await file.begin(RUN, firstStep);
  for (const step of steps) {
    const row = tallied(step);
    await file.add(row, (total) => ({ ...row, runId: RUN, total_tokens: total, mark }));
  }
  return file;
}

async function rowsOf(path: string) {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

const pathOf = async (t: ExecutionContext) => join(await temporaryFolder(t), 'metrics.jsonl');

test('rows after the checkpoint stand when the node comes back ahead of them', async (t) => {
  const path = await pathOf(t);
  await start(path, 0, [1, 2, 3, 4, 5], 'first');
  const { tally } = await start(path, 2, [8, 9], 'second');
  const rows = await rowsOf(path);
  t.deepEqual(
    rows.map((row) => [row.current_steps, row.mark]),
    [...[1, 2, 3, 4, 5].map((step) => [step, 'first']), ...[8, 9].map((step) => [step, 'second'])],
  );
  t.is(tally.conflicts.steps, 7);
  t.is(tally.totalTokens, 70);
  t.is(rows.at(-1).total_tokens, 70);
});

test('a step that is computed again is one row, and a missing one gets its place', async (t) => {
  const path = await pathOf(t);
  await start(path, 0, [1, 2, 3], 'first');
  await start(path, 2, [6], 'second');
  const { tally } = await start(path, 2, [3, 4, 5, 6, 7], 'third');
  t.deepEqual(
    (await rowsOf(path)).map((row) => [row.current_steps, row.mark]),
    [
      ...[1, 2, 3].map((step) => [step, 'first']),
      ...[4, 5].map((step) => [step, 'third']),
      [6, 'second'],
      [7, 'third'],
    ],
  );
  t.is(tally.conflicts.steps, 7);
  t.is(tally.tokensOf('swh_Latn'), 70);
});

test('rows of another run, and one that was cut, are gone', async (t) => {
  const path = await pathOf(t);
  const other = [1, 2].map((step) => JSON.stringify({ ...tallied(step), runId: 'another' }));
  const own = JSON.stringify({ ...tallied(3), runId: RUN });
  await writeFile(path, `${[...other, own].join('\n')}\n${own.slice(0, 50)}`);
  const { tally } = await start(path, 0, [], 'first');
  t.deepEqual(
    (await rowsOf(path)).map((row) => row.current_steps),
    [3],
  );
  t.is(tally.conflicts.steps, 1);
});

test('a row that says another root of a step gives way', async (t) => {
  const path = await pathOf(t);
  const wrong = { ...tallied(1, 'other'), runId: RUN };
  await writeFile(path, `${JSON.stringify(wrong)}\n`);
  const { tally } = await start(path, 0, [1, 2], 'now');
  t.deepEqual(
    (await rowsOf(path)).map((row) => row.root),
    ['root 1', 'root 2'],
  );
  t.is(tally.totalTokens, 20);
});
