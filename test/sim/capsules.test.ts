/**
 * What once broke a promise, kept as files: each capsule is replayed, and must keep all promises.
 * Its `violation` says what was seen when it was written.
 */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { parseCapsule, runTrial, trialOf } from '../../sim/index.ts';

const FOLDER = new URL('./capsules/', import.meta.url);
const files = readdirSync(FOLDER).sort();

test('there are capsules to replay', (t) => {
  t.true(files.length > 0 && files.every((file) => file.endsWith('.json')), files.join(' '));
});

for (const file of files) {
  const capsule = parseCapsule(readFileSync(new URL(file, FOLDER), 'utf8'), file);
  test(`${file}: ${capsule.violation?.checker} (seed ${capsule.seed})`, async (t) => {
    const { violation, end } = await runTrial(trialOf(capsule));
    t.is(violation, null);
    t.is(end, 'finished');
  });
}
