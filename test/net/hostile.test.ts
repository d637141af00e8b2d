/** Peers that break the rules: their connection ends with a named reason, the others go on. */
import { connect } from 'node:net';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Libp2p, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import test, { type ExecutionContext } from 'ava';
import { createLibp2p } from 'libp2p';
import { createIdentity } from '../../node/net/index.ts';
import { encodeFrame, FrameDecoder } from '../../protocol/wire.ts';
import { openNode, openPair, type TestNode, until } from './helpers.ts';

/** A bare libp2p host with a peer id below or above the node's, as the test needs it. */
async function openStranger(
  t: ExecutionContext,
  node: TestNode,
  order: 'below' | 'above',
): Promise<Libp2p> {
  for (;;) {
    const privateKey = await createIdentity();
    const isBelow = privateKey.publicKey.toString() < node.network.peerId;
    if (isBelow !== (order === 'below')) continue;
    const stranger = await createLibp2p({
      privateKey,
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ streamOptions: { initialStreamWindowSize: 1024 * 1024 } })],
    });
    t.teardown(() => stranger.stop());
    return stranger;
  }
}

/** What a stranger's control stream says before it ends. */
function listen(stream: Stream): { kinds: string[]; refusal: () => string } {
  const headers: { kind: string; error?: string; message?: string }[] = [];
  const decoder = new FrameDecoder({ maxHeaderBytes: 65536, maxPayloadBytes: 0 });
  void (async () => {
    for await (const data of stream)
      for (const { header } of decoder.push(data.subarray()))
        headers.push(header as { kind: string });
  })().catch(() => {});
  return {
    get kinds() {
      return headers.map(({ kind }) => kind);
    },
    refusal: () => {
      const said = headers.find(({ kind }) => kind === 'refuse');
      return said ? `${said.error}: ${said.message}` : '';
    },
  };
}

/** Sends bytes first on a control stream; checks the refusal, and that others are unharmed. */
async function checkRefused(
  t: ExecutionContext,
  bytes: readonly Uint8Array[],
  expected: { name: string; message: RegExp },
): Promise<void> {
  const [a, b] = await openPair(t);
  const stranger = await openStranger(t, a, 'below');
  const connection = await stranger.dial(multiaddr(a.address));
  const stream = await connection.newStream('/isogloss/control');
  const heard = listen(stream);
  for (const chunk of bytes) stream.send(chunk);
  await until(
    () => a.refusals.length > 0 && heard.refusal() !== '' && connection.status !== 'open',
  );
  t.is(a.refusals[0]?.error.name, expected.name);
  t.regex(a.refusals[0]?.error.message ?? '', expected.message);
  t.true(heard.refusal().startsWith(`${expected.name}: `), heard.refusal());
  t.is(a.refusals[0]?.peerId, stranger.peerId.toString());
  a.network.send(b.network.peerId, { still: 'here' }, new Uint8Array(1000), 'bulk');
  await until(() => b.frames.length === 1);
  t.deepEqual(
    a.events.map(({ kind }) => kind),
    ['up'],
  );
}

const link = (header: unknown) => encodeFrame(header, undefined, 'link');
const nonce = link({ kind: 'nonce', nonce: new Uint8Array(32) });

function changed(chunks: readonly Uint8Array[], at: number, value: number): Uint8Array[] {
  const bytes = new Uint8Array(Buffer.concat(chunks));
  bytes[at] = value;
  return [bytes];
}

test('a frame of another protocol version', (t) =>
  checkRefused(t, changed(nonce, 4, 9), {
    name: 'ProtocolVersionError',
    message: /speaks protocol 9, this node 5/,
  }));

test('a frame that is too long', (t) =>
  checkRefused(t, changed(nonce, 11, 0x7f), {
    name: 'FrameTooLongError',
    message: /header is \d+ bytes long, the limit is 8192/,
  }));

test('bytes that are no frame', (t) =>
  checkRefused(t, [new Uint8Array(64).fill(0x47)], {
    name: 'FrameMalformedError',
    message: /no frame/,
  }));

test('a hello before the proof of the key', (t) =>
  checkRefused(t, [...nonce, ...link({ kind: 'bye' })], {
    name: 'FrameMalformedError',
    message: /bye before both hellos/,
  }));

test('a message before the hello', (t) =>
  checkRefused(t, [...nonce, ...encodeFrame({ kind: 'digest' })], {
    name: 'FrameMalformedError',
    message: /message before both hellos/,
  }));

test('a proof where no key is', (t) =>
  checkRefused(t, [...nonce, ...link({ kind: 'proof', proof: new Uint8Array(32) })], {
    name: 'NetworkKeyError',
    message: /network key differs/,
  }));

test('a link frame of no known kind', (t) =>
  checkRefused(t, link({ kind: 'nonce', nonce: new Uint8Array(32), extra: 1 }), {
    name: 'FrameMalformedError',
    message: /unknown link frame/,
  }));

test('an admitted peer that sends a frame that is too long loses its link only', async (t) => {
  const [a, b] = await openPair(t, { limits: { maxPayloadBytes: 1024 } });
  const c = await openNode(t, { limits: { maxPayloadBytes: 4096 }, peers: [a.address] });
  await until(() => [a, b, c].every(({ network }) => network.peers().length === 2));
  c.network.send(a.network.peerId, {}, new Uint8Array(2000), 'bulk');
  await until(() => a.refusals.length > 0 && c.refusals.length > 0);
  t.is(a.refusals[0]?.error.name, 'FrameTooLongError');
  t.regex(c.refusals[0]?.error.message ?? '', /FrameTooLongError.*2000 bytes.*limit is 1024/);
  b.network.send(a.network.peerId, { still: 'here' }, undefined, 'bulk');
  await until(() => a.frames.length === 1);
  t.deepEqual(
    a.network.peers().map(({ peerId }) => peerId),
    [b.network.peerId],
  );
});

test('a node that is told to part with a peer says why and keeps the others', async (t) => {
  const [a, b] = await openPair(t);
  const c = await openNode(t, { peers: [a.address] });
  await until(() => [a, b, c].every(({ network }) => network.peers().length === 2));
  a.network.disconnect(c.network.peerId, 'its message has no step');
  await until(() => c.refusals.length > 0);
  t.regex(c.refusals[0]?.error.message ?? '', /LinkError: its message has no step/);
  t.deepEqual(
    a.network.peers().map(({ peerId }) => peerId),
    [b.network.peerId],
  );
});

test('a stranger who should wait for our stream and opens one itself gets it reset', async (t) => {
  const [a] = await openPair(t);
  const stranger = await openStranger(t, a, 'above');
  const connection = await stranger.dial(multiaddr(a.address));
  const stream = await connection.newStream('/isogloss/control');
  await until(() => stream.status !== 'open');
  t.is(a.network.peers().length, 1);
});

test('garbage on the port, and a connection that says nothing, harm nobody', async (t) => {
  const [a, b] = await openPair(t);
  const port = Number(/tcp\/(\d+)/.exec(a.address)?.[1]);
  const garbage = connect(port, '127.0.0.1');
  garbage.on('error', () => {});
  garbage.write('GET / HTTP/1.1\r\n'.repeat(20));
  const silent = connect(port, '127.0.0.1');
  silent.on('error', () => {});
  t.teardown(() => silent.destroy());
  await until(() => garbage.closed);
  a.network.send(b.network.peerId, { still: 'here' }, undefined, 'control');
  await until(() => b.frames.length === 1);
  t.is(a.network.peers().length, 1);
});

test('of many streams that a stranger opens one is heard, and the others are reset', async (t) => {
  const [a, b] = await openPair(t);
  const stranger = await openStranger(t, a, 'below');
  const connection = await stranger.dial(multiaddr(a.address));
  const names = Array.from({ length: 24 }, (_, i) => `/isogloss/${i % 2 ? 'bulk' : 'control'}`);
  const opened = await Promise.allSettled(names.map((name) => connection.newStream(name)));
  const streams = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const open = () => streams.filter(({ status }) => status === 'open');
  await until(() => open().length <= 1);
  t.true(open().every(({ protocol }) => protocol === '/isogloss/control'));
  b.network.send(a.network.peerId, { still: 'here' }, undefined, 'bulk');
  await until(() => a.frames.length === 1);
  t.is(a.network.peers().length, 1);
});

test('who finds no room waits until there is some', async (t) => {
  const a = await openNode(t, { limits: { maxPeers: 1 } });
  const b = await openNode(t, { peers: [a.address] });
  await until(() => a.network.peers().length === 1);
  const c = await openNode(t, { peers: [a.address] });
  await until(() => c.lines.length > 0);
  t.deepEqual(
    a.network.peers().map(({ peerId }) => peerId),
    [b.network.peerId],
  );
  await b.network.close();
  await until(() => a.network.peers()[0]?.peerId === c.network.peerId);
  t.is(a.network.peers().length, 1);
});
