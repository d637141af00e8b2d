/** What seeds draw: every fault there is, and runs of every shape that the scenario knows. */
import test from 'ava';
import { VirtualClock } from '../../sim/core/clock.ts';
import { drawTrial, faultDocs, runTrial, type Trial } from '../../sim/index.ts';
import { Network } from '../../sim/network/index.ts';
import { drawnBesides } from '../../sim/swarm/besides.ts';
import { CALM } from './scenarios.ts';

const SEEDS = 4_000;

test('every fault is drawn by some seed, and so is every shape of a run', (t) => {
  const drawn = new Set<string>();
  const shapes = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const { schedule, scenario, mode } = drawTrial(seed);
    for (const { fault } of schedule) drawn.add(fault);
    for (const [key, value] of Object.entries(scenario)) if (value !== undefined) shapes.add(key);
    if (scenario.weather.apartMs !== undefined) shapes.add('apartMs');
    if (scenario.allowList === true) t.not(mode, 'harmed');
  }
  const missing = faultDocs.filter(({ fault }) => !drawn.has(fault));
  t.deepEqual(
    missing.map(({ fault }) => fault),
    [],
  );
  for (const shape of ['absences', 'allowList', 'apartMs', 'at']) t.true(shapes.has(shape), shape);
});

test('no node of the core is kept away for good, and no more at once than may crash', (t) => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const scenario = { ...CALM, seed };
    const core = ['n1'];
    for (const { fault, nodes, durationMs } of drawnBesides(seed, scenario, 'core', core)) {
      if (fault === 'mismatch' && durationMs === null) t.false(nodes.includes('n1'), `${seed}`);
    }
    for (const { fault, nodes } of drawnBesides(seed, scenario, 'recoverable', null)) {
      if (fault === 'mismatch' || fault === 'otherTokenizer') t.is(nodes.length, 1, `${seed}`);
      t.not(fault, 'crash');
    }
  }
});

test('a language with nothing to say for many steps costs nothing but its row', async (t) => {
  const absences = [{ language: 1, fromStep: 1, steps: 5 }];
  const scenario = { ...CALM, steps: 8, absences };
  const trial: Trial = { scenario, schedule: [], mode: 'recoverable', core: null };
  const { violation, marks, root } = await runTrial(trial);
  t.is(violation, null, violation?.text);
  t.true(marks.has('language silent'));
  t.not(root, (await runTrial({ ...trial, scenario: { ...CALM, steps: 8 } })).root);
});

test('regions may be near one way and far the other', (t) => {
  const weather = {
    ...CALM.weather,
    ...({ latencyMs: 1, spread: 'constant', regions: 3, betweenRegionsMs: 50 } as const),
    apartMs: [
      [0, 10, 200],
      [20, 0, 100],
    ],
  };
  const none = () => {};
  const network = new Network({
    ...{ clock: new VirtualClock(), seed: 1, nodes: 6, founders: 6, weather, deliver: none },
    ...{ meet: () => 'admitted', strangerAnswered: none, peerUp: none, peerDown: none },
    untyped: none,
  });
  t.is(network.latencyMs(0, 3), 1);
  t.is(network.latencyMs(0, 1), 11);
  t.is(network.latencyMs(1, 0), 21);
  t.is(network.latencyMs(3, 5), 201);
  t.is(network.latencyMs(2, 0), 51, 'where the matrix says nothing');
});
