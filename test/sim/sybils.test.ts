/**
 * One person with many identities. Votes count nothing: where every step is audited nobody honest
 * is misled, however many they are. Below that whoever did not follow each step may be, and a list
 * of who may come is what helps.
 */
import test from 'ava';
import { runTrial, type Trial } from '../../sim/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { CALM, fault } from './scenarios.ts';

const HONEST = ['n0', 'n1', 'n2'];
const SYBILS = ['s0', 's1', 's2', 's3', 's4'];
const WRONG = { factor: -1 };
/** One falls behind while the liars are there, and one comes when they are. */
const BEHIND: Schedule = [
  fault('crash', 2500, 3000, ['n1'], { power: false, disk: 'kept' }),
  fault('join', 3500, 0, ['j0'], {}),
];

function trialOf(changes: Partial<Scenario>, schedule: Schedule, rest: Partial<Trial>): Trial {
  const scenario = { ...CALM, steps: 10, patienceMs: 60_000, ...changes };
  return { scenario, schedule, mode: 'harmed', core: [...HONEST, 'j0'], ...rest };
}

test('where all is audited more liars than honest nodes mislead nobody', async (t) => {
  for (const atMs of [300, 2000]) {
    const schedule = [fault('sybil', atMs, null, SYBILS, WRONG), ...BEHIND];
    const { violation, marks, end } = await runTrial(trialOf({ auditRate: 1 }, schedule, {}));
    t.is(violation, null, violation?.text);
    t.is(end, 'finished');
    t.true(marks.has('liar refused') && !marks.has('sybils believed'));
  }
});

test('identities of one liar say the same of each step, and it is wrong', async (t) => {
  const roots = new Map<number, Set<string>>();
  const schedule = [fault('sybil', 300, null, SYBILS, WRONG)];
  const trial = trialOf({ auditRate: 1 }, schedule, { core: HONEST });
  const { root } = await runTrial(trial, {
    tamper: (world) => {
      world.observers.push({
        handled({ node }, _event, effects) {
          if (!node.isSybil) return;
          for (const effect of effects) {
            if (effect.kind !== 'stepped') continue;
            const known = roots.get(effect.step) ?? new Set();
            roots.set(effect.step, known.add(effect.root));
          }
        },
      });
    },
  });
  t.is(roots.size, 11);
  for (const [step, said] of roots) t.is(said.size, 1, `step ${step}`);
  t.false(roots.get(10)?.has(root!));
});

test('below that two who tell of one step are believed by who did not follow it', async (t) => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 8 && seen.size === 0; seed++) {
    const schedule = [fault('sybil', 300, null, SYBILS.slice(0, 2), WRONG), ...BEHIND];
    const changes = { seed, auditRate: 0, patienceMs: 30_000 };
    const trial = trialOf(changes, schedule, { mode: 'misled', core: null });
    const { violation, marks } = await runTrial(trial);
    t.is(violation, null, violation?.text);
    if (marks.has('sybils believed')) seen.add(`${seed}`);
  }
  t.is(seen.size, 1);
});

test('a list of who may come keeps all of them out, whatever is audited', async (t) => {
  for (const auditRate of [0, 0.3]) {
    const schedule = [fault('sybil', 300, null, SYBILS, WRONG), ...BEHIND];
    const honest = { mode: 'recoverable', core: null } as const;
    const trial = trialOf({ auditRate, allowList: true }, schedule, honest);
    const { violation, marks, root } = await runTrial(trial);
    t.is(violation, null, violation?.text);
    t.true(marks.has('kept out by the list'));
    const calm = await runTrial({ ...trial, schedule: [] });
    t.is(root, calm.root);
  }
});
