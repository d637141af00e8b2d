/** The world around the actors: what it delivers, when, and that it does so by seed alone. */
import test from 'ava';
import { tinyRun } from '../../sim/models/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { World } from '../../sim/world.ts';
import { CALM, fault } from './scenarios.ts';
import { ScriptedActor } from './scripted-actor.ts';

function worldOf(schedule: Schedule, changes: Partial<Scenario> = {}, beats = 100) {
  const scenario = { ...CALM, ...changes };
  const actors: ScriptedActor[] = [];
  const { model } = tinyRun(scenario, 64);
  const world = new World({
    scenario,
    schedule,
    model,
    observers: [],
    core: null,
    keepsLines: true,
    createActor: (options) => {
      const actor = new ScriptedActor(options, beats);
      actors.push(actor);
      return actor;
    },
  });
  /** The first process of that name. */
  const first = (name: string) => actors.find(({ self }) => self === name)!;
  return { world, actors, first };
}

const ALL = ['n0', 'n1', 'n2'];

const FAULTS: Schedule = [
  fault('latency', 500, 2000, ['n0'], { addMs: 100, jitterMs: 50 }),
  fault('loss', 700, 3000, ALL, { share: 0.2, burst: 3, againMs: 200 }),
  fault('drop', 900, 3000, ['n1'], { share: 0.2, burst: 1 }),
  fault('duplicate', 1000, 3000, ALL, { share: 0.2, afterMs: 300 }),
  fault('replay', 1000, 3000, ALL, { share: 0.2, age: 10 }),
  fault('reorder', 1000, 3000, ALL, { share: 0.2, delayMs: 300 }),
  fault('bandwidth', 1500, 1000, ALL, { bytesPerS: 2000 }),
  fault('clog', 2000, 1000, ['n0'], { peers: ['n1'] }),
  fault('flap', 2500, 2000, ['n2'], { peers: ['n0'], periodMs: 300 }),
  fault('reset', 2600, 0, ['n0'], {}),
  fault('halfOpen', 2700, 0, ['n1'], { peers: ['n2'] }),
  fault('slice', 3000, 3000, ALL, { bytes: 20 }),
  fault('truncate', 3100, 2000, ['n2'], { share: 0.05 }),
  fault('wrongPeerId', 3150, 3000, ['n0'], { peers: ['n2'] }),
  fault('flip', 3200, 3000, ALL, { share: 0.05, part: 'header' }),
  fault('flip', 3200, 3000, ALL, { share: 0.05, part: 'head' }),
  fault('partition', 4000, 1000, [], {
    groups: [
      ['n0', 'n1'],
      ['n1', 'n2'],
    ],
  }),
  fault('crash', 4500, 1000, ['n1'], { power: false, disk: 'kept' }),
  fault('pause', 5000, 1500, ['n2'], {}),
  fault('drift', 5000, 1000, ['n0'], { factor: 1.1 }),
  fault('mismatch', 5200, 3000, ['n0'], { what: 'config' }),
  fault('clockStep', 5500, 0, ['n0'], { byMs: 5000 }),
  fault('crash', 6000, 1000, ['n2'], { power: true, disk: 'wiped' }),
];

test('the same seed twice gives the same trace, and another seed another', (t) => {
  const hashes = [1, 1, 2].map((seed) => {
    const { world } = worldOf(FAULTS, { seed });
    t.is(world.run(), 'finished');
    return world.trace.hash;
  });
  t.is(hashes[0], hashes[1]);
  t.not(hashes[0], hashes[2]);
});

for (const tieSalt of [null, 7]) {
  test(`taking a fault away changes nothing before its time: ties by ${tieSalt}`, (t) => {
    const schedule = [...FAULTS, fault('join', 6500, 0, ['j0'], {})];
    const whole = worldOf(schedule, { tieSalt }).world;
    whole.run();
    for (const [i, { atMs }] of schedule.entries()) {
      const { world } = worldOf(
        schedule.filter((_, j) => j !== i),
        { tieSalt },
      );
      world.run();
      const before = (lines: readonly string[]) =>
        lines.filter((line) => Number.parseFloat(line) < atMs);
      t.deepEqual(before(world.trace.lines), before(whole.trace.lines), `without fault ${i}`);
    }
  });
}

test('frames are conserved under every fault of the network', (t) => {
  const { world } = worldOf(FAULTS);
  world.run();
  const { sent, delivered, dropped, inFlight, repeated } = world.network.tally;
  t.is(sent, delivered + dropped + inFlight);
  t.true(delivered > 500, `${delivered} delivered`);
  t.true(dropped > 0 && repeated > 0);
  const found = [...world.network.refusedBy.keys()];
  t.true(
    found.some((name) => name.endsWith('Error')),
    found.join(),
  );
});

test('what a node says arrives in order, once, while no fault says otherwise', (t) => {
  const { world, actors } = worldOf([
    fault('loss', 0, 8000, ALL, { share: 0.3, burst: 2, againMs: 100 }),
  ]);
  t.is(world.run(), 'finished');
  for (const actor of actors) {
    for (const from of ALL) {
      const beats = actor
        .of('message')
        .flatMap(({ from: sender, message }) =>
          sender === from && message.kind === 'digest' ? [message.standing.beat] : [],
        );
      t.deepEqual(
        beats,
        [...new Set(beats)].sort((a, b) => a - b),
      );
    }
  }
});

test('a paused node hears of everything afterwards, at the same moment', (t) => {
  const { world, actors } = worldOf([fault('pause', 2000, 3000, ['n2'], {})]);
  world.run();
  const paused = actors.find(({ self }) => self === 'n2')!;
  const times = paused.of('message').map(({ nowMs }) => nowMs);
  const largest = Math.max(...times.slice(1).map((at, i) => at - times[i]!));
  t.true(largest > 2900 && largest < 3200, `${largest} ms without a message`);
});

test('a crashed node starts again as another incarnation, and its peers are told', (t) => {
  const { world, actors, first } = worldOf([
    fault('crash', 2000, 1000, ['n1'], { power: false, disk: 'kept' }),
  ]);
  t.is(world.run(), 'finished');
  t.is(world.node('n1').incarnation, 2);
  t.is(actors.filter(({ self }) => self === 'n1').length, 2);
  t.is(first('n0').of('peerDown').length, 1);
  t.is(first('n0').of('peerUp').length, 3);
});

test('peers notice a machine without power when it is back, or after a minute', (t) => {
  const back = worldOf([fault('crash', 2000, 1000, ['n1'], { power: true, disk: 'kept' })]);
  back.world.run();
  t.is(back.first('n0').of('peerDown').length, 1);
  const gone = worldOf(
    [fault('crash', 2000, null, ['n1'], { power: true, disk: 'kept' })],
    {},
    1000,
  );
  gone.world.run();
  const [down] = gone.first('n0').of('peerDown');
  const began = gone.first('n0').events[0]!.nowMs;
  t.true(down!.nowMs - began > 60_000 && down!.nowMs - began < 63_000);
});

test('messages between partitioned nodes wait, and pass when it is healed', (t) => {
  const groups = [['n0'], ['n1', 'n2']];
  const { world, first } = worldOf([fault('partition', 2000, 4000, [], { groups })]);
  world.run();
  const isolated = first('n0');
  const heard = isolated.of('message').map(({ nowMs }) => nowMs - isolated.events[0]!.nowMs);
  t.is(heard.filter((at) => at > 2100 && at < 5800).length, 0);
  t.true(heard.filter((at) => at > 5800 && at < 6200).length > 60);
  t.is(isolated.of('peerDown').length, 0);
});

test('clocks begin at different times, never run backwards, and tell their own time', (t) => {
  const { world, actors } = worldOf([
    fault('drift', 1000, 5000, ['n0'], { factor: 0.5 }),
    fault('clockNoise', 1000, 8000, ['n1'], { upToMs: 50 }),
    fault('clockStep', 3000, 0, ['n2'], { byMs: 1e6 }),
  ]);
  world.run();
  for (const { events } of actors) {
    for (const [i, { nowMs }] of events.entries()) {
      if (i > 0) t.true(nowMs >= events[i - 1]!.nowMs);
    }
  }
  t.not(actors[0]!.events[0]!.nowMs, actors[1]!.events[0]!.nowMs);
});
