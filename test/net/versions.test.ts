/** Of what waits for a slow peer, a newer version takes the place of an older one. */
import test from 'ava';
import { openPair, until } from './helpers.ts';

const MIB = 2 ** 20;
const ofBucket = (bucket: number, number: number) => ({ of: `bucket ${bucket}`, number });
const numbersOf = (frames: readonly { header: unknown }[]) =>
  frames.map(({ header }) => (header as { i: number }).i);

test('the newest goes, where the oldest waited', async (t) => {
  const [a, b] = await openPair(t);
  const { peerId } = b.network;
  const payload = new Uint8Array(1000);
  a.network.send(peerId, { i: 0 }, payload, 'bulk', ofBucket(0, 1));
  a.network.send(peerId, { i: 1 }, payload, 'bulk', ofBucket(1, 1));
  a.network.send(peerId, { i: 2 }, payload, 'bulk');
  const before = a.network.queuedBytes(peerId);
  a.network.send(peerId, { i: 3 }, new Uint8Array(3000), 'bulk', ofBucket(0, 2));
  a.network.send(peerId, { i: 4 }, payload, 'bulk', ofBucket(0, 3));
  t.is(a.network.queuedBytes(peerId), before);
  a.network.send(peerId, { i: 5 }, payload, 'bulk');
  await until(() => b.frames.length === 4);
  t.deepEqual(numbersOf(b.frames), [4, 1, 2, 5]);
  t.deepEqual(b.frames[0]?.payload, payload);
});

test('what is asked for although a newer version waits goes too', async (t) => {
  const [a, b] = await openPair(t);
  const { peerId } = b.network;
  const payload = new Uint8Array(1000);
  a.network.send(peerId, { i: 0 }, payload, 'bulk', ofBucket(0, 2));
  a.network.send(peerId, { i: 1 }, payload, 'bulk', ofBucket(0, 1));
  a.network.send(peerId, { i: 2 }, payload, 'bulk', ofBucket(0, 2));
  await until(() => b.frames.length === 3);
  t.deepEqual(numbersOf(b.frames), [0, 2, 1].sort());
});

test('a frame that has begun to leave is not replaced', async (t) => {
  const [a, b] = await openPair(t, { limits: { maxPayloadBytes: 16 * MIB } });
  const { peerId } = b.network;
  const payload = new Uint8Array(16 * MIB).fill(7);
  a.network.send(peerId, { i: 0 }, payload, 'bulk', ofBucket(0, 1));
  await Promise.resolve();
  const left = a.network.queuedBytes(peerId);
  t.true(left < payload.length, 'a part of it has left');
  a.network.send(peerId, { i: 1 }, new Uint8Array(10), 'bulk', ofBucket(0, 2));
  await until(() => b.frames.length === 2);
  t.deepEqual(numbersOf(b.frames), [0, 1]);
  t.true(Buffer.from(b.frames[0]?.payload ?? []).equals(payload));
});

test('a full queue takes a newer version in the place of an older one', async (t) => {
  const [a, b] = await openPair(t, { limits: { maxQueuedBytes: 4 * MIB } });
  const { peerId } = b.network;
  const payload = new Uint8Array(MIB);
  const taken = [0, 1, 2, 3].map((i) =>
    a.network.send(peerId, { i }, payload, 'bulk', ofBucket(i, 1)),
  );
  t.deepEqual(taken, [true, true, true, false]);
  t.true(a.network.send(peerId, { i: 5 }, payload, 'bulk', ofBucket(1, 2)));
  await until(() => b.frames.length === 3);
  t.deepEqual(numbersOf(b.frames), [0, 5, 2]);
});
