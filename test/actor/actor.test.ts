/** The actor alone: what it refuses, what it ignores, and that it is a pure transition. */
import test from 'ava';
import { Actor, type ActorOptions, type Effect, type EventBody } from '../../node/actor/index.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { firstRoot, hashOf, valueHash } from '../../protocol/hashes.ts';
import type { Message } from '../../protocol/messages.ts';

const OPTIONS: ActorOptions = {
  self: 'kestrel',
  members: [
    { id: 'kestrel', capacity: 1 },
    { id: 'merlin', capacity: 1 },
  ],
  runId: hashOf('a run'),
  numericsClass: 'none',
  steps: 3,
  languages: [
    { id: 'swh_Latn', unitsPerStep: 2 },
    { id: 'tur_Latn', unitsPerStep: 2 },
  ],
  layout: layoutBuckets([{ name: 'w', shape: [4, 2], layer: 'w' }], 16),
  groups: 'bucket',
  clips: false,
  checkpointEverySteps: null,
};

const VALUE = { published: hashOf('p'), optimizer: hashOf('o'), aggregator: hashOf('a') };
const VALUES = OPTIONS.layout.buckets.map(() => VALUE);
const ROOT = firstRoot(OPTIONS.runId, OPTIONS.numericsClass, VALUES.map(valueHash));

/** An actor that stands at step 0, and the buckets that it owns. */
function started() {
  const actor = new Actor(OPTIONS);
  const send = (body: EventBody): Effect[] => actor.receive({ nowMs: 1, ...body });
  const effects = send({
    kind: 'start',
    state: { step: 0, root: ROOT, previousRoot: null, values: VALUES },
  });
  const computes = effects.filter((effect) => effect.kind === 'compute');
  const hear = (message: Message, payload: number | null = null) =>
    send({ kind: 'message', from: 'merlin', message, payload });
  return { actor, send, hear, computes };
}

const sumOf = (bucket: number, over: object = {}): Message => ({
  kind: 'sum',
  step: 0,
  root: ROOT,
  language: 0,
  level: 1,
  index: 0,
  bucket,
  outcome: 'tensor',
  tokens: 5,
  lossSum: 1,
  hash: hashOf('sum'),
  ...over,
});

/** The first bucket for which the actor files a sum, so one that it owns; and the filing effect. */
function ownedBucket(hear: (message: Message, payload: number | null) => Effect[]) {
  for (const { index } of OPTIONS.layout.buckets) {
    const file = hear(sumOf(index), 1).find(({ kind }) => kind === 'file');
    if (file?.kind === 'file') return { bucket: index, file };
  }
  throw new Error('this node owns no bucket');
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
  const root = hashOf('other');
  const digest: Message = {
    kind: 'digest',
    step: 0,
    root,
    staged: 0,
    durable: null,
    stopAt: null,
    finished: false,
  };
  const failed = hear(digest).find(({ kind }) => kind === 'failed');
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
