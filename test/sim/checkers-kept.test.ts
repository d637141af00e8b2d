/** The checker of what is kept sees what nobody needs any more, and lets be what somebody does. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import { runTrial } from '../../sim/index.ts';
import { eachEffect, meddling, trialOf } from './meddler.ts';
import { fault } from './scenarios.ts';
import { sees } from './sees.ts';

/** Lets go of nothing whose name begins so. */
const keeping = (prefix: string) =>
  meddling(
    'n1',
    eachEffect((effect): Effect[] => {
      if (effect.kind !== 'drop') return [effect];
      return [{ ...effect, keys: effect.keys.filter((key) => !key.startsWith(prefix)) }];
    }),
  );

for (const [what, prefix] of [
  ['parameters', 'value '],
  ['states of aggregators', 'state '],
  ['sums', 'sum '],
  ['slices', 'slice '],
  ['directions', 'direction '],
]) {
  test(`${what} of steps that are over are seen`, async (t) => {
    const text = new RegExp(`^n1 stands at step \\d+ and keeps ${prefix}\\d+ `);
    const trial = trialOf({ steps: 9 });
    await sees(t, 'two steps are kept', text, trial, { createActor: keeping(prefix!) });
  });
}

test('what is being written, or taken on along directions, may be older', async (t) => {
  const slow = fault('diskSlow', 400, 20_000, ['n0', 'n1'], { factor: 100 });
  const crash = fault('crash', 1_200, 300, ['n2'], { power: false, disk: 'wiped' });
  const nodes = ['n0', 'n1', 'n2', 'n3'];
  const trial = trialOf({ nodes, steps: 30, checkpointEverySteps: 1 }, [slow, crash]);
  t.is((await runTrial(trial)).violation, null);
});
