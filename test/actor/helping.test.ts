/** What the actor does for others: it follows an owner as a backup, and computes what they want. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import { hashOf } from '../../protocol/hashes.ts';
import { type Message, packNumbers } from '../../protocol/messages.ts';
import { ALL, OPTIONS, ROOT, started, THEIRS } from './one-actor.ts';

const STATE = new Uint8Array(16);
const RESOLUTION = {
  present: new Uint8Array([1, 1]),
  gram: packNumbers(Float64Array.of(1, 0, 1)),
  weights: packNumbers(Float64Array.of(0.5, 0.5)),
  gapRelative: 0,
  converged: true,
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

test('a direction with a state of another length costs the streams, and is not followed', (t) => {
  for (const bytes of [0, 8, 24]) {
    const { hear } = started({ redundancy: 2 });
    const [effect, ...more] = hear(
      {
        ...({ kind: 'direction', step: 0, root: ROOT, bucket: 0, outcome: 'tensor' } as const),
        ...{ hash: hashOf('d'), state: new Uint8Array(bytes), resolution: RESOLUTION },
      },
      1,
    );
    t.true(effect?.kind === 'disconnect' && /state of 2 numbers expected/.test(effect.reason));
    t.deepEqual(more, []);
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

test('a whole value that none can mean costs the streams; one not asked for is let go', (t) => {
  const whole = (bucket: number, step = 0): Message => ({
    kind: 'whole',
    step,
    root: ROOT,
    bucket,
  });
  for (const [message, payload] of [
    [whole(99), 1],
    [whole(0, OPTIONS.steps + 1), 1],
    [whole(0), null],
  ] as const) {
    const { hear } = started({ redundancy: 2 });
    const [effect] = hear(message, payload);
    t.true(effect?.kind === 'disconnect' && effect.reason.startsWith('whole of step'));
  }
  const { hear } = started({ redundancy: 2 });
  t.deepEqual(hear(whole(0), 1), []);
});
