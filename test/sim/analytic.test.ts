/** The model without numbers: nodes agree on words, if they made them of the same parts. */
import test from 'ava';
import { analyticRun, type Schedule, World } from '../../sim/index.ts';
import { CALM, fault } from './scenarios.ts';

const MODEL = { kind: 'analytic', buckets: 8, bucketBytes: 4096 } as const;

function run(schedule: Schedule, nodes: number, seed = 1) {
  const names = Array.from({ length: nodes }, (_, i) => `n${i}`);
  const scenario = { ...CALM, seed, nodes: names, model: MODEL, units: [3, 5] };
  const model = analyticRun(scenario, MODEL);
  const world = new World({ scenario, schedule, model, observers: [], core: null });
  const end = world.run();
  const roots = new Set(world.nodes.flatMap(({ running }) => running?.root ?? []));
  return { end, roots, bytes: world.network.bytesSent.reduce((sum, sent) => sum + sent, 0) };
}

test('any number of nodes ends at one root, and another seed at another', (t) => {
  const alone = run([], 1);
  t.is(alone.roots.size, 1);
  for (const nodes of [2, 5]) {
    const { end, roots } = run([], nodes);
    t.is(end, 'finished');
    t.deepEqual(roots, alone.roots, `${nodes} nodes`);
  }
  t.notDeepEqual(run([], 2, 2).roots, alone.roots);
});

test('a node that dies and comes back changes no word', (t) => {
  const crash = fault('crash', 500, 2_000, ['n1'], { power: false, disk: 'wiped' });
  const { end, roots } = run([crash], 4);
  t.is(end, 'finished');
  t.deepEqual(roots, run([], 1).roots);
});

test('a bucket counts on the wire as what it stands for', (t) => {
  const { bytes } = run([], 4);
  t.true(bytes > CALM.steps * MODEL.buckets * MODEL.bucketBytes * 3);
});
