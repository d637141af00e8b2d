/** A node that takes nobody's word: what it begins with when its own disk is wrong. */
import test from 'ava';
import { hashOf, nextRoot, valueHash } from '../../protocol/hashes.ts';
import { ALL, begun, ROOT, VALUE } from './one-actor.ts';

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
