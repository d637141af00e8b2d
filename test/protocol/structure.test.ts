/** Buckets, tree, placement, canonical form and messages. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { areSame, hasBucket, meets, packBuckets } from '../../protocol/bucket-set.ts';
import { layoutBuckets, type ParameterSpec } from '../../protocol/buckets.ts';
import { canonicalJson } from '../../protocol/canonical.ts';
import { ManifestError, parseManifest } from '../../protocol/manifest.ts';
import {
  MessageError,
  packTriangle,
  parseMessage,
  unpackTriangle,
} from '../../protocol/messages.ts';
import { place } from '../../protocol/placement.ts';
import { cover, isCanonical, lift, parent, sibling, topPlace } from '../../protocol/tree.ts';

test('buckets cover the parameters in order, span no two layers and cut by whole rows', (t) => {
  const parameters: ParameterSpec[] = [
    { name: 'a.weight', shape: [10, 6], layer: 'a' },
    { name: 'b.bias', shape: [3], layer: 'b' },
    { name: 'b.weight', shape: [3, 4], layer: 'b' },
    { name: 'c.weight', shape: [2, 100], layer: 'c' },
  ];
  const { buckets, totalLength } = layoutBuckets(parameters, 4 * 20);
  t.is(totalLength, 60 + 3 + 12 + 200);
  t.deepEqual(
    buckets.map(({ start, length, layer }) => [start, length, layer]),
    [
      [0, 12, 'a'],
      [12, 18, 'a'],
      [30, 12, 'a'],
      [42, 18, 'a'],
      [60, 15, 'b'],
      [75, 100, 'c'],
      [175, 100, 'c'],
    ],
  );
});

testProp(
  'a cover holds every unit once, in canonical places',
  [fc.integer({ min: 1, max: 40 }), fc.nat(40), fc.nat(40)],
  (t, units, a, b) => {
    const [first, last] = [Math.min(a, b) % units, Math.max(a, b) % (units + 1)];
    const places = cover(Math.min(first, last), Math.max(first, last), units);
    const covered = places.flatMap(({ level, index }) => {
      const end = Math.min((index + 1) * 2 ** level, units);
      return Array.from({ length: end - index * 2 ** level }, (_, i) => index * 2 ** level + i);
    });
    const [from, to] = [Math.min(first, last), Math.max(first, last)];
    t.deepEqual(
      covered,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
    t.true(places.every((p) => isCanonical(p, units)));
  },
);

test('a canonical place below the top has a canonical sibling and a parent to lift to', (t) => {
  for (let units = 1; units <= 33; units++) {
    const top = topPlace(units);
    for (let level = 0; level <= top.level; level++) {
      for (let index = 0; index * 2 ** level < units; index++) {
        const here = { level, index };
        if (!isCanonical(here, units) || level === top.level) continue;
        t.true(isCanonical(sibling(here, units), units));
        t.true(isCanonical(lift(parent(here), units), units));
      }
    }
  }
});

testProp(
  'no node exceeds its share by more than one bucket or one unit',
  [
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 9 }),
    fc.integer({ min: 1, max: 60 }),
    fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 1, max: 12 }),
  ],
  (t, capacities, buckets, unitsByLanguage, redundancy) => {
    const members = capacities.map((capacity, i) => ({ id: `node-${i}`, capacity }));
    const work = { runId: 'r', buckets, unitsByLanguage, redundancy };
    const { holders, workers } = place(members, work);
    const owners = holders.map(([owner]) => owner);
    const all = capacities.reduce((a, b) => a + b);
    const units = unitsByLanguage.reduce((a, b) => a + b);
    for (const { id, capacity } of members) {
      t.true(Math.abs(owners.filter((o) => o === id).length - (buckets * capacity) / all) < 1);
      t.true(
        Math.abs(workers.flat().filter((w) => w === id).length - (units * capacity) / all) < 1,
      );
    }
    t.deepEqual(
      workers.map(({ length }) => length),
      unitsByLanguage,
    );
  },
);

testProp(
  'each bucket has as many different holders as were asked for, or all nodes',
  [
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 9 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 12 }),
  ],
  (t, capacities, buckets, redundancy) => {
    const members = capacities.map((capacity, i) => ({ id: `node-${i}`, capacity }));
    const ids = members.map(({ id }) => id);
    const { holders } = place(members, { runId: 'r', buckets, unitsByLanguage: [1], redundancy });
    t.is(holders.length, buckets);
    for (const nodes of holders) {
      t.is(nodes.length, Math.min(redundancy, members.length));
      t.is(new Set(nodes).size, nodes.length);
      t.true(nodes.every((id) => ids.includes(id)));
    }
  },
);

testProp(
  'how many nodes are to hold a bucket moves neither owners nor units',
  [fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 12 })],
  (t, nodes, redundancy) => {
    const members = Array.from({ length: nodes }, (_, i) => ({ id: `node-${i}`, capacity: 1 }));
    const work = { runId: 'r', buckets: 30, unitsByLanguage: [3, 5] };
    const alone = place(members, { ...work, redundancy: 1 });
    const backed = place(members, { ...work, redundancy });
    t.deepEqual(
      backed.holders.map(([owner]) => [owner]),
      alone.holders,
    );
    t.deepEqual(backed.workers, alone.workers);
  },
);

test('backups are spread as evenly as owners, and who gives the nodes does not matter', (t) => {
  const members = Array.from({ length: 5 }, (_, i) => ({ id: `node-${i}`, capacity: 1 }));
  const work = { runId: 'r', buckets: 50, unitsByLanguage: [4], redundancy: 3 };
  const { holders } = place(members, work);
  for (const { id } of members) {
    const backed = holders.filter(([, ...backups]) => backups.includes(id)).length;
    t.true(Math.abs(backed - 20) <= 2, `${id} backs ${backed} of 100`);
  }
  t.deepEqual(place(members.toReversed(), work), place(members, work));
});

test('units of one language sit together', (t) => {
  const members = Array.from({ length: 4 }, (_, i) => ({ id: `node-${i}`, capacity: 1 }));
  const { workers } = place(members, {
    runId: 'r',
    buckets: 9,
    unitsByLanguage: [3, 3, 3, 3, 3, 3],
    redundancy: 2,
  });
  for (const { id } of members) t.true(workers.filter((row) => row.includes(id)).length <= 2, id);
});

testProp(
  'a set of buckets survives its bits, and holds nothing else',
  [fc.uniqueArray(fc.nat(99)), fc.integer({ min: 1, max: 100 })],
  (t, drawn, bucketCount) => {
    const buckets = drawn.filter((bucket) => bucket < bucketCount);
    const bits = packBuckets(buckets, bucketCount);
    t.is(bits.length, Math.ceil(bucketCount / 8));
    for (let bucket = 0; bucket < bucketCount + 20; bucket++) {
      t.is(hasBucket(bits, bucket), buckets.includes(bucket));
    }
  },
);

test('sets of buckets meet where they have one in common, and are equal by what they hold', (t) => {
  const [few, more, none] = [[3, 9], [4, 9, 10], []].map((buckets) => packBuckets(buckets, 11));
  t.true(meets(few!, more!));
  t.false(meets(few!, packBuckets([4, 10], 11)));
  t.false(meets(few!, none!));
  t.true(areSame(few!, packBuckets([9, 3], 11)));
  t.false(areSame(few!, more!));
  t.false(areSame(none!, packBuckets([], 8)), 'of a run with fewer buckets');
});

test('canonical JSON sorts keys by code unit and writes no white space', (t) => {
  t.is(
    canonicalJson({ b: [1, 1e21, 0.1], a: { é: null, z: 'x\n' } }),
    '{"a":{"z":"x\\n","é":null},"b":[1,1e+21,0.1]}',
  );
});

test('what is no message is refused, and the field is named', (t) => {
  const root = '0'.repeat(64);
  const want = {
    kind: 'want',
    step: 1,
    root,
    names: [{ kind: 'norm', step: 1, bucket: 0 }],
    compute: false,
  };
  t.deepEqual(parseMessage(want), want as never);
  t.throws(() => parseMessage({ ...want, step: -1 }), {
    instanceOf: MessageError,
    message: /"want" field step/,
  });
  t.throws(() => parseMessage({ ...want, more: 1 }), { instanceOf: MessageError });
  for (const value of [null, 3, 'want', [], {}, { kind: 'hello' }]) {
    t.throws(() => parseMessage(value), { instanceOf: MessageError });
  }
});

test('what is no manifest is refused, and the key is named', (t) => {
  t.throws(() => parseManifest({ format: 2 }, 'run.json'), {
    instanceOf: ManifestError,
    message: /^run.json: format/,
  });
});

test('a symmetric matrix survives its packed form', (t) => {
  const gram = Float64Array.of(1, 2, 3, 2, 4, 5, 3, 5, 6);
  t.deepEqual(unpackTriangle(packTriangle(gram, 3), 3), gram);
});
