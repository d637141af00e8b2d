/** Checkers of disks see what they are for: what is lost, and what nobody wrote. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import type { Standing } from '../../protocol/messages.ts';
import { writeOperations } from '../../sim/disk/index.ts';
import { runTrial } from '../../sim/index.ts';
import type { World } from '../../sim/world.ts';
import { eachEffect, inProcesses, meddling, trialOf } from './meddler.ts';
import { fault } from './scenarios.ts';
import { sees } from './sees.ts';

const ALL = ['n0', 'n1', 'n2'];

/** Every step is written; three checkpoints are one more than are always kept. */
const WRITING = { checkpointEverySteps: 1, steps: 8 };

test('a checkpoint that was told to be durable and is gone is seen', async (t) => {
  const cut = fault('crash', 1_500, 500, ['n1'], { power: true, disk: 'kept' });
  const text = /^n1 was told that checkpoint \d is durable; it is gone, or torn$/;
  // Few enough that none of them goes.
  const trial = trialOf({ steps: 12, checkpointEverySteps: 4 }, [cut]);
  await sees(t, 'durable means durable', text, trial, {
    tamper(world) {
      // It says nothing of it, unlike the fault of that name.
      world.node('n1').disk.sync = () => {};
    },
  });
});

test('a checkpoint that goes before a newer one stands is seen', async (t) => {
  const early = (effect: Effect): Effect[] =>
    effect.kind === 'checkpoint' ? [{ ...effect, neededFrom: effect.step + 2 }] : [effect];
  const createActor = meddling('n1', eachEffect(early));
  const text = /^n1 removed checkpoints \d; from \d on none is whole$/;
  await sees(t, 'durable means durable', text, trialOf(WRITING), { createActor });
});

test('a checkpoint that goes before a newer one is durable often enough is seen', async (t) => {
  const early = (effect: Effect): Effect[] =>
    effect.kind === 'checkpoint' ? [{ ...effect, neededFrom: effect.step }] : [effect];
  const createActor = meddling('n1', eachEffect(early));
  const text =
    /^n1 removed checkpoints \d; from \d on some bucket of each is durable [01] times, expected 2$/;
  // Where one node has all of it, the disks together have it all the same.
  const trial = trialOf({ ...WRITING, nodes: ['n0', 'n1'] });
  await sees(t, 'enough copies stay', text, trial, { createActor });
});

test('copies are those that a node can know of', async (t) => {
  const apart = fault('partition', 600, 4_000, [], { groups: [['n0'], ['n1', 'n2']] });
  const wiped = fault('crash', 900, 2_000, ['n2'], { power: true, disk: 'wiped' });
  const trial = trialOf({ ...WRITING, steps: 20, redundancy: 3 }, [apart, wiped], 'beyond');
  t.is((await runTrial(trial)).violation, null);
});

test('a checkpoint that a node says it has, and has removed, is seen', async (t) => {
  let said: Standing['durable'] = [];
  const createActor = meddling(
    'n1',
    eachEffect((effect): Effect[] => {
      if (effect.kind !== 'send' || effect.message.kind !== 'digest') return [effect];
      const { standing } = effect.message;
      const isKnown = ({ step }: { step: number }) => said.every((one) => one.step !== step);
      said = [...standing.durable.filter(isKnown), ...said];
      const message = { ...effect.message, standing: { ...standing, durable: said } };
      return [{ ...effect, message }];
    }),
  );
  const text = /^n1 says that checkpoint \d is on its disk, which is not$/;
  await sees(t, 'durable means durable', text, trialOf(WRITING), { createActor });
});

test('a checkpoint that nobody wrote is seen when it is loaded', async (t) => {
  const text = /^n0 loads checkpoint 3, which nobody wrote$/;
  const alone = trialOf({ nodes: ['n0'] });
  await sees(t, 'only whole checkpoints are loaded', text, alone, { tamper: forgeCheckpoint });
});

/** The base, put on a disk as step 3 of some other run. */
function forgeCheckpoint({ model, nodes }: World): void {
  const bulk = model.createBulk();
  model.loadBase(bulk);
  const buckets = new Map(model.groupOf.map((_, bucket) => [bucket, bulk.stored(0, bucket)]));
  const step = { step: 3, root: 'e'.repeat(64), previousRoot: 'd'.repeat(64) };
  for (const write of writeOperations(nodes[0]!.disk, { ...step, buckets })) write();
}

test('a checkpoint that is loaded as other values than were stored is seen', async (t) => {
  const crash = fault('crash', 1_500, 500, ALL, { power: false, disk: 'kept' });
  const text = /^n1 loads another value of step \d than was stored$/;
  const tamper = inProcesses('n1', ({ bulk }) => {
    const load = bulk.load.bind(bulk);
    bulk.load = (step, bucket, arrays) => {
      const hashes = load(step, bucket, arrays);
      return hashes && { ...hashes, optimizer: 'f'.repeat(64) };
    };
  });
  const trial = trialOf(WRITING, [crash], 'beyond');
  await sees(t, 'only whole checkpoints are loaded', text, trial, { tamper });
});
