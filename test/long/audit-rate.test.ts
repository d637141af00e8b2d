/** At the rate that a run has unless it says otherwise, a liar is found as often as is said. */
import test from 'ava';
import { AUDIT_RATE } from '../../node/cli/config/schema.ts';
import { countFindings } from '../sim/lied-to.ts';

const RUNS = 60;
/** So many wrong steps that about one run in five finds the liar. */
const STEPS = 400;

test('at the default rate wrong steps are found as often as is said', (t) => {
  const { expected, agrees, text } = countFindings(AUDIT_RATE, RUNS, STEPS);
  t.log(text);
  t.true(expected > 5, text);
  t.true(agrees, text);
});
