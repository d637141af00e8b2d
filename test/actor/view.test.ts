/** The view and its detector: who is alive, what was heard last, and what to count on. */
import test from 'ava';
import { paceAmong } from '../../node/actor/gossip.ts';
import { Gaps } from '../../node/actor/liveness.ts';
import { HEARTBEAT_MS, View } from '../../node/actor/view.ts';
import { countsAsHolder, follows, reallyHolds, takesShares } from '../../node/actor/words.ts';
import { ALL, at, bits } from './standing.ts';

/** A view whose clock is set by hand. */
function viewAt(nowMs: number): View {
  const view = new View('kestrel');
  view.nowMs = nowMs;
  return view;
}

/** A view in which merlin is connected and has spoken once a heartbeat for some time. */
function regular(beats: number): { view: View; nowMs: number } {
  const view = viewAt(0);
  let nowMs = 0;
  for (let beat = 1; beat <= beats; beat++) {
    nowMs = beat * HEARTBEAT_MS;
    view.nowMs = nowMs;
    view.heard('merlin');
    view.say('merlin', at(0, [], { beat }));
  }
  return { view, nowMs };
}

/** The first silence in whole tenths of a second at which merlin is taken for gone. */
function silenceOf(view: View, nowMs: number): number {
  for (let silentMs = 0; silentMs < 120_000; silentMs += 100) {
    view.nowMs = nowMs + silentMs;
    if (view.suspects().includes('merlin')) return silentMs;
  }
  return Number.POSITIVE_INFINITY;
}

test('a node that speaks regularly is missed after a few heartbeats, and not before', (t) => {
  const { view, nowMs } = regular(20);
  const silentMs = silenceOf(view, nowMs);
  t.true(silentMs > 2.9 * HEARTBEAT_MS && silentMs < 6 * HEARTBEAT_MS, `${silentMs} ms`);
  t.false(view.isAlive('merlin'));
  t.deepEqual(view.others, []);
  t.deepEqual(view.suspects(), [], 'it is named once');
});

test('a node whose connection is lost is given the time to mend it, and no more', (t) => {
  const { view, nowMs } = regular(20);
  view.disconnected('merlin');
  const silentMs = silenceOf(view, nowMs);
  t.true(silentMs >= HEARTBEAT_MS && silentMs <= 2 * HEARTBEAT_MS, `${silentMs} ms`);
});

test('one that was taken for gone and speaks is back, with what it says', (t) => {
  const { view, nowMs } = regular(20);
  silenceOf(view, nowMs);
  const { version } = view;
  t.true(view.heard('merlin'));
  t.true(view.isAlive('merlin'));
  t.true(view.version > version);
  t.false(view.heard('merlin'), 'and is back only once');
});

test('news of it that others bring keep it alive, and old words do not', (t) => {
  const { view, nowMs } = regular(20);
  view.disconnected('merlin');
  for (let i = 1; i <= 10; i++) {
    view.nowMs = nowMs + i * HEARTBEAT_MS;
    t.true(view.pass('merlin', at(0, [], { beat: 20 + i })));
    t.deepEqual(view.suspects(), []);
  }
  const lastMs = nowMs + 10 * HEARTBEAT_MS;
  view.nowMs = lastMs + 2 * HEARTBEAT_MS;
  t.false(view.pass('merlin', at(0, [], { beat: 30 })));
  t.deepEqual(view.suspects(), ['merlin']);
});

test('later words replace earlier ones, and those of a later start all before', (t) => {
  const view = viewAt(0);
  t.true(view.say('merlin', at(4, [], { beat: 7 })));
  t.false(view.say('merlin', at(3, [], { beat: 6 })));
  t.is(view.standing('merlin')?.step, 4);
  t.true(view.say('merlin', at(0, [], { incarnation: 2, beat: 1 })));
  t.false(view.pass('merlin', at(5, [], { incarnation: 1, beat: 99 })));
  t.is(view.standing('merlin')?.step, 0);
});

test('what others say of this node itself is nothing to it', (t) => {
  const view = viewAt(0);
  t.false(view.pass('kestrel', at(9, ALL)));
  t.deepEqual(view.others, []);
  t.true(view.isAlive('kestrel'));
});

test('expected nodes are silent until a word of them comes, from whomever', (t) => {
  const view = viewAt(0);
  for (const id of ['merlin', 'hobby', 'kestrel']) view.expect(id);
  t.deepEqual(view.silent, ['hobby', 'merlin']);
  t.true(view.hasSilent);
  view.say('merlin', at(0, []));
  view.pass('hobby', at(0, []));
  t.deepEqual(view.silent, []);
  t.false(view.hasSilent);
});

test('who was never heard is waited for no longer once it is taken for gone or refused', (t) => {
  const view = viewAt(0);
  for (const id of ['merlin', 'hobby']) view.expect(id);
  view.refuse('hobby', 'it lies');
  t.true(view.hasSilent);
  view.nowMs = 60_000;
  t.deepEqual(view.suspects(), ['merlin']);
  t.false(view.hasSilent);
  view.heard('merlin');
  t.true(view.hasSilent, 'it is back, and has not said a word');
});

test('work is dealt out anew only for what changes it', (t) => {
  const view = viewAt(0);
  view.say('merlin', at(1, [0], { beat: 1 }));
  const { version } = view;
  view.say('merlin', at(2, [0], { beat: 2 }));
  t.is(view.version, version, 'a step on');
  const { sharesVersion } = view;
  view.say('merlin', at(2, [0, 1], { beat: 3 }));
  t.true(view.version > version, 'another bucket');
  t.is(view.sharesVersion, sharesVersion, 'which moves no share of the work');
  view.say('merlin', at(2, [0, 1], { beat: 4, leaving: true }));
  t.is(view.sharesVersion, view.version, 'but going does');
});

test('every standing is passed on in its turn', (t) => {
  const view = viewAt(0);
  const ids = Array.from({ length: 21 }, (_, i) => `node-${i}`);
  for (const id of ids) view.say(id, at(0, []));
  const told = new Set([1, 2, 3].flatMap(() => view.spread().map(({ id }) => id)));
  t.deepEqual([...told].sort(), ids.toSorted());
});

const FEW = paceAmong(3);

test('a node takes shares while it is complete, close behind, and means to stay', (t) => {
  t.true(takesShares(at(5, []), 5, FEW));
  t.true(takesShares(at(3, []), 5, FEW));
  t.false(takesShares(at(1, []), 5, FEW), 'far behind');
  t.false(takesShares(at(5, [], { activeFrom: null }), 5, FEW));
  t.false(takesShares(at(5, [], { activeFrom: 6 }), 5, FEW), 'only from step 6 on');
  t.true(takesShares(at(5, [], { activeFrom: 6 }), 6, FEW));
  for (const over of [{ complete: false }, { leaving: true }, { finished: true }]) {
    t.false(takesShares(at(5, [], over), 5, FEW), JSON.stringify(over));
  }
});

test('a change of holders counts from the step that was announced, for everybody at once', (t) => {
  const changes = at(5, [], { held: bits([1]), heldBefore: bits([0]), heldFrom: 7 });
  for (const step of [5, 6]) {
    t.true(countsAsHolder(changes, 0, step));
    t.false(countsAsHolder(changes, 1, step));
  }
  const later = { ...changes, step: 7 };
  t.false(countsAsHolder(later, 0, 7));
  t.true(countsAsHolder(later, 1, 7));
  t.false(countsAsHolder(changes, 1, 7), 'not while it is two steps behind');
  t.false(countsAsHolder({ ...changes, complete: false }, 0, 5));
});

test('whoever has a bucket or is to have it follows its directions', (t) => {
  const taking = at(5, [], { has: bits([0]), held: bits([1]) });
  t.deepEqual(
    ALL.map((bucket) => [reallyHolds(taking, bucket), follows(taking, bucket)]),
    [
      [true, true],
      [false, true],
      [false, false],
    ],
  );
  t.false(follows({ ...taking, complete: false }, 0));
});

test('the limit of silence follows the habits of a node', (t) => {
  const limitOf = (...gapsMs: number[]) => {
    const gaps = new Gaps(1_000);
    for (const gapMs of gapsMs) gaps.add(gapMs);
    return gaps.limitMs;
  };
  t.is(limitOf(), 3_000, 'before there are any');
  t.is(limitOf(...Array(32).fill(50)), 3_000, 'one that chatters has to miss regular words too');
  t.is(limitOf(...Array(32).fill(2_000)), 6_000, 'a slow one has longer');
  const erratic = Array.from({ length: 32 }, (_, i) => (i % 2 ? 500 : 3_500));
  t.true(limitOf(...erratic) > 10_000, 'and one that can’t be relied on longer still');
  t.is(
    limitOf(...Array(32).fill(9_000), ...Array(32).fill(1_000)),
    3_000,
    'old habits are forgotten',
  );
});

test('who is back is listened to until it speaks, or is taken for gone again', (t) => {
  for (const speaks of [true, false]) {
    const { view, nowMs } = regular(20);
    const goneMs = nowMs + silenceOf(view, nowMs);
    t.false(view.isAboutToHear);
    view.nowMs = goneMs + 10_000;
    t.true(view.heard('merlin'));
    t.true(view.isAboutToHear, 'it may have what seemed lost');
    if (speaks) view.say('merlin', at(0, ALL, { beat: 99 }));
    t.is(view.isAboutToHear, !speaks);
    view.nowMs = goneMs + 10_000 + HEARTBEAT_MS;
    t.deepEqual(view.suspects(), []);
    t.is(view.isAboutToHear, !speaks);
    view.nowMs = goneMs + 1_000_000;
    t.deepEqual(view.suspects(), ['merlin']);
    t.false(view.isAboutToHear);
  }
});
