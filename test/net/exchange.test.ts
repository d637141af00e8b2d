/** Frames between nodes that belong together: order, size, backpressure, leave-taking. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { freeAddress, HELLO, KEY, openNode, openPair, until } from './helpers.ts';

const MIB = 1024 * 1024;

function pattern(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let word = seed;
  for (let i = 0; i < words.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[i] = word;
  }
  return new Uint8Array(words.buffer);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('two nodes with a key exchange frames on both channels, each in order', async (t) => {
  const [a, b] = await openPair(t, { networkKey: KEY });
  for (let i = 0; i < 200; i++) {
    t.true(a.network.send(b.network.peerId, { i, from: 'a' }, undefined, 'control'));
    t.true(a.network.send(b.network.peerId, { i, from: 'a' }, pattern(400, i), 'bulk'));
    t.true(b.network.send(a.network.peerId, { i, from: 'b' }, pattern(80, i), 'control'));
  }
  await until(() => a.frames.length === 200 && b.frames.length === 400);
  const numbersOf = (frames: typeof a.frames) =>
    frames.map(({ header }) => (header as { i: number }).i);
  const expected = Array.from({ length: 200 }, (_, i) => i);
  t.deepEqual(numbersOf(a.frames), expected);
  t.deepEqual(numbersOf(b.frames.filter(({ payload }) => payload !== undefined)), expected);
  t.deepEqual(numbersOf(b.frames.filter(({ payload }) => payload === undefined)), expected);
  t.deepEqual(a.frames[3]?.payload, new Uint8Array(pattern(80, 3)));
  t.is(a.frames[0]?.peerId, b.network.peerId);
  const sent = a.network.bytes();
  t.is(sent.sent, b.network.bytes().received);
  t.is(sent.perPeer[b.network.peerId]?.sent, sent.sent);
  t.true(sent.sent > 200 * 400);
});

test('a payload of 8 MiB arrives intact in a buffer of its own', async (t) => {
  const [a, b] = await openPair(t, { limits: { maxPayloadBytes: 8 * MIB } });
  const payload = pattern(8 * MIB, 1);
  a.network.send(b.network.peerId, { what: 'big' }, payload, 'bulk');
  await until(() => b.frames.length === 1);
  const received = b.frames[0]?.payload ?? new Uint8Array();
  t.is(sha256(received), sha256(payload));
  t.is(received.buffer.byteLength, 8 * MIB);
});

test('a queue is bounded: frames beyond it are dropped and told, the others arrive', async (t) => {
  const [a, b] = await openPair(t, { limits: { maxQueuedBytes: 4 * MIB } });
  const payload = pattern(MIB, 2);
  const taken = Array.from({ length: 10 }, (_, i) =>
    a.network.send(b.network.peerId, { i }, payload, 'bulk'),
  );
  t.deepEqual(taken, [true, true, true, false, false, false, false, false, false, false]);
  t.true(a.network.queuedBytes(b.network.peerId) <= 4 * MIB);
  await until(() => b.frames.length === 3 && a.network.queuedBytes(b.network.peerId) === 0);
  t.true(a.lines.some((line) => /too slowly/.test(line)));
  t.true(a.network.send(b.network.peerId, { i: 10 }, payload, 'bulk'));
  await until(() => b.frames.length === 4);
  t.pass();
});

test('what is queued arrives before a closing node is gone; the other hears of it', async (t) => {
  const [a, b] = await openPair(t);
  const payload = pattern(MIB, 3);
  for (let i = 0; i < 6; i++) a.network.send(b.network.peerId, { i }, payload, 'bulk');
  await a.network.close();
  t.is(b.frames.length, 6);
  await until(() => b.events.length === 2);
  const [up, down] = b.events;
  t.is(up?.kind, 'up');
  t.deepEqual([down?.kind, down?.kind === 'down' && down.reason], ['down', 'it left']);
  t.false(a.network.send(b.network.peerId, {}, undefined, 'control'));
});

test('a node that opens with port 0 says where it listens, a peer where it is found', async (t) => {
  const [a, b] = await openPair(t, { hello: { name: 'merlin' } });
  t.regex(a.address, /^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*\/p2p\/12D3/);
  t.deepEqual(b.network.peers(), [
    {
      peerId: a.network.peerId,
      name: 'merlin',
      packageVersion: HELLO.packageVersion,
      addresses: a.network.addresses(),
      isUnderWay: false,
    },
  ]);
  a.network.isUnderWay = true;
  const late = await openNode(t, { peers: [a.address] });
  await until(() => late.network.peers().length > 0);
  t.true(late.network.peers().find(({ name }) => name === 'merlin')?.isUnderWay);
});

test('a node that is dialled before it is up is found once it is', async (t) => {
  const address = await freeAddress();
  const early = await openNode(t, { peers: [address] });
  const late = await openNode(t, { listen: [address] });
  await until(() => early.network.peers().length === 1 && late.network.peers().length === 1);
  t.pass();
});
