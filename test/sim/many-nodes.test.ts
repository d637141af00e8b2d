/**
 * So many nodes that words travel through a few: the oracle's bits all the same, under faults, and
 * no work done twice without them. All checkers look on.
 */
import test from 'ava';
import { Actor } from '../../node/actor/index.ts';
import { runTrial, type Scenario, type Schedule } from '../../sim/index.ts';
import { CALM, fault } from './scenarios.ts';

const NODES = 40;

function many(): Scenario {
  const nodes = Array.from({ length: NODES }, (_, i) => `n${i}`);
  const timing = { ...CALM.timing, computeMs: 1_000 };
  return {
    ...CALM,
    nodes,
    timing,
    steps: 6,
    units: [14, 13, 13],
    checkpointEverySteps: null,
  };
}

async function run(schedule: Schedule) {
  let computed = 0;
  const scenario = many();
  const trial = { scenario, schedule, mode: 'recoverable', core: null } as const;
  const outcome = await runTrial(trial, {
    createActor(options) {
      const actor = new Actor(options);
      return {
        receive(event) {
          const effects = actor.receive(event);
          computed += effects.filter(({ kind }) => kind === 'compute').length;
          return effects;
        },
      };
    },
  });
  return { outcome, computed, needed: 40 * scenario.steps };
}

test('without faults each unit is computed once', async (t) => {
  const { outcome, computed, needed } = await run([]);
  t.is(outcome.violation, null);
  t.is(outcome.end, 'finished');
  t.is(computed, needed);
});

const FAULTS: readonly { what: string; schedule: Schedule }[] = [
  {
    what: 'nodes that die for good, one after another',
    schedule: [0, 1, 2, 3].map((i) =>
      fault('crash', 5_000 + 12_000 * i, null, [`n${7 * i}`], { power: false, disk: 'kept' }),
    ),
  },
  {
    what: 'one that comes back with an empty disk, and one that is new',
    schedule: [
      fault('crash', 6_000, 4_000, ['n3'], { power: true, disk: 'wiped' }),
      fault('join', 8_000, null, ['j0'], {}),
    ],
  },
  {
    what: 'one that stands still, one that leaves, and links that lose frames',
    schedule: [
      fault('pause', 5_000, 6_000, ['n11'], {}),
      fault('leave', 6_000, null, ['n12'], {}),
      fault('drop', 4_000, 8_000, ['n13', 'n14'], { share: 0.2, burst: 1 }),
    ],
  },
];

for (const { what, schedule } of FAULTS) {
  test(`the bits of the oracle in spite of ${what}`, async (t) => {
    const { outcome } = await run(schedule);
    t.is(outcome.violation, null, outcome.violation?.text);
    t.is(outcome.end, 'finished');
  });
}
