/** Who does not belong is refused by name on both sides, and nobody else notices. */
import test, { type ExecutionContext } from 'ava';
import { createIdentity, openNetwork } from '../../node/net/index.ts';
import { freeAddress, HELLO, KEY, openNode, openPair, type TestNode, until } from './helpers.ts';

/** Two nodes that belong together, before and after a stranger has tried to join them. */
async function checkUnharmed(t: ExecutionContext, a: TestNode, b: TestNode): Promise<void> {
  const before = b.frames.length;
  t.true(a.network.send(b.network.peerId, { still: 'here' }, new Uint8Array(1000), 'bulk'));
  await until(() => b.frames.length === before + 1);
  t.deepEqual(
    a.events.map(({ kind }) => kind),
    ['up'],
  );
  t.deepEqual(
    b.events.map(({ kind }) => kind),
    ['up'],
  );
}

/** A stranger dials `a`; gives the errors that both get. */
async function refusedBoth(
  t: ExecutionContext,
  a: TestNode,
  options: Parameters<typeof openNode>[1],
): Promise<{ host: Error; stranger: Error }> {
  const stranger = await openNode(t, { peers: [a.address], ...options });
  await until(() => a.refusals.length > 0 && stranger.refusals.length > 0);
  const [first] = stranger.refusals;
  t.is(first?.configured, a.address);
  t.is(a.refusals[0]?.peerId, stranger.network.peerId);
  t.deepEqual(stranger.network.peers(), []);
  return { host: a.refusals[0]!.error, stranger: first!.error };
}

test('another run is refused on both sides, with both runs named', async (t) => {
  const parts = { seed: '1', steps: '2' };
  const [a, b] = await openPair(t, { networkKey: KEY, hello: { runParts: parts } });
  const other = { runId: 'b'.repeat(64), runParts: { ...parts, seed: '3', groups: '4' } };
  const errors = await refusedBoth(t, a, { networkKey: KEY, hello: other });
  for (const { name, message } of [errors.host, errors.stranger]) {
    t.is(name, 'RunMismatchError');
    t.true(message.includes(HELLO.runId) && message.includes('b'.repeat(64)), message);
    t.regex(message, /: groups, seed differ\. /);
  }
  await checkUnharmed(t, a, b);
});

test('another redundancy is refused on both sides, with both numbers named', async (t) => {
  const [a, b] = await openPair(t);
  const errors = await refusedBoth(t, a, { hello: { redundancy: 3, name: 'osprey' } });
  for (const { name } of [errors.host, errors.stranger]) t.is(name, 'RedundancyMismatchError');
  t.regex(errors.host.message, /^osprey .* on 3 of the nodes, this node on 2\./);
  await checkUnharmed(t, a, b);
});

test('another numerics class is refused on both sides, with both classes named', async (t) => {
  const [a, b] = await openPair(t);
  const errors = await refusedBoth(t, a, { hello: { numericsClass: 'onnx-9', name: 'osprey' } });
  for (const { name, message } of [errors.host, errors.stranger]) {
    t.is(name, 'NumericsClassError');
    t.regex(message, /onnx-9/);
    t.regex(message, /reference-1/);
  }
  t.regex(errors.host.message, /^osprey/);
  await checkUnharmed(t, a, b);
});

test('a canary that gave other bits is refused though the classes have one name', async (t) => {
  const [a, b] = await openPair(t, { hello: { canaryHash: 'c1' } });
  const errors = await refusedBoth(t, a, { hello: { canaryHash: 'c2' } });
  for (const { name, message } of [errors.host, errors.stranger]) {
    t.is(name, 'NumericsClassError');
    t.regex(message, /canary c1/);
    t.regex(message, /canary c2/);
  }
  await checkUnharmed(t, a, b);
});

test('another protocol version is refused on both sides, with both versions named', async (t) => {
  const [a, b] = await openPair(t);
  const hello = { protocolVersion: 99, packageVersion: '9.9.9' };
  const errors = await refusedBoth(t, a, { hello });
  for (const { name, message } of [errors.host, errors.stranger]) {
    t.is(name, 'ProtocolVersionError');
    t.regex(message, /99 \(isogloss 9\.9\.9\)/);
    t.regex(message, /5 \(isogloss 0\.1\.0\)/);
  }
  await checkUnharmed(t, a, b);
});

test('a peer that is not on the allow-list is refused and told so', async (t) => {
  const identities = await Promise.all([createIdentity(), createIdentity()]);
  const allow = identities.map(({ publicKey }) => publicKey.toString());
  const a = await openNode(t, { identity: identities[0]!, allow });
  const b = await openNode(t, { identity: identities[1]!, allow, peers: [a.address] });
  await until(() => a.network.peers().length === 1 && b.network.peers().length === 1);
  const errors = await refusedBoth(t, a, {});
  t.is(errors.host.name, 'PeerNotAllowedError');
  t.is(errors.stranger.name, 'PeerNotAllowedError');
  t.regex(errors.stranger.message, /does not allow this node\. Add 12D3\w+ to its network\.allow/);
  await checkUnharmed(t, a, b);
});

for (const [what, networkKey] of [
  ['another network key', new Uint8Array(32).fill(8)],
  ['no network key', undefined],
] as const) {
  test(`${what} fails the handshake; dialler and listener say so, no key in it`, async (t) => {
    const [a, b] = await openPair(t, { networkKey: KEY });
    const stranger = await openNode(t, { networkKey, peers: [a.address] });
    await until(() => stranger.refusals.length > 0 && a.lines.some((line) => /Key/.test(line)));
    const [refusal] = stranger.refusals;
    t.is(refusal?.error.name, 'NetworkKeyError');
    t.is(refusal?.configured, a.address);
    const message = refusal?.error.message ?? '';
    t.regex(message, /network key differs, or no isogloss node is there/);
    const said = a.lines.filter((line) => /NetworkKeyError/.test(line));
    t.deepEqual(said.length, 1);
    t.regex(said[0] ?? '', /127\.0\.0\.1/);
    t.notRegex(message + said.join(), /0707|0808/);
    await checkUnharmed(t, a, b);
  });
}

test('without a network key only loopback is listened on', async (t) => {
  const identity = await createIdentity();
  const log = { info: () => {}, warn: () => {} };
  const open = (listen: string) =>
    openNetwork({ identity, listen: [listen], peers: [], hello: HELLO, log });
  await t.throwsAsync(open('/ip4/0.0.0.0/tcp/0'), { name: 'ListenWithoutKeyError' });
  await t.throwsAsync(open('/ip6/::/tcp/0'), { name: 'ListenWithoutKeyError' });
  await t.throwsAsync(open('4710'), { name: 'AddressError', message: /4710 is no address/ });
  await t.throwsAsync(open('/ip4/127.0.0.1/udp/1'), { name: 'AddressError' });
});

test('a port in use is named', async (t) => {
  const a = await openNode(t);
  const address = a.address.replace(/\/p2p\/.*/, '');
  const error = await t.throwsAsync(openNode(t, { listen: [address] }), { name: 'PortInUseError' });
  t.true(error?.message.startsWith(`${address} is in use`), error?.message);
});

test('an address where nobody listens is waited for, with the reason', async (t) => {
  const gone = await freeAddress();
  const a = await openNode(t, { peers: [gone] });
  await until(() => a.lines.some((line) => /waiting for/.test(line)));
  t.true(a.lines.some((line) => line.includes(gone) && /refused/.test(line)));
  t.deepEqual(a.refusals, []);
});
