/** What comes of a node's own disk: when it is wrong, or comes too late to be of use. */
import test from 'ava';
import { hashOf, nextRoot, valueHash } from '../../protocol/hashes.ts';
import { ALL, begun, bits, digestOf, ROOT, VALUE } from './one-actor.ts';

const loads = (effects: readonly { readonly kind: string }[]) =>
  effects.filter(({ kind }) => kind === 'load');

test('a checkpoint that holds something else than its root says is read once', (t) => {
  const values = ALL.map(() => VALUE);
  const root = nextRoot(ROOT, values.map(valueHash));
  const disk = [2, 1].map((step) => ({ step, root, previousRoot: ROOT, buckets: ALL }));
  const audit = { rate: 1, secret: 'of its own' };
  const { send, effects } = begun({ audit }, ['kestrel'], disk);
  t.deepEqual(loads(effects), [{ kind: 'load', step: 2 }]);

  const rotten = values.map((value, i) => (i === 1 ? { ...value, optimizer: hashOf('r') } : value));
  const read = (step: number) =>
    send({ kind: 'loaded', loaded: { step, root, previousRoot: ROOT, values: rotten } });
  t.deepEqual(loads(read(2)), [{ kind: 'load', step: 1 }], 'an older one');
  t.deepEqual(loads(read(1)), [{ kind: 'load', step: 0 }], 'and then the base');
});

test('what was read for a step that was left since is let go of', (t) => {
  const values = ALL.map(() => VALUE);
  const root = nextRoot(ROOT, values.map(valueHash));
  const disk = [{ step: 2, root, previousRoot: ROOT, buckets: ALL }];
  const { send, hear, effects } = begun({}, ['kestrel', 'merlin'], disk);
  hear(digestOf({ step: 2, root, previousRoot: ROOT, complete: true, has: bits() }));
  t.deepEqual(loads(effects), [{ kind: 'load', step: 2 }]);

  const dropped = send({ kind: 'loaded', loaded: { step: 1, root, previousRoot: ROOT, values } });
  const keys = dropped.flatMap((effect) => (effect.kind === 'drop' ? effect.keys : []));
  t.deepEqual(keys.slice(0, 2), ['value 1 0', 'value 1 1']);
  t.is(keys.length, 2 * ALL.length, 'with the states of their aggregators');
  const read = send({ kind: 'loaded', loaded: { step: 2, root, previousRoot: ROOT, values } });
  t.false(
    read.some((effect) => effect.kind === 'drop'),
    'what it heads for stays',
  );
});
