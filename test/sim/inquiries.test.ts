/**
 * Where only some steps are audited, whoever says what is wrong is asked what it was made from: the
 * one who was wrong first is named, and never one who only used it.
 */
import test from 'ava';
import { drawTrial, runTrial } from '../../sim/index.ts';
import { tinyRun } from '../../sim/models/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import type { Fault } from '../../sim/schedule/faults.ts';
import { World } from '../../sim/world.ts';
import { liesOf } from './lies.ts';
import { CALM, fault } from './scenarios.ts';

const LIAR = 'n1';
const SEEDS = 16;
const SCENARIO: Scenario = {
  ...CALM,
  ...{ nodes: ['n0', 'n1', 'n2', 'n3'], auditRate: 0.4, steps: 8, units: [2, 3, 2] },
  patienceMs: 20_000,
};

const LIES = liesOf(LIAR, 100);
/** What no auditor can find below rate 1: nobody said it, so that there is no one to answer. */
const DENIED = new Set(['publishes updates of what it does not own']);

interface Found {
  /** Runs in which each node was refused. */
  readonly refused: Map<string, number>;
  /** Whoever was refused for what another had used. */
  readonly through: string[];
}

/** `crashes`: a node that others may have relied on goes, and comes back. */
function hunt(groups: Scenario['groups'], lie: Fault, crashes: boolean): Found {
  const refused = new Map<string, number>();
  const through: string[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const scenario = { ...SCENARIO, seed, groups };
    const args = { power: false, disk: 'kept' as const };
    const crash = fault('crash', 250 + 45 * seed, 1500, ['n2'], args);
    const expelled = new Set<string>();
    const world = new World({
      ...{ scenario, schedule: crashes ? [lie, crash] : [lie], core: ['n0'] },
      model: tinyRun(scenario, 64).model,
      observers: [
        {
          handled({ node }, _event, effects) {
            if (node.name === LIAR) return;
            for (const effect of effects) {
              if (effect.kind === 'disconnect') expelled.add(effect.peer);
              if (effect.kind !== 'log') continue;
              const used = /^(n\d) is refused from now on.*; (n\d) used it for/.exec(effect.text);
              if (used) through.push(`${used[1]} by ${used[2]}`);
            }
          },
          ended({ node }, why) {
            if (why.kind === 'threw')
              throw new Error(`${node.name}, seed ${seed}`, { cause: why.error });
          },
        },
      ],
    });
    world.run();
    for (const id of expelled) refused.set(id, (refused.get(id) ?? 0) + 1);
  }
  return { refused, through };
}

for (const groups of ['bucket', 'model'] as const) {
  test(`among nodes that audit some steps only who lies is refused: groups by ${groups}`, (t) => {
    const through: string[] = [];
    for (const [title, lie] of LIES) {
      for (const crashes of [false, true]) {
        const found = hunt(groups, lie, crashes);
        const others = [...found.refused.keys()].filter((id) => id !== LIAR);
        t.deepEqual(others, [], title);
        const count = found.refused.get(LIAR) ?? 0;
        t.log(`${title}${crashes ? ', with crashes' : ''}: refused in ${count} of ${SEEDS} runs`);
        if (!DENIED.has(title) && !(groups === 'model' && title.startsWith('publishes')))
          t.true(count > 0, title);
        through.push(...found.through);
      }
    }
    t.log(`found through whoever had used it: ${through.length}`);
    t.true(through.length > 0);
    for (const one of through) t.regex(one, /^n1 by n[023]$/);
  });
}

test('the swarm lets nodes crash among liars, and nobody honest is refused', async (t) => {
  let crashes = 0;
  for (let seed = 0; seed < 60; seed++) {
    const trial = drawTrial(seed, 'misled');
    if (trial.schedule.some((one) => one.fault === 'crash')) crashes++;
    const { violation } = await runTrial(trial);
    t.is(violation, null, `seed ${seed}`);
  }
  t.true(crashes > 20, `${crashes}`);
});
