/** Which buckets share weights: kinds, lists, the refined partition, and what a stall changes. */
import test from 'ava';
import fc from 'fast-check';
import {
  gramOfRows,
  groupsAfterStall,
  refinedGroups,
  residualsOf,
  resolve,
} from '../../node/resolve/index.ts';
import { layoutBuckets, resolutionGroups } from '../../protocol/buckets.ts';
import { createStream } from '../../protocol/random.ts';

/** Masks by bucket from rows by language, as the field writes dependency matrices. */
const masksOf = (rows: readonly string[]) =>
  Array.from(rows[0]!, (_, bucket) => Uint8Array.from(rows, (row) => Number(row[bucket])));

test('the vectors of the refined partition', (t) => {
  const vectors: [string[], number[][]][] = [
    [
      ['110', '011'],
      [[0], [1], [2]],
    ],
    [['11', '11'], [[0, 1]]],
    [['101', '110', '011'], [[0, 1, 2]]],
    [
      ['110', '101'],
      [[0], [1], [2]],
    ],
    [
      ['1110', '1101'],
      [[0, 1], [2], [3]],
    ],
    [['1'], [[0]]],
    [['000'], [[0], [1], [2]]],
  ];
  for (const [rows, groups] of vectors) t.deepEqual(refinedGroups(masksOf(rows)), groups);
  t.deepEqual(refinedGroups([]), []);
});

test('cycles that meet in a language alone stay apart', (t) => {
  // f2 is on two cycles: with f1 over buckets 0 and 1, with f3 over buckets 2 and 3.
  t.deepEqual(refinedGroups(masksOf(['1100', '1111', '0011'])), [
    [0, 1],
    [2, 3],
  ]);
});

/** The rule as published: find a cycle of languages and blocks, merge its blocks, again. */
function byCycles(masks: readonly Uint8Array[]): number[][] {
  const languages = masks[0]!.length;
  let blocks = masks.map((mask, bucket) => ({ buckets: [bucket], mask: [...mask] }));
  for (;;) {
    const cycle = cycleOf(
      blocks.map(({ mask }) => mask),
      languages,
    );
    if (cycle === null) break;
    const on = blocks.filter((_, b) => cycle.has(b));
    const merged = {
      buckets: on.flatMap(({ buckets }) => buckets).toSorted((a, b) => a - b),
      mask: on[0]!.mask.map((_, l) => (on.some(({ mask }) => mask[l] === 1) ? 1 : 0)),
    };
    blocks = [...blocks.filter((_, b) => !cycle.has(b)), merged];
  }
  return blocks.map(({ buckets }) => buckets).toSorted((a, b) => a[0]! - b[0]!);
}

/** The blocks on some cycle, or null: edges one by one, the path between their ends if any. */
function cycleOf(masks: readonly number[][], languages: number): Set<number> | null {
  const edges = new Map<number, number[]>();
  const add = (a: number, b: number) => edges.set(a, [...(edges.get(a) ?? []), b]);
  for (const [block, mask] of masks.entries()) {
    for (let l = 0; l < languages; l++) {
      if (mask[l] !== 1) continue;
      const [from, to] = [block, masks.length + l];
      const path = pathBetween(from, to, edges);
      if (path !== null) return new Set(path.filter((node) => node < masks.length));
      add(from, to);
      add(to, from);
    }
  }
  return null;
}

function pathBetween(from: number, to: number, edges: Map<number, number[]>): number[] | null {
  const before = new Map<number, number>([[from, -1]]);
  const queue = [from];
  for (const node of queue) {
    for (const next of edges.get(node) ?? []) {
      if (before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  }
  if (!before.has(to)) return null;
  const path = [];
  for (let node = to; node !== -1; node = before.get(node)!) path.push(node);
  return path;
}

test('one pass finds what merging cycle after cycle does', (t) => {
  const masks = fc
    .record({
      languages: fc.integer({ min: 1, max: 6 }),
      buckets: fc.integer({ min: 1, max: 10 }),
      density: fc.integer({ min: 1, max: 7 }),
      seed: fc.nat(1e6),
    })
    .map(({ languages, buckets, density, seed }) => {
      const random = createStream('masks', languages, buckets, density, seed);
      return Array.from({ length: buckets }, () =>
        Uint8Array.from({ length: languages }, () => (random.nextBelow(10) < density ? 1 : 0)),
      );
    });
  fc.assert(
    fc.property(masks, (drawn) => {
      t.deepEqual(refinedGroups(drawn), byCycles(drawn));
    }),
    { seed: 20260605, numRuns: 500 },
  );
});

test('a million pairs of language and bucket take no noticeable time', (t) => {
  const random = createStream('wide');
  // A chain, so deep that a recursive search would leave the stack.
  const chain = Array.from({ length: 20_000 }, (_, b) =>
    Uint8Array.from({ length: 50 }, (_, l) => (l === b % 50 || l === (b + 1) % 50 ? 1 : 0)),
  );
  t.is(refinedGroups(chain).length, 1);
  const sparse = Array.from({ length: 20_000 }, () => {
    const mask = new Uint8Array(50);
    mask[random.nextBelow(50)] = 1;
    return mask;
  });
  t.is(refinedGroups(sparse).length, 20_000);
});

const layout = layoutBuckets(
  [
    { name: 'a', shape: [8], layer: 'a' },
    { name: 'b', shape: [4, 4], layer: 'b' },
    { name: 'c', shape: [4], layer: 'c' },
  ],
  32,
);

test('kinds of groups, and lists of every bucket', (t) => {
  t.deepEqual(resolutionGroups(layout, 'bucket'), [[0], [1], [2], [3]]);
  t.deepEqual(resolutionGroups(layout, 'layer'), [[0], [1, 2], [3]]);
  t.deepEqual(resolutionGroups(layout, 'model'), [[0, 1, 2, 3]]);
  t.deepEqual(resolutionGroups(layout, [[3, 1], [2], [0]]), [[0], [1, 3], [2]]);
  for (const wrong of [
    [[0, 1]],
    [[0, 1, 2, 3, 4]],
    [
      [0, 1, 1],
      [2, 3],
    ],
    [[0, 1, 2, 3], []],
  ]) {
    t.throws(() => resolutionGroups(layout, wrong), { message: /name each bucket once/ });
  }
});

const full = Uint8Array.of(1, 1);
const first = { buckets: [0], gram: Float64Array.of(1, -3, -3, 9), mask: full };
const second = { buckets: [1], gram: Float64Array.of(9, -3, -3, 1), mask: full };
const third = { buckets: [2], gram: new Float64Array(4), mask: full };

test('a stalled step is reported, coarsened or taken as a whole', (t) => {
  const groups = [first, second, third];
  t.true(residualsOf(groups).stalledByPartition);
  t.is(groupsAfterStall('report', groups), groups);
  const whole = groupsAfterStall('global', groups);
  t.deepEqual(
    whole.map(({ buckets }) => buckets),
    [[0, 1, 2]],
  );
  t.deepEqual(whole[0]!.gram, Float64Array.of(10, -6, -6, 10));
  const coarser = groupsAfterStall('merge', groups);
  t.deepEqual(
    coarser.map(({ buckets }) => buckets),
    [[0, 1], [2]],
  );
  t.false(residualsOf(coarser).stalledByPartition);
  const { weights, certificate } = resolve(coarser[0]!.gram, {
    aggregator: 'mgda',
    normalize: 'none',
  });
  t.deepEqual([...weights], [0.5, 0.5]);
  t.is(certificate.squaredNorm, 2, 'and now it moves');
});

test('neighbours are joined again where two are not enough', (t) => {
  const split = (gram: Float64Array) => gram.map((entry) => entry / 2);
  const quarters = [first, first, second, second].map(({ gram }, bucket) => {
    return { buckets: [bucket], gram: split(gram), mask: full };
  });
  const coarser = groupsAfterStall('merge', quarters);
  t.deepEqual(
    coarser.map(({ buckets }) => buckets),
    [[0, 1, 2, 3]],
  );
});

test('a step that moves keeps its groups', (t) => {
  const moving = {
    buckets: [0],
    gram: gramOfRows([Float32Array.of(1, 2)]),
    mask: Uint8Array.of(1),
  };
  for (const policy of ['merge', 'global'] as const) {
    t.deepEqual(groupsAfterStall(policy, [moving]), [moving]);
  }
  const stationary = { ...first, gram: Float64Array.of(1, -1, -1, 1) };
  const both = [stationary, { ...stationary, buckets: [1] }];
  t.is(groupsAfterStall('merge', both), both, 'where the whole stands still nothing is stalled');
});

test('a policy that there is not is refused', (t) => {
  t.throws(() => groupsAfterStall('Merge' as 'merge', []), {
    name: 'AggregatorError',
    message: 'there is no policy "Merge"; use one of report, merge, global. Did you mean "merge"?',
  });
});
