/** The checker of liars sees one that is not refused by whoever knows better. */
import test from 'ava';
import { eachEffect, meddling, trialOf } from './meddler.ts';
import { fault } from './scenarios.ts';
import { sees } from './sees.ts';

test('a liar that is not refused by whom it lied to is seen', async (t) => {
  const lies = fault('lieSlice', 400, 60_000, ['n1'], { factor: 1.5 });
  const audited = trialOf({ auditRate: 1, steps: 20, units: [2, 3, 1] }, [lies], 'harmed');
  // It finds the lie, and keeps it to itself.
  const createActor = meddling(
    'n0',
    eachEffect((effect) => (effect.kind === 'disconnect' ? [] : [effect])),
  );
  const text = /^n0 has not refused n1, which lied to it of step \d+$/;
  const trial = { ...audited, core: ['n0', 'n2'] };
  await sees(t, 'liars are found', text, trial, { createActor });
});
