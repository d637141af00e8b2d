/** When a wait of nodes on this machine is worth a line. */
import test from 'ava';
import { Waits } from '../../node/cli/local/waits.ts';

test('a wait is told once it is long, and one line serves all nodes', (t) => {
  let nowMs = 0;
  const waits = new Waits(() => nowMs);
  t.false(waits.isNews(4_999));
  t.true(waits.isNews(5_000));
  nowMs = 4_999;
  t.false(waits.isNews(60_000));
  nowMs = 5_000;
  t.true(waits.isNews(60_000));
});
