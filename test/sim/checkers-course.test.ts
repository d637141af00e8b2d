/**
 * Checkers of the course of a run see what they are for: rewinds, errors, expulsions, bounds,
 * messages, text and work.
 */
import test from 'ava';
import {
  Actor,
  type ActorOptions,
  type Effect,
  type Event,
  type Memory,
} from '../../node/actor/index.ts';
import { runTrial } from '../../sim/index.ts';
import { eachEffect, inProcesses, Meddler, meddling, trialOf } from './meddler.ts';
import { fault } from './scenarios.ts';
import { sees } from './sees.ts';

/** Adds to what a node does as it comes to a step. */
const atStep = (node: string, step: number, ...more: Effect[]) =>
  meddling(
    node,
    eachEffect((effect) =>
      effect.kind === 'stepped' && effect.step === step ? [effect, ...more] : [effect],
    ),
  );

test('a step that is lost while everybody lives is seen', async (t) => {
  const createActor = atStep('n1', 3, { kind: 'load', step: 1 });
  const text = /^n1 goes back from step 2; 0 holders were lost$/;
  await sees(t, 'no rewind while a holder lives', text, trialOf({}), { createActor });
});

test('a rewind after fewer losses than there are holders is seen', async (t) => {
  const schedule = [fault('crash', 300, 20_000, ['n2'], { power: false, disk: 'wiped' })];
  const createActor = meddling('n1', (effects, event, { step }) =>
    step === 3 && event.kind === 'timer' ? [{ kind: 'load', step: 1 }] : effects,
  );
  const text = /^n1 goes back from step 3; 1 holders were lost$/;
  const trial = trialOf({ redundancy: 3, steps: 8 }, schedule);
  await sees(t, 'no rewind while a holder lives', text, trial, { createActor });
});

test('one loss is no reason to go back again and again', async (t) => {
  const schedule = [fault('crash', 300, 20_000, ['n0', 'n2'], { power: false, disk: 'wiped' })];
  const createActor = meddling('n1', (effects, event, { step }) =>
    step > 1 && event.kind === 'timer' ? [...effects, { kind: 'load', step: 1 }] : effects,
  );
  const trial = trialOf({ steps: 30 }, schedule);
  const text = /^n1 goes back from step \d+: 3 times after 2 losses$/;
  await sees(t, 'one rewind a loss', text, trial, { createActor });
});

test('an error without a name is seen', async (t) => {
  const createActor = meddling('n1', (effects, _event, { step }) => {
    if (step === 2) throw new TypeError('undefined is not a function');
    return effects;
  });
  const text = /^TypeError: undefined is not a function\n/;
  await sees(t, 'every error is typed', text, trialOf({}), { createActor });
});

test('an error without a name in a frame’s reading is seen', async (t) => {
  const flips = [fault('flip', 400, 500, ['n1'], { share: 1, part: 'header' })];
  // Bytes of which the codec can't even look at a part.
  await sees(t, 'every error is typed', /^reading a frame for n\d: /, trialOf({}, flips), {
    tamper({ network }) {
      const { send } = network;
      network.send = (from, to, channel, frame, readyMs) => {
        const bytes = frame.joined();
        frame.joined = () => Object.assign(bytes.slice(), { subarray: undefined });
        return send.call(network, from, to, channel, frame, readyMs);
      };
    },
  });
});

test('an honest node that is expelled is seen', async (t) => {
  const createActor = atStep('n1', 2, { kind: 'disconnect', peer: 'n0', reason: 'a grudge' });
  const text = /^n1 expels n0: a grudge$/;
  await sees(t, 'nobody honest is expelled', text, trialOf({}), { createActor });
});

test('memory that nothing leaves, and effects without end, are seen', async (t) => {
  // What is dropped is held twice over: a leak of another node's making.
  const tamper = inProcesses('n1', ({ bulk }) => {
    let leaked = 0;
    const perform = bulk.perform.bind(bulk);
    const size = () => bulkSize.call(bulk) as number;
    const bulkSize = sizeOf(bulk);
    bulk.perform = (effect, payload) => {
      if (effect.kind === 'drop') leaked += effect.keys.length;
      return perform(effect, payload);
    };
    Object.defineProperty(bulk, 'size', { get: () => size() + leaked });
  });
  const held = /^\d+ values are held, expected at most \d+$/;
  await sees(t, 'memory is bounded', held, trialOf({ steps: 20 }), { tamper });
  const log: Effect = { kind: 'log', level: 'info', text: 'once more' };
  const createActor = atStep('n1', 2, ...Array.from({ length: 20_001 }, () => log));
  await sees(t, 'memory is bounded', /^200\d\d effects of one event$/, trialOf({}), {
    createActor,
  });
});

/** Remembers every message, for good. */
class Hoarder extends Actor {
  #heard = 0;

  override receive(event: Event): Effect[] {
    if (event.kind === 'message') this.#heard++;
    return super.receive(event);
  }

  override get memory(): Memory {
    const { said, ...rest } = super.memory;
    return { ...rest, said: said + this.#heard };
  }
}

test('an actor that forgets nothing, and one that repeats itself, are seen', async (t) => {
  const createActor = (options: ActorOptions) =>
    options.self === 'n1' ? new Hoarder(options) : new Actor(options);
  const said = /^\d+ values are said, expected at most \d+$/;
  await sees(t, 'memory is bounded', said, trialOf({ steps: 60 }), { createActor });
  const again = (effect: Effect): Effect[] =>
    effect.kind === 'send' && effect.message.kind === 'digest'
      ? Array.from({ length: 1000 }, () => effect)
      : [effect];
  const words = /^\d+ digests to one node in one event$/;
  await sees(t, 'memory is bounded', words, trialOf({}), {
    createActor: meddling('n1', eachEffect(again)),
  });
});

/** The getter of a bulk's size, before somebody puts another in its place. */
function sizeOf(bulk: object) {
  const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(bulk), 'size')!;
  return get!;
}

test('frames that are lost without a trace are seen', async (t) => {
  const text = /^\d+ sent, \d+ delivered, \d+ dropped, \d+ under way$/;
  await sees(t, 'messages are conserved', text, trialOf({}), {
    tamper({ network }) {
      const { send } = network;
      let sent = 0;
      network.send = (from, to, channel, frame, readyMs) => {
        if (++sent % 50 > 0) return send.call(network, from, to, channel, frame, readyMs);
        network.tally.sent++;
        return true;
      };
    },
  });
});

test('a unit that is computed without its text is seen', async (t) => {
  const unit = { step: 2, language: 0, unit: 0, attempt: 1_000 };
  const createActor = atStep('n1', 2, { kind: 'compute', ...unit });
  const trial = trialOf({ at: [['n0'], null, null] });
  const text = /^n1 computes unit 0 of language 0, whose text it does not have$/;
  await sees(t, 'text stays where it is', text, trial, { createActor });
});

test('units that are computed twice in a calm run are seen', async (t) => {
  // Every node computes each of its units once more, and throws that away.
  const createActor = (options: ActorOptions) => {
    let attempt = 1_000;
    const twice = eachEffect((effect) =>
      effect.kind === 'compute' ? [effect, { ...effect, attempt: attempt++ }] : [effect],
    );
    return new Meddler(options, twice);
  };
  const text = /^\d+ units computed in 1\d calm steps of 6 units$/;
  await sees(t, 'work is not repeated', text, trialOf({ steps: 20 }), { createActor });
  // Audits repeat all of a step, and are meant to.
  t.is((await runTrial(trialOf({ steps: 12, auditRate: 0.2 }))).violation, null);
});
