/** Checkers see what they are for: a node is made to break the promise, and the run to say so. */
import test from 'ava';
import type { ActorOptions, Effect } from '../../node/actor/index.ts';
import { runTrial } from '../../sim/index.ts';
import { drawOverload } from '../../sim/swarm/overload.ts';
import { Meddler, meddling, trialOf } from './meddler.ts';
import { CALM } from './scenarios.ts';

/** A unit takes a minute. */
const SLOW = { computeMs: 60_000, computeSpread: 'constant', bulkMs: 0.1, diskMs: 5 } as const;

const updateIn = (effect: Effect) =>
  effect.kind === 'send' && effect.message.kind === 'update' ? effect : null;

test('what nobody meddles with keeps its promises', async (t) => {
  const { violation, end } = await runTrial(trialOf({}));
  t.is(violation, null);
  t.is(end, 'finished');
});

test('a value that is told while a holder is a step behind is seen', async (t) => {
  const createActor = meddling('n0', (effects) =>
    effects.flatMap((effect) => {
      const update = updateIn(effect);
      if (update?.message.kind !== 'update') return [effect];
      // The value after it, from parameters that nobody has yet.
      const message = { ...update.message, step: update.message.step + 1 };
      return [effect, { ...update, message }];
    }),
  );
  const { violation } = await runTrial(trialOf({ redundancy: 3 }), { createActor });
  t.is(violation?.checker, 'every holder can go on');
  t.regex(violation!.text, /n0 tells value \d of bucket \d while its holder n\d stands at step \d/);
});

test('parameters that go while their node stands at them are missed', async (t) => {
  const createActor = meddling('n1', (effects) =>
    effects.flatMap((effect): Effect[] =>
      effect.kind === 'stepped' && effect.step === 2
        ? [effect, { kind: 'drop', keys: ['value 2 0'] }]
        : [effect],
    ),
  );
  const { violation } = await runTrial(trialOf({}), { createActor });
  t.is(violation?.checker, 'every holder can go on');
  t.is(violation?.text, 'n1 stands at step 2 and drops value 2 0');
});

test('a bucket that goes although too few others have it is seen', async (t) => {
  let isGone = false;
  const createActor = meddling('n1', (effects, event, { status }) => {
    const [bucket] = status.held;
    const isTime = status.step === 2 && event.kind === 'timer' && bucket !== undefined;
    if (isGone || !isTime) return effects;
    isGone = true;
    return [...effects, { kind: 'unhold', step: 2, bucket }];
  });
  const { violation } = await runTrial(trialOf({ timing: { ...CALM.timing, computeMs: 500 } }), {
    createActor,
  });
  t.is(violation?.checker, 'every holder can go on');
  t.regex(violation!.text, /^n1 lets go of bucket \d, which 1 others have, expected 2$/);
});

test('a want that nobody can meet, and no reason for it, are seen', async (t) => {
  const createActor = meddling('n1', (effects, event, { step }) => {
    if (event.kind !== 'timer' || event.timer !== 'heartbeat') return effects;
    const names = [{ kind: 'value', step: step + 3, bucket: 0 } as const];
    const message = { kind: 'want', step, root: 'f'.repeat(64), names, compute: false } as const;
    return [...effects, { kind: 'send', to: ['n0'], message, payload: null }];
  });
  const { violation } = await runTrial(trialOf({ timing: SLOW }), { createActor });
  t.is(violation?.checker, 'wants can be met');
  t.regex(violation!.text, /^n1 wants value 3 0, which nobody has had for \d+ s$/);
});

test('asking without a pause, and for one thing twice, are seen', async (t) => {
  const again = meddling('n1', (effects, event, { step }) => {
    const names = [{ kind: 'value', step: step + 1, bucket: 0 } as const];
    const message = { kind: 'want', step, root: 'f'.repeat(64), names, compute: false } as const;
    const isIdle = event.kind !== 'filed';
    return isIdle ? effects : [...effects, { kind: 'send', to: ['n0'], message, payload: null }];
  });
  const storm = await runTrial(trialOf({}), { createActor: again });
  t.is(storm.violation?.checker, 'wants are bounded');
  t.regex(storm.violation!.text, /n1 asks more than 8 times within 250 ms each/);
  const twice = meddling('n1', (effects, event, { step }) => {
    if (event.kind !== 'timer') return effects;
    const name = { kind: 'gram', step, bucket: 0 } as const;
    const names = [name, name];
    const message = { kind: 'want', step, root: 'f'.repeat(64), names, compute: false } as const;
    return [...effects, { kind: 'send', to: ['n0'], message, payload: null }];
  });
  const { violation } = await runTrial(trialOf({ timing: SLOW }), { createActor: twice });
  t.regex(violation!.text, /n1 wants gram \d 0 twice of one peer/);
});

test('a run that stays slow after an overload is seen, and one that does not is not', async (t) => {
  const trial = drawOverload(6, { ...CALM, units: [1, 1] });
  t.is((await runTrial(trial)).violation, null);
  // All of them: of one node, the others would take on the units.
  const createActor = (options: ActorOptions) => {
    let kept: Effect[] = [];
    return new Meddler(options, (effects, event, { step }) => {
      // After step 40 it begins its units at its next heartbeat only.
      const isBeat = event.kind === 'timer' && event.timer === 'heartbeat';
      if (step < 40) return effects;
      kept.push(...effects.filter(({ kind }) => kind === 'compute'));
      const rest = effects.filter(({ kind }) => kind !== 'compute');
      if (!isBeat) return rest;
      rest.push(...kept);
      kept = [];
      return rest;
    });
  };
  const { violation } = await runTrial(trial, { createActor });
  t.is(violation?.checker, 'throughput comes back');
  t.regex(violation!.text, /^\d+ % of the steps a second that there were before the overload$/);
});
