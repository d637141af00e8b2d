/**
 * Liars that say what is true in words and false in deed, or never answer: honest nodes come to
 * no harm by it that makes them look like liars, and wait for nobody for long.
 */
import test from 'ava';
import type { Effect, Event } from '../../node/actor/index.ts';
import type { Message, Standing } from '../../protocol/messages.ts';
import { tinyRun } from '../../sim/models/index.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { World } from '../../sim/world.ts';
import { meddling } from './meddler.ts';
import { CALM } from './scenarios.ts';

const LIAR = 'n1';
type Meddle = Parameters<typeof meddling>[1];

/** What honest nodes did to each other, and how far they came. */
function live(changes: Partial<Scenario>, meddle: Meddle) {
  const scenario: Scenario = {
    ...CALM,
    ...{ nodes: ['n0', 'n1', 'n2', 'n3'], steps: 8, units: [2, 3, 2], patienceMs: 20_000 },
    ...changes,
  };
  const expelled: string[] = [];
  const failed: string[] = [];
  /** By node and step: how often what is in memory was hashed again. */
  const rehashes = new Map<string, number>();
  const world = new World({
    ...{ scenario, schedule: [], core: ['n0'], model: tinyRun(scenario, 64).model },
    createActor: meddling(LIAR, meddle),
    observers: [
      {
        handled({ node }, _event, effects) {
          if (node.name === LIAR) return;
          for (const effect of effects) {
            if (effect.kind === 'disconnect') expelled.push(`${node.name} ${effect.peer}`);
            if (effect.kind === 'failed') failed.push(`${effect.error}: ${effect.text}`);
            if (effect.kind !== 'rehash') continue;
            const name = `${node.name} ${effect.step}`;
            rehashes.set(name, (rehashes.get(name) ?? 0) + 1);
          }
        },
        ended({ node }, why) {
          if (why.kind === 'threw') failed.push(`${node.name} threw ${why.error}`);
        },
      },
    ],
  });
  world.run();
  const steps = ['n0', 'n2', 'n3'].map((name) => world.node(name).running?.step ?? -1);
  return { expelled, failed, steps, rehashes, virtualMs: world.clock.nowMs };
}

test('an update that says kept, with the hashes of what it did not bring, is not taken', (t) => {
  const lie = (effect: Effect): Effect => {
    if (effect.kind !== 'send' || effect.message.kind !== 'update') return effect;
    const { message } = effect;
    if (message.outcome !== 'tensor' || message.step < 2) return effect;
    return { ...effect, message: { ...message, outcome: 'kept' }, payload: null };
  };
  for (const auditRate of [0, 0.4, 1]) {
    let found = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { expelled, failed } = live({ seed, auditRate }, (effects) => effects.map(lie));
      const label = `rate ${auditRate}, seed ${seed}`;
      for (const one of expelled) t.regex(one, / n1$/, label);
      t.deepEqual(failed, [], label);
      found += expelled.length;
    }
    t.true(found > 0 || auditRate === 1, `rate ${auditRate}`);
  }
});

/** With each digest so many sums to everybody, each time others; and no answers. */
function chatter(count = 1): Meddle {
  const stands = new Map<string, Standing>();
  let said = 0;
  const sums = () =>
    [...stands].flatMap(([peer, { complete, step, root }]): Effect[] => {
      if (!complete || step >= 8) return [];
      const of = { kind: 'sum', step, root, language: 0, level: 0, index: 0, bucket: 0 } as const;
      return Array.from({ length: count }, () => {
        const value = { outcome: 'absent', tokens: ++said, lossSum: 0, hash: null } as const;
        const message: Message = { ...of, ...value };
        return { kind: 'send', to: [peer], message, payload: null };
      });
    });
  return (effects: Effect[], event: Event) => {
    if (event.kind === 'message' && event.message.kind === 'digest')
      stands.set(event.from, event.message.standing);
    return effects.flatMap((effect) => {
      if (effect.kind !== 'send') return [effect];
      if (effect.message.kind === 'inputs') return [];
      if (effect.message.kind !== 'digest') return [effect];
      return [{ ...effect, message: { ...effect.message, vouches: false } }, ...sums()];
    });
  };
}

test('a liar that says something else each time, and never answers, holds up nobody', (t) => {
  for (const auditRate of [0.4, 1]) {
    const { expelled, steps, virtualMs } = live(
      { seed: 3, auditRate, patienceMs: 200_000 },
      chatter(),
    );
    for (const one of expelled) t.regex(one, / n1$/);
    t.true(
      steps.some((step) => step >= 8),
      `rate ${auditRate}: ${steps.join()} in ${virtualMs} ms`,
    );
  }
});

test('a liar that says much has memory hashed again a time or two for each step', (t) => {
  for (const auditRate of [0.4, 1]) {
    const { rehashes } = live({ seed: 3, auditRate, patienceMs: 200_000 }, chatter(40));
    t.true(rehashes.size > 0, `rate ${auditRate}`);
    const most = Math.max(...rehashes.values());
    t.true(most <= 2, `rate ${auditRate}: ${most} times for one step`);
  }
});
