/**
 * Nodes of a large model die and come back every 15 s. What died with one has as many holders as
 * before by the time that the next one dies, and little is computed twice.
 */
import test from 'ava';
import { analyticRun, World } from '../../sim/index.ts';
import { CALM, fault } from './scenarios.ts';

const MODEL = { kind: 'analytic', buckets: 125, bucketBytes: 65_536 } as const;
const EVERY_MS = 15_000;
const KILLS = 8;

const NODES = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
const UNITS = [2, 2, 2, 2, 2, 2, 2, 2];
const STEPS = 100;
/** The goal of the bench that does this to real processes. */
const USED_OVER_COMPUTED_MIN = 0.97;

function runUnderKills() {
  const scenario = {
    ...{ ...CALM, nodes: NODES, model: MODEL, units: UNITS, steps: STEPS },
    ...{ redundancy: 2, checkpointEverySteps: null },
    timing: { ...CALM.timing, computeMs: 500 },
  };
  const schedule = Array.from({ length: KILLS }, (_, i) =>
    fault('crash', (i + 1) * EVERY_MS, 5_000, [NODES[i % NODES.length]!], {
      ...{ power: false, disk: 'wiped' },
    }),
  );
  const rewinds: string[] = [];
  let computed = 0;
  const world = new World({
    ...{ scenario, schedule, model: analyticRun(scenario, MODEL), core: null },
    observers: [
      {
        handled({ node, step }, _event, effects) {
          computed += effects.filter(({ kind }) => kind === 'compute').length;
          if (effects.some((effect) => effect.kind === 'load' && effect.step < step))
            rewinds.push(`${node.name} went back from ${step} at ${world.clock.nowMs} ms`);
        },
      },
    ],
  });
  const ending = world.run();
  return { ending, rewinds, computed, endedAtMs: world.clock.nowMs };
}

test('no step is lost, and little is computed twice', (t) => {
  const { ending, rewinds, computed, endedAtMs } = runUnderKills();
  t.is(ending, 'finished');
  t.true(endedAtMs > KILLS * EVERY_MS, 'the run is longer than its faults');
  t.deepEqual(rewinds, []);
  const used = STEPS * UNITS.reduce((sum, units) => sum + units, 0);
  t.true(used / computed >= USED_OVER_COMPUTED_MIN, `${used} units used of ${computed} computed`);
});
