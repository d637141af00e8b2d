/** The actor alone: what it refuses, what it ignores, and that it is a pure transition. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import { hashOf } from '../../protocol/hashes.ts';
import type { Message, Standing } from '../../protocol/messages.ts';
import { begun, digestOf, OURS, ROOT, standingOf, started, sumOf } from './one-actor.ts';

/** A bucket that the actor resolves, and the filing of a sum of it. */
function ownedBucket(hear: (message: Message, payload: number | null) => Effect[]) {
  const [bucket] = OURS as [number];
  const file = hear(sumOf(bucket), 1).find((effect) => effect.kind === 'file');
  if (file === undefined) throw new Error('this node does not resolve its bucket');
  return { bucket, file };
}

test('at a step it asks for its own share of the units', (t) => {
  const { computes } = started();
  t.is(computes.length, 2);
});

test('what makes no sense in the run costs the peer its streams and nothing else', (t) => {
  const { actor, hear } = started();
  const senseless: [Message, number | null][] = [
    [sumOf(99), 1],
    [sumOf(0, { step: 3 }), 1],
    [sumOf(0, { language: 2 }), 1],
    [sumOf(0, { level: 2 }), 1],
    [sumOf(0, { hash: null }), 1],
    [sumOf(0), null],
    [sumOf(0, { outcome: 'absent' }), 1],
  ];
  for (const [message, payload] of senseless) {
    const effects = hear(message, payload);
    t.deepEqual(
      effects.map(({ kind }) => kind),
      ['disconnect'],
      JSON.stringify(message),
    );
  }
  t.is(actor.step, 0);
});

test('a value of another root, or filed before, is not used', (t) => {
  const { hear } = started();
  const { bucket } = ownedBucket(hear);
  t.deepEqual(hear(sumOf(bucket), 2), []);
  t.deepEqual(hear(sumOf(bucket, { language: 1, root: hashOf('other') }), 3), []);
});

test('a payload without its hash costs the peer its streams, and the value may come again', (t) => {
  const { hear, send } = started();
  const { bucket, file } = ownedBucket(hear);
  const refused = send({ kind: 'filed', key: file.key, ok: false });
  t.deepEqual(
    refused.map(({ kind }) => kind),
    ['disconnect'],
  );
  const again = hear(sumOf(bucket), 4);
  t.deepEqual(
    again.map(({ kind }) => kind),
    ['file'],
  );
});

test('the same events give the same effects', (t) => {
  const trace = () => {
    const { hear, send } = started();
    const { file } = ownedBucket(hear);
    return [
      send({ kind: 'filed', key: file.key, ok: true }),
      send({ kind: 'timer', timer: 'deadline' }),
    ];
  };
  t.deepEqual(trace(), trace());
});

test('two nodes whose roots differ at one step stop with an explanation', (t) => {
  const { hear } = started();
  const failed = hear(digestOf({ beat: 2, root: hashOf('other') })).find(
    ({ kind }) => kind === 'failed',
  );
  t.true(failed?.kind === 'failed' && failed.error === 'Divergence' && /merlin/.test(failed.text));
});

test('at its deadline it names whom it waits for, and asks them', (t) => {
  const { send } = started();
  const effects = send({ kind: 'timer', timer: 'deadline' });
  const want = effects.find(({ kind }) => kind === 'send');
  t.true(want?.kind === 'send' && want.message.kind === 'want' && want.message.names.length > 0);
  const log = effects.find(({ kind }) => kind === 'log');
  t.true(log?.kind === 'log' && /step 0: waiting .* from merlin/.test(log.text));
});

test('it begins to work only when all that it expects have spoken', (t) => {
  const { actor, hear, send, effects } = begun({}, ['kestrel', 'merlin', 'hobby']);
  const works = () => effects.some(({ kind }) => kind === 'compute');
  t.is(actor.status.phase, 'settling');
  hear(digestOf());
  send({ kind: 'peerUp', peer: 'hobby' });
  send({ kind: 'timer', timer: 'heartbeat' }, 1_000);
  t.false(works());
  hear(digestOf(), null, 'hobby');
  t.true(works());
  t.is(actor.status.phase, 'working');
});

for (const [isConnected, waitS] of [
  [false, 1.5],
  [true, 20],
] as const) {
  const whoever = isConnected ? 'that is connected and silent' : 'that is not connected';
  test(`a node ${whoever} is waited for ${waitS} s at the beginning`, (t) => {
    const { hear, send, effects } = begun({}, ['kestrel', 'merlin', 'hobby']);
    hear(digestOf());
    if (isConnected) send({ kind: 'peerUp', peer: 'hobby' });
    for (let s = 1; s <= 25; s++) {
      hear(digestOf({ beat: 1 + s }));
      send({ kind: 'timer', timer: 'heartbeat' }, 1_000);
      const works = effects.some(({ kind }) => kind === 'compute');
      t.is(works, s > waitS, `${s} s`);
    }
  });
}

test('a word of it that came by others is enough', (t) => {
  const { hear, effects } = begun({}, ['kestrel', 'merlin', 'hobby']);
  const about = [{ id: 'hobby', standing: standingOf() }];
  hear({ kind: 'digest', standing: standingOf(), vouches: false, about });
  t.true(effects.some(({ kind }) => kind === 'compute'));
});

test('sets of buckets of another size, and steps that there are not, cost the streams', (t) => {
  const { actor, hear } = started();
  const long = new Uint8Array(2);
  const durable = { step: 1, root: ROOT, previousRoot: ROOT, buckets: long };
  const senseless: Partial<Standing>[] = [
    { has: long },
    { held: new Uint8Array(0) },
    { heldBefore: long },
    { durable: [durable] },
    { step: 4 },
  ];
  for (const over of senseless) {
    const wrong = standingOf({ beat: 9, ...over });
    const about = [{ id: 'hobby', standing: wrong }];
    const passedOn: Message = { ...digestOf({ beat: 9 }), about } as Message;
    for (const message of [digestOf({ beat: 9, ...over }), passedOn]) {
      const effects = hear(message);
      t.deepEqual(
        effects.map(({ kind }) => kind),
        ['disconnect'],
        JSON.stringify(over),
      );
    }
  }
  t.deepEqual(
    actor.status.others.map(({ id }) => id),
    ['merlin'],
  );
});
