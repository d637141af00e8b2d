/** The refined partition: vectors of the field, and the merging of cycles that it stands for. */
import test from 'ava';
import fc from 'fast-check';
import { refinedPartition } from '../../node/resolve/index.ts';

/** By objective: the variables that it depends on; turned into one mask a variable. */
const masksOf = (dependencies: readonly (readonly number[])[]) =>
  dependencies[0]!.map((_, variable) => dependencies.map((row) => row[variable]!));

test('what lies on a cycle is merged, and nothing else', (t) => {
  const cases = {
    chain: [
      [1, 1, 0],
      [0, 1, 1],
    ],
    dense: [
      [1, 1],
      [1, 1],
    ],
    loop: [
      [1, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
    ],
    'shared and private': [
      [1, 1, 0],
      [1, 0, 1],
    ],
    'two shared, two private': [
      [1, 1, 1, 0],
      [1, 1, 0, 1],
    ],
    'cycles that meet in an objective': [
      [1, 1, 1, 1],
      [1, 1, 0, 0],
      [0, 0, 1, 1],
    ],
    unused: [
      [1, 0],
      [1, 0],
    ],
  };
  const blocks = Object.entries(cases).map(([name, dependencies]) => [
    name,
    refinedPartition(masksOf(dependencies)),
  ]);
  t.deepEqual(Object.fromEntries(blocks), {
    chain: [[0], [1], [2]],
    dense: [[0, 1]],
    loop: [[0, 1, 2]],
    'shared and private': [[0], [1], [2]],
    'two shared, two private': [[0, 1], [2], [3]],
    'cycles that meet in an objective': [
      [0, 1],
      [2, 3],
    ],
    unused: [[0], [1]],
  });
  t.deepEqual(refinedPartition([]), []);
});

/** As the paper has it: while there is a cycle, its variables become one block. */
function byMergingCycles(masks: readonly number[][]): number[][] {
  let blocks = masks.map((_, variable) => [variable]);
  for (;;) {
    const cycle = cycleOf(blocks.map((block) => unionOf(block.map((j) => masks[j]!))));
    if (cycle === null) return blocks.sort((a, b) => a[0]! - b[0]!);
    const merged = blocks.filter((_, k) => cycle.has(k)).flat();
    blocks = [...blocks.filter((_, k) => !cycle.has(k)), merged.sort((a, b) => a - b)];
  }
}

const unionOf = (masks: readonly number[][]) =>
  masks[0]!.map((_, i) => (masks.some((mask) => mask[i] === 1) ? 1 : 0));

/** Blocks on some cycle of the graph of blocks and objectives. */
function cycleOf(unions: readonly number[][]): Set<number> | null {
  const walk = (path: readonly string[]): readonly string[] | null => {
    const [kind, at] = [path.at(-1)![0]!, Number(path.at(-1)!.slice(1))];
    const row = kind === 'b' ? unions[at]! : unions.map((union) => union[at]!);
    for (const [to, bit] of row.entries()) {
      const name = `${kind === 'b' ? 'f' : 'b'}${to}`;
      if (bit !== 1 || name === path.at(-2)) continue;
      if (path.includes(name)) return path.slice(path.indexOf(name));
      const found = walk([...path, name]);
      if (found !== null) return found;
    }
    return null;
  };
  for (const [block] of unions.entries()) {
    const cycle = walk([`b${block}`]);
    if (cycle === null) continue;
    return new Set(cycle.filter((name) => name[0] === 'b').map((name) => Number(name.slice(1))));
  }
  return null;
}

test('one pass gives what merging cycles one by one gives', (t) => {
  const graphs = fc
    .record({
      objectives: fc.integer({ min: 1, max: 6 }),
      variables: fc.integer({ min: 1, max: 8 }),
      percent: fc.integer({ min: 5, max: 60 }),
      draws: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 48, maxLength: 48 }),
    })
    .map(({ objectives, variables, percent, draws }) =>
      Array.from({ length: variables }, (_, j) =>
        Array.from({ length: objectives }, (_, i) => (draws[j * 6 + i]! < percent ? 1 : 0)),
      ),
    );
  fc.assert(
    fc.property(graphs, (masks) => {
      t.deepEqual(refinedPartition(masks), byMergingCycles(masks));
    }),
    { numRuns: 500 },
  );
});

test('a long chain of many buckets is no matter of recursion', (t) => {
  const masks = Array.from({ length: 20_000 }, (_, j) =>
    Uint8Array.from({ length: 16 }, (_, i) => (i === j % 16 ? 1 : 0)),
  );
  t.is(refinedPartition(masks).length, 20_000);
});
