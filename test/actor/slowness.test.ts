/** How fast nodes are, as they tell each other, and how units follow it. */
import test from 'ava';
import { Actor, type ActorOptions, type Effect, type Event } from '../../node/actor/index.ts';
import { levelAt, Slowness, speedsOf } from '../../node/actor/slowness.ts';
import { runTrial } from '../../sim/run.ts';
import { CALM } from '../sim/scenarios.ts';

/** A slowness of a node that has computed ten units of `ms` each, one after another. */
function measured(ms: number, slowness = new Slowness(), fromMs = 0): Slowness {
  for (let i = 0; i < 16; i++) slowness.computed(fromMs, fromMs + (i + 1) * ms);
  return slowness;
}

test('a level is told once enough was measured, and counts from a later step', (t) => {
  const slowness = new Slowness();
  for (let i = 0; i < 5; i++) slowness.computed(0, (i + 1) * 100);
  t.false(slowness.stood(1, 3));
  t.is(slowness.words.slowness, null);
  slowness.computed(0, 600);
  t.true(slowness.stood(2, 3));
  // √2 ** 13 ms is 91, √2 ** 14 is 128.
  t.deepEqual(slowness.words, { slowness: 13, slownessFrom: 5, slownessBefore: null });
  t.is(levelAt(slowness.words, 4), null);
  t.is(levelAt(slowness.words, 5), 13);
});

test('what changes little is not told, and no second change before the first counts', (t) => {
  const slowness = measured(100);
  t.true(slowness.stood(0, 3));
  measured(140, slowness, 1e6);
  t.false(slowness.stood(5, 3));
  measured(400, slowness, 2e6);
  t.true(slowness.stood(6, 3));
  t.deepEqual(slowness.words, { slowness: 17, slownessFrom: 9, slownessBefore: 13 });
  measured(50, slowness, 3e6);
  t.false(slowness.stood(8, 3));
  t.true(slowness.stood(9, 3));
});

test('units that were asked for together are timed one by one', (t) => {
  const slowness = new Slowness();
  for (let i = 1; i <= 8; i++) slowness.computed(0, i * 64);
  t.true(slowness.stood(0, 3));
  t.is(slowness.words.slowness, 12);
});

test('who is hardly slower shares as the fastest does, and so does a newcomer', (t) => {
  t.deepEqual(speedsOf([10, 11, null]), [1, 1, 1]);
  t.deepEqual(speedsOf([10, 12, 13]), [1, 1, 1 / (2 * Math.SQRT2)]);
  t.deepEqual(speedsOf([10, 14, 16]), [1, 1 / 4, 1 / 8]);
  t.deepEqual(speedsOf([null, null]), [1, 1]);
});

test('a node four times slower comes to compute fewer units, and no bit changes', async (t) => {
  const computed = new Map<string, number[]>();
  class Counting extends Actor {
    readonly #counts: number[] = [];
    constructor(options: ActorOptions) {
      super(options);
      computed.set(options.self, this.#counts);
    }
    override receive(event: Event): Effect[] {
      const effects = super.receive(event);
      for (const effect of effects) {
        if (effect.kind !== 'compute') continue;
        this.#counts[effect.step] = (this.#counts[effect.step] ?? 0) + 1;
      }
      return effects;
    }
  }
  const scenario = { ...CALM, steps: 24, units: [4, 4, 4], slowness: [1, 1, 4] };
  const trial = { scenario, schedule: [], mode: 'recoverable' as const, core: null };
  const outcome = await runTrial(trial, { createActor: (options) => new Counting(options) });
  // The checkers hold every root to the oracle's.
  t.is(outcome.violation, null);
  t.is(outcome.end, 'finished');
  const [, , ofSlow] = ['n0', 'n1', 'n2'].map((id) => computed.get(id)!);
  for (const id of ['n0', 'n1']) {
    const last = computed.get(id)!.slice(-6);
    t.true(
      last.every((units) => units >= 5),
      `${id} computed ${last}`,
    );
  }
  t.is(ofSlow![0], 4);
  t.true(
    ofSlow!.slice(-6).every((units) => units <= 2),
    `n2 computed ${ofSlow}`,
  );
});
