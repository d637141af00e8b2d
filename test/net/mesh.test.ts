/** Nodes find each other through anyone, end with one link per pair, and come back together. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createIdentity, openNetwork } from '../../node/net/index.ts';
import { freeAddress, HELLO, openNode, openPair, until } from './helpers.ts';

test('a node that knows one peer finds all', async (t) => {
  const [a, b] = await openPair(t);
  const c = await openNode(t, { peers: [b.address] });
  const d = await openNode(t, { peers: [c.address] });
  await until(() => [a, b, c, d].every(({ network }) => network.peers().length === 3));
  d.network.send(a.network.peerId, { hello: 'a' }, new Uint8Array(10), 'bulk');
  await until(() => a.frames.length === 1);
  t.is(a.frames[0]?.peerId, d.network.peerId);
});

test('nodes that dial each other at once end with one control and one bulk stream', async (t) => {
  const [first, second] = [await freeAddress(), await freeAddress()];
  const [a, b] = await Promise.all([
    openNode(t, { listen: [first], peers: [second] }),
    openNode(t, { listen: [second], peers: [first] }),
  ]);
  await until(() => a.network.peers().length === 1 && b.network.peers().length === 1);
  for (let i = 0; i < 50; i++) a.network.send(b.network.peerId, { i }, undefined, 'bulk');
  await until(() => b.frames.length === 50);
  t.deepEqual(
    [a, b].map(({ events }) => events.map(({ kind }) => kind)),
    [['up'], ['up']],
  );
});

test('a node that comes back under its identity takes the place of its old link', async (t) => {
  const identity = await createIdentity();
  const a = await openNode(t);
  const first = await openNode(t, { identity, peers: [a.address] });
  await until(() => a.network.peers().length === 1 && first.network.peers().length === 1);
  await first.network.close();
  await until(() => a.network.peers().length === 0);
  const second = await openNode(t, { identity, peers: [a.address] });
  await until(() => a.network.peers().length === 1 && second.network.peers().length === 1);
  t.deepEqual(
    a.events.map(({ kind }) => kind),
    ['up', 'down', 'up'],
  );
});

/** A TCP relay to `port` that can cut what runs through it. */
async function openRelay(t: ExecutionContext, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  return { address: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`, cut };
}

test('two nodes whose connection is cut come together again', async (t) => {
  const a = await openNode(t);
  const relay = await openRelay(t, Number(/tcp\/(\d+)/.exec(a.address)?.[1]));
  const b = await openNode(t, { peers: [relay.address] });
  const isUp = () => a.network.peers().length === 1 && b.network.peers().length === 1;
  await until(isUp);
  relay.cut();
  await until(() => a.events.length >= 3 && b.events.length >= 3 && isUp());
  for (const { events } of [a, b])
    t.deepEqual(
      events.map(({ kind }) => kind),
      ['up', 'down', 'up'],
    );
  b.network.send(a.network.peerId, { again: true }, new Uint8Array(100), 'bulk');
  await until(() => a.frames.length === 1);
  t.deepEqual(a.frames[0]?.header, { again: true });
});

test('a node that dials itself goes on without', async (t) => {
  const address = await freeAddress();
  const a = await openNode(t, { listen: [address], peers: [address] });
  await until(() => a.lines.some((line) => /this node itself/.test(line)));
  const b = await openNode(t, { peers: [a.address] });
  await until(() => a.network.peers().length === 1 && b.network.peers().length === 1);
  t.deepEqual(a.refusals, []);
});

test('closing at once, twice, and with nobody there, ends', async (t) => {
  const log = { info: () => {}, warn: () => {} };
  const identity = await createIdentity();
  const network = await openNetwork({ identity, listen: [], peers: [], hello: HELLO, log });
  await Promise.all([network.close(), network.close()]);
  t.deepEqual(network.peers(), []);
});
