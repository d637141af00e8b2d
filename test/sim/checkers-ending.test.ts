/** The checker of ends sees a node that is through before the others, or before its disk is. */
import test from 'ava';
import { eachEffect, meddling, trialOf } from './meddler.ts';
import { sees } from './sees.ts';

test('a node that ends while others are behind is seen', async (t) => {
  const createActor = meddling(
    'n1',
    eachEffect((effect) => {
      if (effect.kind !== 'stepped' || effect.step !== 3) return [effect];
      return [effect, { kind: 'finished', step: 3, root: effect.root, stopped: true }];
    }),
  );
  const text = /^n1 ends at step 3 while n\d stands at step \d$/;
  await sees(t, 'nobody ends too early', text, trialOf({}), { createActor });
});

test('a node that ends before what it holds is durable is seen', async (t) => {
  const text = /^n1 ends at step 5, and its disk lacks what it holds of it$/;
  // Of the last step only, so that none goes for it.
  const trial = trialOf({ checkpointEverySteps: null });
  await sees(t, 'nobody ends too early', text, trial, {
    tamper(world) {
      world.node('n1').disk.sync = () => {};
    },
  });
});
