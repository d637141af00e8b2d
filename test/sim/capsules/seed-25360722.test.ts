/** Replays seed-25360722.json. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseCapsule, runTrial, trialOf } from '../../../sim/index.ts';

test('every error is typed (seed 25360722)', async (t) => {
  const path = new URL('./seed-25360722.json', import.meta.url);
  const capsule = parseCapsule(readFileSync(path, 'utf8'), 'seed-25360722.json');
  const { violation } = await runTrial(trialOf(capsule));
  t.is(violation, null);
});
