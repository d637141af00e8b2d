/** The actor alone: what it refuses, what it ignores, and that it is a pure transition. */
import test from 'ava';
import { Actor, type ActorOptions, type Effect, type EventBody } from '../../node/actor/index.ts';
import { packBuckets } from '../../protocol/bucket-set.ts';
import { layoutBuckets } from '../../protocol/buckets.ts';
import { firstRoot, hashOf, valueHash } from '../../protocol/hashes.ts';
import { type Message, packNumbers, type Standing } from '../../protocol/messages.ts';
import { place } from '../../protocol/placement.ts';

const OPTIONS: ActorOptions = {
  self: 'kestrel',
  incarnation: 1,
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
  redundancy: 1,
};

const VALUE = { published: hashOf('p'), optimizer: hashOf('o'), aggregator: hashOf('a') };
const VALUES = OPTIONS.layout.buckets.map(() => VALUE);
const ROOT = firstRoot(OPTIONS.runId, OPTIONS.numericsClass, VALUES.map(valueHash));

const BASE = { root: ROOT, values: VALUES };
const ALL = OPTIONS.layout.buckets.map(({ index }) => index);
const bits = (buckets: readonly number[] = ALL) => packBuckets(buckets, ALL.length);

const standingOf = (over: Partial<Standing> = {}): Standing => ({
  incarnation: 1,
  beat: 1,
  step: 0,
  root: ROOT,
  previousRoot: null,
  complete: true,
  has: bits([]),
  held: bits([]),
  heldFrom: 0,
  heldBefore: bits([]),
  activeFrom: 0,
  durable: [],
  stopAt: null,
  leaving: false,
  done: false,
  finished: false,
  ...over,
});

const digestOf = (over: Partial<Standing> = {}): Message => ({
  kind: 'digest',
  standing: standingOf(over),
  about: [],
});

/** An actor that has begun among members that have not said a word, and what it did since. */
function begun(over: Partial<ActorOptions> = {}, members = ['kestrel', 'merlin']) {
  const actor = new Actor({ ...OPTIONS, ...over });
  const effects: Effect[] = [];
  let nowMs = 0;
  const send = (body: EventBody, laterMs = 0): Effect[] => {
    nowMs += laterMs;
    const more = actor.receive({ nowMs, ...body });
    effects.push(...more);
    return more;
  };
  const hear = (message: Message, payload: number | null = null, from = 'merlin') =>
    send({ kind: 'message', from, message, payload });
  send({ kind: 'start', beginning: { members, base: BASE, disk: [] } });
  return { actor, send, hear, effects };
}

/** What both nodes of a run at step 0 are placed to hold. */
const SHARES = place(
  [
    { id: 'kestrel', capacity: 1 },
    { id: 'merlin', capacity: 1 },
  ],
  {
    runId: OPTIONS.runId,
    buckets: ALL.length,
    unitsByLanguage: [2, 2],
    redundancy: 1,
  },
).holders;
const [OURS, THEIRS] = ['kestrel', 'merlin'].map((id) =>
  ALL.filter((bucket) => SHARES[bucket]![0] === id),
) as [number[], number[]];

/** An actor at step 0 with all its share of the work, after merlin has spoken. */
function started(over: Partial<ActorOptions> = {}) {
  const { actor, send, hear } = begun(over);
  const held = over.redundancy === 2 ? ALL : THEIRS;
  const words = { has: bits(held), held: bits(held), heldBefore: bits(held) };
  const effects = hear(digestOf(words));
  const computes = effects.filter((effect) => effect.kind === 'compute');
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
  hear({ kind: 'digest', standing: standingOf(), about });
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
    const passedOn: Message = { kind: 'digest', standing: standingOf({ beat: 9 }), about };
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

const STATE = new Uint8Array(16);
const RESOLUTION = {
  present: new Uint8Array([1, 1]),
  gram: packNumbers(Float64Array.of(1, 0, 1)),
  weights: packNumbers(Float64Array.of(0.5, 0.5)),
  gapRelative: 0,
  squaredNorm: null,
  losses: [
    { tokens: 5, lossSum: 1 },
    { tokens: 5, lossSum: 1 },
  ],
};

test('a backup makes the value from the direction, and tells nobody', (t) => {
  const { hear, send, actor } = started({ redundancy: 2 });
  t.deepEqual(actor.status.held, ALL);
  const [bucket] = THEIRS as [number];
  const direction: Message = {
    ...({ kind: 'direction', step: 0, root: ROOT, bucket, outcome: 'tensor' } as const),
    ...{ hash: hashOf('d'), state: STATE, resolution: RESOLUTION },
  };
  const [file] = hear(direction, 1);
  t.true(file?.kind === 'file' && file.hash === hashOf('d'));
  const asked = send({ kind: 'filed', key: file!.kind === 'file' ? file.key : '', ok: true });
  t.deepEqual(
    asked.map((effect) => effect.kind),
    ['follow', 'setState', 'update'],
  );
  t.deepEqual(asked.at(-1), { kind: 'update', step: 0, bucket, squaredNorm: null });
  const made = { published: hashOf('p1'), optimizer: hashOf('o1') };
  const done = send({ kind: 'updated', step: 0, bucket, finite: true, ...made });
  t.deepEqual(done, []);
  t.false(actor.status.missing.whole.includes(bucket));
  t.false(actor.status.missing.updates.includes(bucket));
  const other: Message = {
    ...({ kind: 'update', step: 0, root: ROOT, bucket, outcome: 'tensor' } as const),
    ...{ ...made, aggregator: hashOf(STATE), resolution: RESOLUTION },
  };
  t.deepEqual(hear(other, 2), [], 'the owner’s own update brings no news');
});

test('a direction that lacks its norm, or has one too many, costs the streams', (t) => {
  for (const [clips, squaredNorm] of [
    [false, 1],
    [true, null],
  ] as const) {
    const { hear } = started({ redundancy: 2, clips });
    const resolution = { ...RESOLUTION, squaredNorm };
    const effects = hear(
      {
        ...({ kind: 'direction', step: 0, root: ROOT, bucket: 0, outcome: 'tensor' } as const),
        ...{ hash: hashOf('d'), state: STATE, resolution },
      },
      1,
    );
    t.deepEqual(
      effects.map(({ kind }) => kind),
      ['disconnect'],
    );
  }
});

/** A want for the sums of all units of a language that this actor does not compute of itself. */
function wantOfTheirs(computes: readonly Effect[], compute: boolean): Message {
  const own = new Set(computes.map((effect) => effect.kind === 'compute' && effect.language));
  const language = [0, 1].find((one) => !own.has(one));
  if (language === undefined) throw new Error('each of the two nodes has a language');
  const name = { kind: 'sum', step: 0, language, level: 1, index: 0, bucket: 0 } as const;
  return { kind: 'want', step: 0, root: ROOT, names: [name], compute };
}

test('sums that nobody has are computed for whoever wants that, and only once', (t) => {
  const { hear, computes } = started();
  t.deepEqual(hear(wantOfTheirs(computes, false)), []);
  const begun = hear(wantOfTheirs(computes, true));
  t.deepEqual(
    begun.map((effect) => [effect.kind, effect.kind === 'compute' && effect.unit]),
    [
      ['compute', 0],
      ['compute', 1],
    ],
  );
  t.deepEqual(hear(wantOfTheirs(computes, true)), []);
});

test('nothing is computed for a want of another root, language, bucket or step', (t) => {
  const { hear, computes } = started();
  const want = wantOfTheirs(computes, true);
  if (want.kind !== 'want') throw new Error('a want');
  const [name] = want.names as [Extract<(typeof want.names)[number], { kind: 'sum' }>];
  for (const wrong of [
    { ...want, root: hashOf('other') },
    { ...want, names: [{ ...name, language: 7 }] },
    { ...want, names: [{ ...name, bucket: 99 }] },
    { ...want, names: [{ ...name, step: 1 }] },
  ]) {
    t.deepEqual(hear(wrong), []);
  }
});
