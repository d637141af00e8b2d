/** Names, where work is placed, and the order of what is due at one moment decide no bit. */
import test from 'ava';
import { Actor } from '../../node/actor/index.ts';
import { drawTrial, runTrial, type Trial } from '../../sim/index.ts';

interface Ended {
  readonly root: string | null;
  readonly traceHash: string;
  /** What is published of the last step's values, of every node that came there, but liars'. */
  readonly parameters: ReadonlySet<string>;
}

async function end(trial: Trial): Promise<Ended> {
  const parameters = new Set<string>();
  const liars = new Set(
    trial.schedule.flatMap(({ fault, nodes }) => (fault === 'sybil' ? nodes : [])),
  );
  const { violation, root, traceHash } = await runTrial(trial, {
    createActor: (options) => {
      const actor = new Actor(options);
      if (liars.has(options.self)) return actor;
      return {
        receive(event) {
          const effects = actor.receive(event);
          for (const effect of effects) {
            if (effect.kind !== 'stepped' || effect.step < trial.scenario.steps) continue;
            parameters.add(effect.values.map(({ published }) => published).join());
          }
          return effects;
        },
      };
    },
  });
  if (violation !== null) throw new Error(`${violation.checker}: ${violation.text}`);
  return { root, traceHash, parameters };
}

/** The same trial on nodes that sort the other way round. */
function relabelled(trial: Trial): Trial {
  const text = JSON.stringify(trial).replace(/"n(\d+)"/g, (_, n) => `"m${99 - Number(n)}"`);
  return JSON.parse(text);
}

/** Nodes that were misled have the values of whoever lied to them. */
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed).filter(
  (seed) => drawTrial(seed).mode !== 'misled',
);

test('relabelled nodes end at the same root', async (t) => {
  let moved = 0;
  for (const seed of SEEDS) {
    const trial = drawTrial(seed);
    const [one, other] = [await end(trial), await end(relabelled(trial))];
    t.is(other.root, one.root, `seed ${seed}`);
    if (other.traceHash !== one.traceHash) moved++;
  }
  t.true(moved > SEEDS.length / 2, 'other names do place work elsewhere');
});

test('other placement and other ties end in the same parameters', async (t) => {
  let compared = 0;
  for (const seed of SEEDS) {
    const trial = drawTrial(seed);
    // The run's id is the salt of the random weights too.
    if (trial.scenario.aggregator.name === 'random') continue;
    const scenario = { ...trial.scenario, placementSalt: 'other', tieSalt: seed + 1 };
    const [one, other] = [await end(trial), await end({ ...trial, scenario })];
    t.is(one.parameters.size, 1, `seed ${seed}`);
    t.deepEqual(other.parameters, one.parameters, `seed ${seed}`);
    compared++;
  }
  t.true(compared > SEEDS.length / 2);
});
