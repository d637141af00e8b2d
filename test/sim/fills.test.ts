/** A bucket is taken on soon, whoever does not answer, and only as what its hashes say. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import { Actor } from '../../node/actor/index.ts';
import { runTrial } from '../../sim/index.ts';
import { tinyRun } from '../../sim/models/index.ts';
import type { ActorLike } from '../../sim/process/index.ts';
import { World } from '../../sim/world.ts';
import { Meddler } from './meddler.ts';
import { CALM, fault } from './scenarios.ts';

const asksForWhole = (effect: Effect) =>
  effect.kind === 'send' &&
  effect.message.kind === 'want' &&
  effect.message.names.some(({ kind }) => kind === 'whole');

test('a whole value that nobody brings is asked for again within seconds', async (t) => {
  const askedMs: number[] = [];
  let lost = 0;
  const createActor = (options: ConstructorParameters<typeof Actor>[0]): ActorLike => {
    if (options.self !== 'n1' || options.incarnation === 1) return new Actor(options);
    return new Meddler(options, (effects, { nowMs }) => {
      const asks = effects.filter(asksForWhole);
      for (const _ of asks) askedMs.push(nowMs);
      // Its first asks are lost.
      if (lost >= 2) return effects;
      lost += asks.length;
      return effects.filter((effect) => !asksForWhole(effect));
    });
  };
  const scenario = { ...CALM, nodes: ['n0', 'n1', 'n2', 'n3'], steps: 60 };
  const schedule = [fault('crash', 1500, 300, ['n1'], { power: false, disk: 'wiped' })];
  const trial = { scenario, schedule, mode: 'recoverable', core: null } as const;
  const { violation } = await runTrial(trial, { createActor });
  t.is(violation, null);
  const [first, ...later] = askedMs;
  const again = later.find((atMs) => atMs > first! + 100);
  t.true(again !== undefined && again - first! < 3_500, `asked again after ${again! - first!} ms`);
});

test('a direction of an earlier step that makes no sense costs the streams', async (t) => {
  const told = new Set<string>();
  const createActor = (options: ConstructorParameters<typeof Actor>[0]): ActorLike => {
    if (options.self !== 'n0') return new Actor(options);
    return new Meddler(options, (effects, _event, actor) =>
      effects.map((effect) => {
        if (effect.kind !== 'send' || effect.message.kind !== 'direction') return effect;
        const { message } = effect;
        if (message.step >= actor.step) return effect;
        for (const to of effect.to) told.add(to);
        const resolution = { ...message.resolution, weights: new Uint8Array() };
        return { ...effect, message: { ...message, resolution } };
      }),
    );
  };
  const cut = new Set<string>();
  const scenario = { ...CALM, nodes: ['n0', 'n1', 'n2', 'n3'], steps: 60 };
  const { model } = tinyRun(scenario, 64);
  const world = new World({
    ...{ scenario, model, core: null, createActor },
    schedule: [fault('crash', 1500, 300, ['n1'], { power: false, disk: 'wiped' })],
    observers: [
      {
        handled({ node }, _event, effects) {
          for (const effect of effects) {
            if (effect.kind === 'disconnect') cut.add(`${effect.peer} by ${node.name}`);
          }
        },
      },
    ],
  });
  world.run();
  t.true(told.size > 0);
  t.deepEqual(
    [...cut],
    [...told].map((one) => `n0 by ${one}`),
  );
});
