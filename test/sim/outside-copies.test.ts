/**
 * All holders of some buckets are lost together, with their disks: the run goes back to the newest
 * checkpoint, of which somebody else wrote a copy, and not to its beginning.
 */
import test from 'ava';
import { runTrial, type World } from '../../sim/index.ts';
import { CALM, fault } from './scenarios.ts';

const NODES = ['n0', 'n1', 'n2', 'n3'];
const EVERY = 3;
const LOST_MS = 3_000;
const SCENARIO = { ...CALM, nodes: NODES, steps: 20, checkpointEverySteps: EVERY };
const PAIRS = NODES.flatMap((a, i) => NODES.slice(i + 1).map((b) => [a, b]));

/** The step that was lost, and those that nodes went back to. */
function watch(world: World) {
  const seen = { lost: 0, backTo: [] as number[] };
  world.observers.push({
    handled({ step }, _event, effects) {
      if (world.clock.nowMs < LOST_MS) seen.lost = Math.max(seen.lost, step);
      for (const effect of effects) {
        if (effect.kind === 'load' && world.clock.nowMs >= LOST_MS) seen.backTo.push(effect.step);
      }
    },
  });
  return seen;
}

test('two machines of four are lost, whichever', async (t) => {
  let rewinds = 0;
  for (const pair of PAIRS) {
    const lost = fault('crash', LOST_MS, 2_000, pair, { power: true, disk: 'wiped' });
    const trial = { scenario: SCENARIO, schedule: [lost], mode: 'beyond', core: null } as const;
    let seen: ReturnType<typeof watch> | undefined;
    const outcome = await runTrial(trial, {
      tamper: (world) => {
        seen = watch(world);
      },
    });
    t.is(outcome.violation, null);
    t.is(outcome.end, 'finished');
    t.true(seen!.lost > 2 * EVERY, `lost at step ${seen!.lost}`);
    const newest = seen!.lost - (seen!.lost % EVERY);
    const text = `${pair}: from step ${seen!.lost} to ${seen!.backTo}`;
    t.true(
      seen!.backTo.every((step) => step >= newest - EVERY),
      text,
    );
    if (seen!.backTo.length > 0) rewinds++;
  }
  t.true(rewinds > PAIRS.length / 2, 'most pairs are all that hold some bucket');
});
