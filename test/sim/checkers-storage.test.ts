/** Checkers of disks see what they are for: what is lost, and what nobody wrote. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import { writeOperations } from '../../sim/disk/index.ts';
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
  await sees(t, 'durable means durable', text, trialOf(WRITING, [cut]), {
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
