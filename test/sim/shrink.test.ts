/** Shrinking and capsules: the smallest trial that fails in the same way, kept as a file. */
import test from 'ava';
import {
  capsuleOf,
  drawTrial,
  faultDocs,
  formatCapsule,
  type Outcome,
  parseCapsule,
  scenarioSchema,
  scheduleSchema,
  shrink,
  type Trial,
  testOf,
  trialOf,
  type Violation,
} from '../../sim/index.ts';
import { ddmin } from '../../sim/shrink/index.ts';
import { CALM, fault } from './scenarios.ts';

const VIOLATION: Violation = {
  checker: 'the run goes on',
  atMs: 1,
  node: 'n1',
  step: 2,
  bucket: null,
  event: null,
  text: 'outOfTime: n1 waits',
};

test('ddmin finds the pair that fails among many, or that none is needed', async (t) => {
  const items = Array.from({ length: 57 }, (_, i) => i);
  let asked = 0;
  const pair = await ddmin(items, async (part) => {
    asked++;
    return part.includes(3) && part.includes(40);
  });
  t.deepEqual(pair, [3, 40]);
  t.true(asked < 120, `${asked} questions`);
  t.deepEqual(await ddmin(items, async () => true), []);
});

test('a trial shrinks to what its failure needs, and fails in the same way', async (t) => {
  const seed = [...Array(500).keys()].find((one) => {
    const { scenario, schedule } = drawTrial(one, 'beyond');
    return scenario.nodes.length >= 5 && schedule.some(hitsN1) && schedule.length > 6;
  })!;
  const trial = drawTrial(seed, 'beyond');
  const run = async ({ scenario, schedule }: Trial): Promise<Outcome> => {
    const fails = scenario.nodes.length >= 2 && schedule.some(hitsN1);
    return { violation: fails ? VIOLATION : null } as Outcome;
  };
  const shrunk = await shrink(trial, VIOLATION, { run, mayGoOn: () => true });
  t.is(shrunk.trial.schedule.length, 1);
  t.is(shrunk.trial.scenario.nodes.length, 2);
  t.deepEqual(shrunk.trial.scenario.units, [1]);
  t.is(shrunk.trial.scenario.steps, 1);
  t.is(shrunk.trial.scenario.optimizer.clipNorm, null);
});

const hitsN1 = ({ fault, nodes }: Trial['schedule'][number]) =>
  fault === 'crash' && nodes.includes('n1');

test('two faults of a kind become one where that is enough', async (t) => {
  const crash = (atMs: number, name: string) =>
    fault('crash', atMs, 500, [name], { power: false, disk: 'kept' });
  const schedule = [crash(1000, 'n1'), crash(1200, 'n2'), fault('pause', 1300, 500, ['n0'], {})];
  const trial: Trial = { scenario: CALM, schedule, mode: 'beyond', core: null };
  const run = async ({ schedule: faults }: Trial): Promise<Outcome> => {
    const crashed = new Set(faults.flatMap((one) => (one.fault === 'crash' ? one.nodes : [])));
    const fails = crashed.has('n1') && crashed.has('n2');
    return { violation: fails ? VIOLATION : null } as Outcome;
  };
  const shrunk = await shrink(trial, VIOLATION, { run, mayGoOn: () => true });
  t.is(shrunk.trial.schedule.length, 1);
  t.deepEqual(new Set(shrunk.trial.schedule[0]!.nodes), new Set(['n1', 'n2']));
});

test('another failure is not the one that is shrunk', async (t) => {
  const trial = drawTrial(1, 'beyond');
  const other = { ...VIOLATION, checker: 'each unit once' } as const;
  const run = async () => ({ violation: other }) as unknown as Outcome;
  const shrunk = await shrink(trial, VIOLATION, { run, mayGoOn: () => true });
  t.is(shrunk.trial, trial);
});

test('a capsule gives back its trial, and is refused by name when it is none', (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const trial = drawTrial(seed);
    t.true(scenarioSchema.safeParse(trial.scenario).success);
    t.true(scheduleSchema.safeParse(trial.schedule).success, JSON.stringify(trial.schedule));
    const text = formatCapsule(capsuleOf(trial, seed, VIOLATION, '1.2.3'));
    t.deepEqual(trialOf(parseCapsule(text, 'file')), trial);
  }
  t.throws(() => parseCapsule('{', 'file'), { name: 'CapsuleError', message: /file is not JSON/ });
  const bad = { ...JSON.parse(formatCapsule(capsuleOf(drawTrial(1), 1, null, ''))), mode: 'odd' };
  t.throws(() => parseCapsule(JSON.stringify(bad), 'file'), { message: /file: mode: / });
});

test('a capsule whose parts do not fit is refused, and says where', (t) => {
  const { scenario, schedule, mode, core } = drawTrial(1);
  const refuses = (over: object, message: RegExp) => {
    const trial = { scenario, schedule, mode, core, ...over };
    const text = formatCapsule(capsuleOf(trial, 1, null, ''));
    t.throws(() => parseCapsule(text, 'file'), { name: 'CapsuleError', message });
  };
  const { nodes, units } = scenario;
  const [first] = nodes;
  refuses({ core: ['zz'] }, /file: core: there is no node zz; there are /);
  refuses({ scenario: { ...scenario, nodes: [...nodes, first] } }, /scenario\.nodes: .* twice/);
  const timed = { atMs: 0, durationMs: 1 };
  const pause = { ...timed, fault: 'pause', nodes: ['zz'], args: {} };
  refuses({ schedule: [pause] }, /schedule\.0\.nodes: there is no node zz/);
  const groups = { ...timed, fault: 'partition', nodes: [], args: { groups: [[first], ['zz']] } };
  refuses({ schedule: [groups] }, /schedule\.0\.args: there is no node zz/);
  const args = { language: units.length };
  const shard = { ...timed, fault: 'missingShard', nodes: [first], args };
  refuses({ schedule: [shard] }, /schedule\.0\.args\.language: there is no language \d+/);
  const join = { fault: 'join', atMs: 0, durationMs: 0, nodes: ['late'], args: {} };
  const late = { ...pause, nodes: ['late'] };
  const text = formatCapsule(
    capsuleOf({ scenario, schedule: [join, late] as never, mode, core }, 1, null, ''),
  );
  t.is(parseCapsule(text, 'file').schedule.length, 2, 'who joins is known');
});

test('a capsule comes with a test that replays it', (t) => {
  const capsule = capsuleOf(drawTrial(1), 1, VIOLATION, '');
  const text = testOf(capsule, 'seed-1.json', '../sim/index.ts');
  t.regex(text, /from '\.\.\/sim\/index\.ts'/);
  t.regex(text, /runTrial\(trialOf\(capsule\)\)/);
  t.regex(text, /the run goes on \(seed 1\)/);
});

test('every fault and every option of it has its line', (t) => {
  t.true(faultDocs.length > 40);
  for (const { fault, text, args } of faultDocs) {
    t.true(text.length > 10, fault);
    for (const [name, meaning] of Object.entries(args)) t.true(meaning !== '', `${fault} ${name}`);
  }
});
