/** The checkers of chaos see what is wrong in what nodes report; schedules are read strictly. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  type Expected,
  figuresOf,
  killSchedule,
  parseSchedule,
  quantiles,
  readSchedule,
  ScheduleError,
  Witness,
} from '../../../sim/chaos/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const EXPECTED: Expected = {
  roots: ['r0', 'r1', 'r2', 'r3'],
  losses: [{}, { swh: 1 }, { swh: 0.5 }, { swh: null }],
  paramsHash: 'h',
  unitsPerStep: 2,
};
const event = (atMs: number, rest: object) => JSON.stringify({ type: 'event', atMs, ...rest });
const stepped = (atMs: number, step: number, root = `r${step}`) =>
  event(atMs, { event: 'stepped', step, root });

function told(lines: readonly string[]): Witness {
  const witness = new Witness(EXPECTED);
  witness.begins('kestrel', 0, false);
  for (const line of lines) witness.line('kestrel', 1, line);
  return witness;
}

test('a run that is right has no violation, and its figures', (t) => {
  const witness = told([0, 1, 2, 3].map((step) => stepped(1000 * step, step)));
  witness.line('kestrel', 1, JSON.stringify({ type: 'step', step: 3, losses: { swh: null } }));
  witness.line('kestrel', 1, JSON.stringify({ type: 'report', paramsHash: 'h' }));
  for (let i = 0; i < 8; i++) {
    witness.line('kestrel', 1, event(i, { event: 'computing', step: 0, language: 0, unit: i }));
  }
  witness.conclude(['kestrel']);
  t.deepEqual(witness.violations, []);
  const { stepsPerSecond, usedOverComputed } = figuresOf(witness);
  t.is(stepsPerSecond, 1);
  t.is(usedOverComputed, 6 / 8);
});

test('a wrong root, loss or hash is a violation that names node, life and step', (t) => {
  const witness = told([
    stepped(0, 0),
    stepped(1, 1, 'x'),
    JSON.stringify({ type: 'step', step: 2, losses: { swh: 0.75 } }),
    JSON.stringify({ type: 'report', paramsHash: 'other' }),
  ]);
  const [root, loss, hash] = witness.violations;
  t.regex(root!, /^kestrel in life 1 has root x at step 1; without faults it is r1$/);
  t.regex(loss!, /^kestrel in life 1 has loss 0\.75 of swh at step 2; .* 0\.5$/);
  t.regex(hash!, /^kestrel in life 1 ended in parameters other/);
  t.is(figuresOf(witness).usedOverComputed, null);
});

test('a loss that is left out, and one of a language that there is not, are violations', (t) => {
  const step = (losses: object) => JSON.stringify({ type: 'step', step: 2, losses });
  const { violations } = told([step({}), step({ swh: 0.5, rus: 1 }), step({ swh: 0.5 })]);
  const place = 'at step 2; with each unit counted once';
  t.deepEqual(violations, [
    `kestrel in life 1 has no loss of swh ${place} it is 0.5`,
    `kestrel in life 1 has loss 1 of rus ${place} there is none`,
  ]);
});

test('where all are honest, nobody is expelled', (t) => {
  const witness = told([]);
  witness.said('kestrel', 1, 'merlin is silent for 3.9 s and taken for gone');
  t.deepEqual(witness.violations, []);
  witness.said('kestrel', 1, 'merlin is refused from now on. Step 4: its sum is not what');
  t.deepEqual(witness.violations, [
    'kestrel in life 1 expels a node, and all are honest: ' +
      'merlin is refused from now on. Step 4: its sum is not what',
  ]);
});

test('whoever does not come to the end, or says nothing there, is named', (t) => {
  const witness = told([stepped(0, 0), stepped(1, 1)]);
  witness.conclude(['kestrel', 'merlin']);
  t.deepEqual(witness.violations, [
    'kestrel stands at step 1, not 3',
    'merlin stands at step none, not 3',
  ]);
});

test('times of detection, recovery and catching up count from the kill and the restart', (t) => {
  const witness = told([stepped(0, 0), stepped(1000, 1)]);
  witness.killed('merlin', 1500);
  witness.line('kestrel', 1, event(3500, { event: 'gone', peer: 'merlin' }));
  witness.begins('merlin', 4000, true);
  witness.line('kestrel', 1, stepped(5000, 2));
  witness.line('kestrel', 1, stepped(6000, 3));
  witness.line('merlin', 2, stepped(9000, 3));
  const { detectionMs, recoveryMs, catchUpMs, undetected } = figuresOf(witness);
  t.deepEqual([detectionMs.p50, recoveryMs.p50, catchUpMs.p50, undetected], [2000, 4500, 5000, 0]);
});

test('a node that is missed by its peer id is the one that told its name', (t) => {
  const witness = told([]);
  const nodes = [{ name: 'merlin', peerId: '12D3KooWmerlin', pid: 1 }];
  witness.line('merlin', 1, JSON.stringify({ type: 'run', nodes }));
  witness.killed('merlin', 1000);
  witness.line('kestrel', 2, event(4900, { event: 'gone', peer: '12D3KooWmerlin' }));
  const { detectionMs, undetected } = figuresOf(witness);
  t.deepEqual([detectionMs.p50, undetected], [3900, 0]);
});

test('quantiles are of the nearest rank', (t) => {
  t.deepEqual(quantiles([4, 1, 3, 2]), { count: 4, p50: 2, p99: 4 });
  t.deepEqual(quantiles([]), { count: 0, p50: null, p99: null });
});

test('the seed draws the kills, and a longer schedule begins with the shorter one', (t) => {
  const options = { seed: 3, nodes: ['a', 'b', 'c'], everyMs: 10 };
  const long = killSchedule({ ...options, untilMs: 1000 });
  t.deepEqual(long.slice(0, 9), killSchedule({ ...options, untilMs: 100 }));
  t.notDeepEqual(long, killSchedule({ ...options, seed: 4, untilMs: 1000 }));
  t.deepEqual(parseSchedule(JSON.parse(JSON.stringify(long)), 'x'), long);
});

test('a schedule that is none is refused with the place in it', async (t) => {
  const fault = { fault: 'rot', atMs: 0, durationMs: null, nodes: ['a'], args: { share: 1 } };
  const strange = t.throws(() => parseSchedule([fault], 'my.json'), { instanceOf: ScheduleError });
  t.regex(
    strange.message,
    /^my\.json: 0\.fault: rot is no fault of processes; there are crash, pause/,
  );
  const pause = { ...fault, fault: 'pause', args: {}, atMs: -1 };
  t.regex(t.throws(() => parseSchedule([pause], 'my.json')).message, /^my\.json: 0\.atMs: /);
  const outside = { ...pause, atMs: 1, nodes: ['../a'] };
  t.regex(t.throws(() => parseSchedule([outside], 'x')).message, /^x: 0: "\.\.\/a" is no name/);
  const folder = await temporaryFolder(t);
  const path = join(folder, 'faults.json');
  await t.throwsAsync(readSchedule(path), { message: /cannot be read \(ENOENT\)/ });
  await writeFile(path, '{');
  await t.throwsAsync(readSchedule(path), { message: /is not JSON/ });
  for (const none of ['null', '7', '"crash"', '{}', '{"schedule":null}']) {
    await writeFile(path, none);
    const refused = await t.throwsAsync(readSchedule(path), { instanceOf: ScheduleError }, none);
    t.regex(refused.message, /faults\.json: schedule: Invalid input: expected array, received/);
  }
  await writeFile(path, JSON.stringify({ schedule: [{ ...pause, atMs: 5 }] }));
  t.is((await readSchedule(path)).length, 1);
});
