/** The checker of rewinds sees one that was not waited for, or not spoken of. */
import test from 'ava';
import { eachEffect, meddling, trialOf } from './meddler.ts';
import { fault } from './scenarios.ts';
import { sees } from './sees.ts';

/** What two of three nodes hold is lost with them, so that the third has to go back. */
const losing = (durationMs: number) =>
  trialOf(
    { steps: 12, checkpointEverySteps: 3 },
    [fault('crash', 900, durationMs, ['n0', 'n2'], { power: true, disk: 'wiped' })],
    'beyond',
  );
const LOST = losing(8_000);

/** A clock that jumps ahead while values are lost, unseen by the simulator. */
function hurried(byMs: number) {
  let isLost = false;
  return meddling(
    'n1',
    (effects, _event, actor) => {
      isLost ||= actor.rewind !== null;
      return effects;
    },
    (event) => (isLost ? { ...event, nowMs: event.nowMs + byMs } : event),
  );
}

test('a rewind that comes at once is seen', async (t) => {
  const text = /^n1 goes back from step \d+ to \d+ after \d+ ms, expected at least \d+$/;
  await sees(t, 'a rewind is waited for', text, LOST, { createActor: hurried(60_000) });
});

test('a rewind that comes late is seen', async (t) => {
  // Its clock stands still for a while.
  const text = /^n1 goes back from step \d+ to \d+ after \d+ ms, expected at most \d+$/;
  let sinceMs: number | null = null;
  const createActor = meddling(
    'n1',
    (effects, { nowMs }, actor) => {
      if (actor.rewind !== null) sinceMs ??= nowMs;
      return effects;
    },
    (event) => {
      if (sinceMs === null) return event;
      return { ...event, nowMs: Math.max(sinceMs, event.nowMs - 100_000) };
    },
  );
  await sees(t, 'a rewind is waited for', text, losing(150_000), { createActor });
});

test('a rewind that was not spoken of is seen', async (t) => {
  const createActor = meddling(
    'n1',
    eachEffect((effect) =>
      effect.kind === 'log' && effect.text.includes('values are lost') ? [] : [effect],
    ),
  );
  const text = /^n1 goes back from step \d+ to \d+ after \d+ ms, and did not say that it waits$/;
  await sees(t, 'a rewind is waited for', text, LOST, { createActor });
});
