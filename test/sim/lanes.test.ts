/** A newer version goes in the place of one that waits on a lane, as of what waits in node/net. */
import test from 'ava';
import { type Flight, Lane } from '../../sim/network/connection.ts';
import type { WireFrame } from '../../sim/network/index.ts';

const frameOf = (number: number) =>
  ({ version: { of: 'bucket 0', number } }) as unknown as WireFrame;

function fly(lane: Lane, number: number, leavesMs: number, nowMs: number): Flight {
  const flight = { frame: frameOf(number), lane, leavesMs, next: null } as unknown as Flight;
  lane.add(flight, nowMs);
  return flight;
}

test('what waits is replaced by what is newer, and by nothing older', (t) => {
  const lane = new Lane();
  const waiting = fly(lane, 1, 10, 0);
  t.true(lane.replace(frameOf(2), 5));
  t.is(waiting.frame.version?.number, 2);
  t.false(lane.replace(frameOf(2), 5));
  t.false(lane.replace(frameOf(1), 5));
  t.false(lane.replace(frameOf(3), 11), 'it has begun to leave');
});

test('one that waits behind one that has begun to leave is replaced', (t) => {
  const lane = new Lane();
  const leaving = fly(lane, 1, 0, 0);
  t.false(lane.replace(frameOf(2), 5));
  const waiting = fly(lane, 2, 10, 5);
  t.true(lane.replace(frameOf(3), 6));
  t.deepEqual([leaving.frame.version?.number, waiting.frame.version?.number], [1, 3]);
  t.is(lane.take(), leaving);
  t.true(lane.replace(frameOf(4), 7), 'the one that arrived was another');
});
