/** Stopped at any step and gone on from what the disks hold: the bits of the run without a stop. */
import test from 'ava';
import { type Cluster, type ClusterCheckpoint, runOracle } from '../../sim/index.ts';
import { clusterOf, oracleRun, type TinyRun } from './helpers.ts';

const ROUGH = { delayMsMax: 300, duplicate: 0.2, loss: 0.05 };
const STEPS = 4;

const RUNS: readonly TinyRun[] = [
  {
    seed: 11,
    steps: STEPS,
    units: [1, 3, 5],
    aggregator: 'mgda',
    groups: 'bucket',
    codec: 'f32',
    clipNorm: null,
  },
  {
    seed: 12,
    steps: STEPS,
    units: [2, 1],
    aggregator: 'stateful',
    groups: 'model',
    codec: 'bf16',
    clipNorm: 0.2,
  },
];

/** Runs until one node's user asks for the end at `step`; gives where the disks stand. */
function stopAt(run: TinyRun, nodes: number, step: number): Cluster {
  const cluster = clusterOf(run, nodes, ROUGH);
  cluster.runUntil(() => cluster.node('node-0').roots.length > step);
  cluster.stop('node-0');
  cluster.runToEnd();
  return cluster;
}

/** What all disks hold together, as if a launcher had assembled it. */
function assembled(cluster: Cluster): ClusterCheckpoint {
  const parts = cluster.nodes.map(({ checkpoint }) => checkpoint!);
  const buckets = new Map(parts.flatMap((part) => [...part.buckets]));
  return { ...parts[0]!, buckets };
}

async function rootsOf(run: TinyRun): Promise<string[]> {
  const { steps } = await runOracle(oracleRun(run));
  return steps.map(({ root }) => root);
}

for (const run of RUNS) {
  const name = `${run.aggregator}, ${run.groups}, ${run.codec}`;

  test(`a stop at any step, and on with any number of nodes: ${name}`, async (t) => {
    const roots = await rootsOf(run);
    for (let step = 0; step < STEPS; step++) {
      const checkpoint = assembled(stopAt(run, 3, step));
      t.true(checkpoint.step >= step && checkpoint.root === roots[checkpoint.step]);
      for (const nodes of [1, 2, 5]) {
        const on = clusterOf(run, nodes, ROUGH, { resume: () => checkpoint });
        t.true(on.runToEnd(), on.failures.join());
        for (const node of on.nodes) {
          t.deepEqual(node.roots.slice(checkpoint.step), roots.slice(checkpoint.step));
        }
      }
    }
  });

  test(`a stop at any step, and on with each node's own part alone: ${name}`, async (t) => {
    const roots = await rootsOf(run);
    for (let step = 1; step < STEPS; step++) {
      const before = stopAt(run, 3, step);
      const { step: from } = before.node('node-0').checkpoint!;
      const resume = (id: string) => before.node(id).checkpoint!;
      const on = clusterOf(run, 3, ROUGH, { resume });
      t.true(on.runToEnd(), on.failures.join());
      for (const node of on.nodes) t.deepEqual(node.roots.slice(from), roots.slice(from));
    }
  });
}

test('parts of checkpoints of two runs are no step, and the nodes say so', (t) => {
  const [run] = RUNS as [TinyRun];
  const first = stopAt(run, 2, 2);
  const other = stopAt({ ...run, seed: run.seed + 1 }, 2, 2);
  const resume = (id: string) => (id === 'node-0' ? first : other).node(id).checkpoint!;
  const on = clusterOf(run, 2, ROUGH, { resume });
  t.false(on.runToEnd());
  t.true(on.failures.length > 0 || on.nodes.every(({ roots }) => roots.length === 0));
});
