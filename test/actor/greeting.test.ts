/** Greetings: whoever connects hears where this node stands, among many all in the same words. */
import test from 'ava';
import type { Effect } from '../../node/actor/index.ts';
import { begun } from './one-actor.ts';

const MANY = ['kestrel', ...Array.from({ length: 40 }, (_, i) => `n${i}`)];

const digests = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === 'digest' ? [effect] : [],
  );

test('among few each who connects is told', (t) => {
  const { send } = begun();
  t.deepEqual(
    digests(send({ kind: 'peerUp', peer: 'merlin' })).map(({ to }) => to),
    [['merlin']],
  );
});

test('among many all who connect hear one word, until there is another', (t) => {
  const { send } = begun({}, MANY);
  const [one, two] = ['n0', 'n1'].map((peer) => digests(send({ kind: 'peerUp', peer })));
  t.deepEqual(
    [...one!, ...two!].map(({ to }) => to),
    [['n0'], ['n1']],
  );
  t.is(one![0]!.message, two![0]!.message, 'the same message, so that it is packed once');
  send({ kind: 'timer', timer: 'heartbeat' });
  const [late] = digests(send({ kind: 'peerUp', peer: 'n2' }));
  t.not(late!.message, one![0]!.message);
});
