/** What a node tells its peers of where it is reached, in place of where it listens. */
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { AddressError } from '../../node/net/index.ts';
import { openNode, until } from './helpers.ts';

/** Peers tell each other of the rest at once. */
const SETTLE_MS = 300;
const OUTSIDE = '/ip4/203.0.113.7/tcp/4710';

test('a node that announces an address is known to its peers by that one', async (t) => {
  const a = await openNode(t, { announce: [OUTSIDE] });
  const b = await openNode(t, { peers: [a.address] });
  await until(() => b.network.peers().length === 1);
  t.deepEqual(b.network.peers()[0]?.addresses, [OUTSIDE]);
  t.not(a.network.addresses()[0], OUTSIDE, 'it listens elsewhere');
});

test('a node that announces nothing is dialled only by those who know its address', async (t) => {
  const hidden = await openNode(t, { announce: [] });
  const b = await openNode(t, { peers: [hidden.address] });
  await until(() => b.network.peers().length === 1);
  const c = await openNode(t, { peers: [b.address], announce: [] });
  await until(() => c.network.peers().length === 1);
  await delay(SETTLE_MS);
  t.deepEqual(
    c.network.peers().map(({ peerId }) => peerId),
    [b.network.peerId],
    'nobody could tell it of the hidden one',
  );
});

test('an address to be announced that is none is refused', async (t) => {
  await t.throwsAsync(openNode(t, { announce: ['somewhere'] }), { instanceOf: AddressError });
});
