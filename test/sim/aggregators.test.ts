/** Every method by name, alone and together: the oracle's bits, with what it remembers. */
import test from 'ava';
import { aggregators } from '../../node/resolve/index.ts';
import type { GroupBy } from '../../protocol/buckets.ts';
import { type ClusterCheckpoint, runOracle } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const ROUGH = { delayMsMax: 300, duplicate: 0.2, loss: 0 };

/** A step in which a language has no token: methods that remember keep what they know of it. */
const EMPTY = new Set(['1.0.0', '2.1.0', '2.1.1']);

/** Options that tell a method from its neighbours in a short run; left out: its defaults. */
const OPTIONS: Readonly<Record<string, object>> = {
  'mgda-capped': { cap: 0.4 },
  fairgrad: { alpha: 2 },
  psmgd: { every: 2 },
  'cr-mogm': { of: 'upgrad', momentum: 0.5 },
  // A step that is felt in gradients as short as these.
  modo: { gamma: 1 },
};

const runOf = (name: string, groups: GroupBy): TinyRun => ({
  seed: 11,
  steps: 4,
  units: [1, 2, 2],
  aggregator: { name, ...OPTIONS[name] },
  groups,
  codec: 'f32',
  clipNorm: null,
  empty: EMPTY,
});

async function rootsOf(run: TinyRun): Promise<string[]> {
  const { steps } = await runOracle(oracleRun(run));
  return steps.map(({ root }) => root);
}

for (const { name } of aggregators) {
  for (const nodes of [1, 3]) {
    test(`${nodes} nodes end in the oracle's bits: ${name}`, async (t) => {
      for (const groups of ['bucket', 'model'] as const) {
        const run = runOf(name, groups);
        const roots = await rootsOf(run);
        const cluster = clusterOf(run, nodes, ROUGH);
        t.true(cluster.runToEnd(), cluster.failures.join('; '));
        t.deepEqual(cluster.failures, []);
        for (const node of cluster.nodes) t.deepEqual(node.roots, roots, `${groups}, ${node.id}`);
      }
    });
  }
}

const remembering = aggregators.filter(({ name, schema, stateLength }) => {
  return stateLength(3, schema.parse({ ...OPTIONS[name] })) > 0;
});

test('some methods remember', (t) => {
  t.deepEqual(
    remembering.map(({ name }) => name),
    ['gradvac', 'sdmgrad', 'modo', 'cr-mogm', 'psmgd'],
  );
});

for (const { name } of remembering) {
  test(`a stop, and on from the disks with other nodes: ${name}`, async (t) => {
    const run = runOf(name, 'bucket');
    const roots = await rootsOf(run);
    for (const step of [1, 2]) {
      const before = clusterOf(run, 3, ROUGH);
      before.runUntil(() => before.node('node-0').roots.length > step);
      before.stop('node-0');
      before.runToEnd();
      const parts = before.nodes.map(({ disk }) => disk.get(Math.max(...disk.keys()))!);
      const buckets = new Map(parts.flatMap((part) => [...part.buckets]));
      const checkpoint: ClusterCheckpoint = { ...parts[0]!, buckets };
      const on = clusterOf(run, 2, ROUGH, { resume: () => checkpoint });
      t.true(on.runToEnd(), on.failures.join('; '));
      for (const node of on.nodes) {
        t.deepEqual(node.roots.slice(checkpoint.step), roots.slice(checkpoint.step));
      }
    }
  });
}

test("layers, and groups of any buckets, end in the oracle's bits", async (t) => {
  const { layout } = oracleRun(runOf('mgda', 'bucket'));
  const indices = layout.buckets.map(({ index }) => index);
  const list = [
    indices.filter((b) => b % 2 === 0),
    ...indices.flatMap((b) => (b % 2 ? [[b]] : [])),
  ];
  const ends = new Set<string>();
  for (const groups of ['bucket', 'layer', 'model', list] as const) {
    for (const name of ['mgda', 'gradvac', 'psmgd']) {
      const run = runOf(name, groups);
      const roots = await rootsOf(run);
      ends.add(roots.at(-1)!);
      const cluster = clusterOf(run, 3, ROUGH);
      t.true(cluster.runToEnd(), cluster.failures.join('; '));
      for (const node of cluster.nodes) t.deepEqual(node.roots, roots, `${name}, ${node.id}`);
    }
  }
  t.is(ends.size, 12, 'and each is a run of its own');
});

test('what a config prefers counts, on any number of nodes', async (t) => {
  for (const { name, usesPreference } of aggregators) {
    if (usesPreference !== true) continue;
    const plain = runOf(name, 'bucket');
    const aggregator = { name, ...OPTIONS[name], preference: [5, 1, 0.5] };
    // Of those that wrap another method the wrapped one has to look.
    const run = {
      ...plain,
      aggregator: name === 'psmgd' ? { ...aggregator, of: 'upgrad' } : aggregator,
    };
    const roots = await rootsOf(run);
    t.not(roots.at(-1), (await rootsOf(plain)).at(-1), name);
    for (const nodes of [1, 3]) {
      const cluster = clusterOf(run, nodes, ROUGH);
      t.true(cluster.runToEnd(), cluster.failures.join('; '));
      for (const node of cluster.nodes) t.deepEqual(node.roots, roots, `${name}, ${node.id}`);
    }
  }
});

test('methods differ from mean, and from each other, in what a run becomes', async (t) => {
  const ends = new Map<string, string>();
  for (const { name } of aggregators) {
    const roots = await rootsOf({ ...runOf(name, 'bucket'), empty: new Set() });
    ends.set(name, roots.at(-1)!);
  }
  // Without a preference constant is the mean.
  t.is(ends.get('constant'), ends.get('mean'));
  ends.delete('constant');
  const names = [...ends.keys()];
  const same = names.filter((name, i) =>
    names.some((n, j) => j < i && ends.get(n) === ends.get(name)),
  );
  t.deepEqual(same, []);
});
