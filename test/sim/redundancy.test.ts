/** What died with a node has as many holders as before again by the time that the next one dies. */
import test from 'ava';
import { analyticRun, World } from '../../sim/index.ts';
import { CALM, fault } from './scenarios.ts';

const MODEL = { kind: 'analytic', buckets: 125, bucketBytes: 65_536 } as const;
const EVERY_MS = 15_000;
const KILLS = 8;

test('nodes of a large model die and come back every 15 s, and no step is lost', (t) => {
  const nodes = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
  const scenario = {
    ...{ ...CALM, nodes, model: MODEL, units: [2, 2, 2, 2, 2, 2, 2, 2], steps: 100 },
    ...{ redundancy: 2, checkpointEverySteps: null },
    timing: { ...CALM.timing, computeMs: 500 },
  };
  const schedule = Array.from({ length: KILLS }, (_, i) =>
    fault('crash', (i + 1) * EVERY_MS, 5_000, [nodes[i % nodes.length]!], {
      ...{ power: false, disk: 'wiped' },
    }),
  );
  const rewinds: string[] = [];
  const world = new World({
    ...{ scenario, schedule, model: analyticRun(scenario, MODEL), core: null },
    observers: [
      {
        handled({ node, step }, _event, effects) {
          if (effects.some((effect) => effect.kind === 'load' && effect.step < step))
            rewinds.push(`${node.name} went back from ${step} at ${world.clock.nowMs} ms`);
        },
      },
    ],
  });
  t.is(world.run(), 'finished');
  t.true(world.clock.nowMs > KILLS * EVERY_MS, 'the run is longer than its faults');
  t.deepEqual(rewinds, []);
});
