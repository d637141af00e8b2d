/** Text that only some nodes have: who computes, who waits, and the oracle's bits in the end. */
import test from 'ava';
import { place } from '../../protocol/placement.ts';
import { runTrial } from '../../sim/run.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { CALM, fault } from './scenarios.ts';

/** Language 1 is with n1 alone, language 2 with two nodes. */
const KEPT = { ...CALM, steps: 8, at: [null, ['n1'], ['n1', 'n2']] };

const trialOf = (schedule: Schedule, scenario = KEPT) => ({
  ...{ scenario, schedule },
  mode: 'beyond' as const,
  core: null,
});

test('units of kept text fall to those who have it, the rest evens it out', (t) => {
  const members = [
    { id: 'a', capacity: 1, lacks: [1] },
    { id: 'b', capacity: 1 },
    { id: 'c', capacity: 1, lacks: [0, 1] },
  ];
  const work = { runId: 'r', buckets: 4, unitsByLanguage: [2, 3, 4], redundancy: 2 };
  const { workers } = place(members, work);
  t.true(workers[0]!.every((id) => id !== 'c'));
  t.deepEqual(workers[1], ['b', 'b', 'b']);
  const counts = members.map(({ id }) => workers.flat().filter((one) => one === id).length);
  t.deepEqual(counts, [3, 3, 3]);
  const without = place(
    members.filter(({ id }) => id !== 'b'),
    work,
  );
  t.deepEqual(without.workers[1], ['', '', '']);
});

test('a run with kept text ends in the bits of the oracle', async (t) => {
  for (const groups of ['bucket', 'model'] as const) {
    const { violation, end } = await runTrial(trialOf([], { ...KEPT, groups }));
    t.is(violation, null);
    t.is(end, 'finished');
  }
});

test('while nobody has the text the run waits, and goes on when it is back', async (t) => {
  for (const disk of ['kept', 'wiped'] as const) {
    const schedule = [fault('crash', 700, 20_000, ['n1'], { power: false, disk })];
    const { violation, end, marks, virtualMs } = await runTrial(trialOf(schedule));
    t.is(violation, null);
    t.is(end, 'finished');
    t.true(virtualMs > 20_000, `it was over after ${virtualMs} ms`);
    t.true(marks.has('text waited for'));
  }
});

test('text that is gone for good is a reason to stand still, if it is said', async (t) => {
  const schedule = [fault('crash', 700, null, ['n1'], { power: false, disk: 'kept' })];
  const { violation, end, marks } = await runTrial(trialOf(schedule));
  t.is(violation, null);
  t.is(end, 'outOfTime');
  t.true(marks.has('text waited for'));
});

test('a node that has lost its text comes back without it, and others compute', async (t) => {
  const scenario = { ...KEPT, steps: 20, at: [null, ['n0', 'n1'], null] };
  const schedule = [fault('missingShard', 700, 9_000, ['n1'], { language: 1 })];
  const { violation, end, marks } = await runTrial(trialOf(schedule, scenario));
  t.is(violation, null);
  t.is(end, 'finished');
  t.false(marks.has('text waited for'));
});
